"""A witness that is killed again and again never cosigns two histories, and never goes back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen

from ledger.client.pins import Pin
from ledger.client.web import Answer, WebClient
from ledger.errors import UnavailableError
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.note import open_note
from ledger.log.notekeys import VerifierKey
from ledger.log.proofs import consistency_proof
from ledger.log.witnessing import AddCheckpoint, parse_size
from ledger.signing.keyfiles import write_private_key
from ledger.store.witnessstate import WitnessState
from tests.e2e.cli_process import Home
from tests.simulator import key_of
from tests.unit.log.builders import ORIGIN, checkpoint_of, signer_of, tree_of

LIVES_S = (0.02, 0.06)
LOG = signer_of()


@contextmanager
def witness(home: Home) -> Iterator[tuple[Popen[str], str, VerifierKey]]:
    """A witness in a process, killed at the end; gives where it is asked and its key."""
    process = home.start(
        *("witness", "--state", "state", "--key", "w.pem", "--name", "w.example/1"),
        *("--log", "pin.json", "--listen", "127.0.0.1:0"),
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        key = VerifierKey.parse(process.stdout.readline().strip())
        said = next(line for line in process.stderr if "Witnessing" in line)
        try:
            yield process, f"http://{said.split()[-1].rstrip('.')}", key
        finally:
            process.kill()


def test_a_killed_witness_goes_on_from_the_last_cosignature_that_anybody_got(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    write_private_key(tmp_path / "w.pem", key_of("w"), passphrase=None, unencrypted=True)
    (tmp_path / "pin.json").write_text(
        Pin(ORIGIN, b"\0" * 32, (LOG.key,)).to_json(), encoding="utf-8"
    )
    got = 0
    for life_s in LIVES_S:
        with witness(home) as (process, url, key), WebClient(url) as web:
            held = WitnessState(tmp_path / "state").last(ORIGIN)
            last = held.size if held else 0
            assert last >= got
            if last:
                assert add(web, last, note_of(last, root=b"\1" * 32)).status == 409
            killing = threading.Timer(life_s, process.kill)
            with suppress(UnavailableError):
                while True:
                    note = note_of(last + 1)
                    answer = add(web, last, note)
                    if answer.status == 200:
                        open_note(note + answer.body, [key])
                        if killing.ident is None:
                            # A life begins with its first cosignature, however slow the machine.
                            killing.start()
                        got = last = last + 1
                    else:
                        # The reply was lost, and the request that was sent again came second.
                        last = parse_size(answer.body)
    assert got > 0


def note_of(size: int, root: bytes | None = None) -> bytes:
    checkpoint = Checkpoint(ORIGIN, size, root) if root else checkpoint_of(size)
    return sign_checkpoint(checkpoint, [LOG])


def add(web: WebClient, old: int, note: bytes) -> Answer:
    size = int(note.split(b"\n")[1])
    proof = tuple(consistency_proof(old, size, tree_of(size))) if old else ()
    request = AddCheckpoint(old, proof, note)
    return web.post("add-checkpoint", request.to_bytes(), bytes_max=1_000)
