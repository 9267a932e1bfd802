"""Witnessing, put together: a witness of our own, and the witnesses of a ledger.

Concrete files, sockets and clocks enter here, as in ``bootstrap``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from ledger.client.pins import Pin
from ledger.client.witnesses import RemoteWitness
from ledger.errors import SettingError
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.log.policy import POLICY_BYTES_MAX, TrustPolicy
from ledger.service.bridges import Door
from ledger.service.gathering import Gatherer
from ledger.service.progress import Progress
from ledger.service.running import run_until_signal
from ledger.service.witness import Witness, WitnessServer
from ledger.service.witnessing import Witnessing
from ledger.settings import Address
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.store.cosignatures import Cosignatures
from ledger.store.reader import Reader
from ledger.store.witnessstate import WitnessState

COSIGNATURES_FILE: Final = "cosignatures.sqlite3"
LOCK_FILE: Final = "cosignatures.lock"


@contextmanager
def witnessing_in(
    directory: Path,
    pin: Pin,
    reader: Reader,
    door: Door,
    *,
    policy: TrustPolicy | None,
    clock: Callable[[], int],
) -> Iterator[Witnessing]:
    """Know a ledger's cosignatures, and gather more if there is a policy.

    Witnesses of the policy without a URL are not asked: others may bring their cosignatures.

    Args:
        directory: The ledger's folder.
        pin: The ledger.
        reader: Its log.
        door: The way to the loop on which calls wait for witnesses.
        policy: Whom to ask, and how many are enough; None asks nobody.
        clock: Milliseconds since 1970 (UTC).

    Raises:
        SettingError: The policy accepts other logs, or a URL of it is none.
        StoreError: The file of cosignatures cannot be used.
    """
    progress, news = Progress(door), threading.Event()
    path = directory / COSIGNATURES_FILE
    if policy is None and not path.exists():
        yield Witnessing(reader, progress)
        return
    with ExitStack() as opened:
        kept = opened.enter_context(closing(Cosignatures(path)))
        if policy is None:
            yield Witnessing(reader, progress, cosignatures=kept)
            return
        policy.require_log(pin.origin, pin.log_keys)
        witnessing = Witnessing(reader, progress, cosignatures=kept, policy=policy, wake=news.set)
        asked = {
            witness.key: opened.enter_context(closing(RemoteWitness(witness.url))).cosign
            for witness in policy.witnesses.values()
            if witness.url
        }
        gatherer = Gatherer(
            reader,
            asked,
            witnessing,
            kept,
            reached=progress.reach,
            news=news,
            lock=directory / LOCK_FILE,
            clock=clock,
        )
        opened.enter_context(gatherer)
        yield witnessing


def read_policy(path: Path) -> TrustPolicy:
    """Read a policy file.

    Raises:
        SettingError: It cannot be read, or is none.
    """
    try:
        with path.open("rb") as file:
            return TrustPolicy.parse(file.read(POLICY_BYTES_MAX + 1))
    except OSError as error:
        raise SettingError(
            f"The policy {path} cannot be read: {error.strerror}.",
            field="policy",
            rule="policy-file",
        ) from error


def serve_witness(
    key: PrivateKey,
    name: str,
    pins: Sequence[Pin],
    *,
    state: Path,
    listen: Address,
    started: Callable[[Address, VerifierKey], None],
    clock: Callable[[], int],
) -> None:
    """Witness logs until SIGTERM or SIGINT.

    Args:
        key: What cosigns, an Ed25519 key that signs nothing else.
        name: The witness's name, by custom a URL without its scheme.
        pins: The logs that it knows.
        state: The file in which it remembers what it cosigned last.
        listen: Where it is asked.
        started: Told where it listens, and the key to verify it by.
        clock: When a cosignature is made, in milliseconds since 1970 (UTC).

    Raises:
        NoteError: The name is not one.
        SettingError: The key is not an Ed25519 key, or the address cannot be listened on.
        StoreError: The file cannot be used.
    """
    verifier = witness_key(key, name)
    logs = {pin.origin: pin.log_keys for pin in pins}
    witness = Witness(NoteSigner(verifier, key.sign), logs, WitnessState(state), clock)
    server = WitnessServer(witness)
    try:
        run_until_signal(
            partial(server.start, listen), server.stop, lambda bound: started(bound, verifier)
        )
    except OSError as error:
        raise SettingError(
            f"{listen} cannot be listened on.", field="listen", rule="listen"
        ) from error


def witness_key(key: PrivateKey, name: str) -> VerifierKey:
    """The public half of a witness's key, as policies name it.

    Raises:
        NoteError: The name is not one.
        SettingError: The key is not an Ed25519 key.
    """
    if key.public.algorithm is not Algorithm.ED25519:
        raise SettingError("A witness signs with Ed25519.", field="key", rule="witness-key")
    return VerifierKey(name, SignatureType.COSIGNATURE_V1, key.public.raw)
