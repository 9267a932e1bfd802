"""A client in another language: Node, with the protos and its own crypto, against a real server."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from ledger.cli.requests import EnrollmentRequest
from ledger.client.pins import PIN_FILE
from ledger.client.signer import enrollment
from ledger.codec.statements import encode_statement
from ledger.domain.facts import ReportedFact
from ledger.domain.vocabulary import Role
from ledger.store.mapper import open_entry
from ledger.v1 import log_pb2, services_pb2
from tests.e2e.cli_process import ROOT
from tests.simulator import ADMINISTRATOR, FOUNDED_SIZE, Simulator
from tests.unit.client.served import Change, changing, lying

FOLDER: Final = ROOT / "tests" / "node"
AUTHOR: Final = "node-works"
PARTY: Final = "Node Works"
REFUSED: Final = 1
NOT_VERIFIED: Final = 3
NPM: Final = (
    "npm",
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-timeout=20000",
)
NOBODY_ANSWERS: Final = (
    "ENOTFOUND",
    "ECONNREFUSED",
    "ECONNRESET",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "ENETUNREACH",
    "EHOSTUNREACH",
    "ERR_SOCKET_TIMEOUT",
)
_DEADLINE_S: Final = 120


@pytest.fixture(scope="module")
def node() -> str:
    """Node with the program's packages installed, at the versions and hashes of its lock."""
    program = shutil.which("node")
    if program is None or shutil.which("npm") is None:
        pytest.skip("Node is not installed: the client in Node was NOT tried.")
    with (FOLDER / "package-lock.json").open("rb") as lock:
        # Another worker of this run may be about to install them too.
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = FOLDER / "node_modules" / ".package-lock.json"
        if not installed.exists() or installed.stat().st_mtime < Path(lock.name).stat().st_mtime:
            _install()
    return program


def _install() -> None:
    done = subprocess.run(
        NPM,
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
        timeout=_DEADLINE_S,
    )
    if any(code in done.stderr for code in NOBODY_ANSWERS):
        pytest.skip("npm's registry does not answer: the client in Node was NOT tried.")
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True, slots=True)
class Client:
    """The program, an enrolled key of its own, and the server that it is pinned to."""

    node: str
    folder: Path
    service: Simulator

    @property
    def pin(self) -> Path:
        """The pin's file."""
        return self.service.directory / PIN_FILE

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of the program to its end."""
        return subprocess.run(
            [self.node, FOLDER / "client.mjs", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_DEADLINE_S,
        )

    def append(self, fact_id: str, address: str = "") -> subprocess.CompletedProcess[str]:
        """Have it append an order, perhaps by way of a server between."""
        server = address or str(self.service.addresses.grpc)
        return self.run("append", server, self.pin, "key.pem", AUTHOR, fact_id)


@pytest.fixture(scope="module")
def client(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The program, enrolled by the request that it wrote."""
    folder = tmp_path_factory.mktemp("node")
    with Simulator(folder) as service:
        made = Client(node, folder, service)
        assert made.run("keygen", "key.pem", AUTHOR, made.pin).returncode == 0
        asked = EnrollmentRequest.read(folder / "key.pem.enroll.json")
        fact = enrollment(
            ledger_id=service.ledger_id,
            author=asked.author,
            role=Role.COMPANY,
            party=PARTY,
            key=asked.key(),
            possession=asked.proof(),
        )
        service.append(fact, ADMINISTRATOR)
        yield made


@pytest.fixture(scope="module")
def appended(client: Client) -> dict[str, Any]:
    """What it printed of an append that it verified."""
    done = client.append("node-order-1")
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


def test_it_appends_what_node_signed_and_verifies_receipt_and_consistency(
    appended: dict[str, Any],
) -> None:
    assert appended["receipt"]["index"] == str(FOUNDED_SIZE + 1)
    assert appended["older_tree_size"] == FOUNDED_SIZE + 1
    assert appended["tree_size"] == FOUNDED_SIZE + 2


def test_its_bytes_are_the_ones_that_this_project_would_have_written(
    appended: dict[str, Any],
) -> None:
    entry = open_entry(b64decode(appended["receipt"]["entry"]))
    fact = entry.statement.fact

    assert entry.digest.hex() == appended["statement_digest"]
    assert encode_statement(entry.statement) in b64decode(appended["receipt"]["entry"])
    assert isinstance(fact, ReportedFact)
    assert (fact.actor, fact.addressee) == (PARTY, "TSMC")
    assert entry.statement.expected_version == 0
    assert entry.statement.anchor is not None


def flip(text: str, place: int = -1) -> str:
    """Base64 with one bit of its bytes changed."""
    data = bytearray(b64decode(text))
    data[place] ^= 1
    return b64encode(data).decode()


def in_note(old: bytes, new: bytes) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Write something else into a checkpoint."""

    def change(receipt: dict[str, Any]) -> dict[str, Any]:
        note = b64decode(receipt["checkpoint"])
        assert old in note
        return receipt | {"checkpoint": b64encode(note.replace(old, new)).decode()}

    return change


def with_proof(edit: Callable[[list[str]], list[str]]) -> Callable[[dict[str, Any]], Any]:
    return lambda receipt: receipt | {"inclusion_proof": edit(receipt["inclusion_proof"])}


TAMPERED: Final[dict[str, tuple[Callable[[dict[str, Any]], Any], str]]] = {
    "nothing": (lambda receipt: receipt, ""),
    "entry": (lambda receipt: receipt | {"entry": flip(receipt["entry"])}, "inclusion-proof"),
    "index": (lambda receipt: receipt | {"index": "0"}, "inclusion-proof"),
    "index-past": (lambda receipt: receipt | {"index": "99"}, "inclusion-proof"),
    "index-sign": (lambda receipt: receipt | {"index": "-1"}, "decimal"),
    "node": (with_proof(lambda path: [flip(path[0]), *path[1:]]), "inclusion-proof"),
    "node-lost": (with_proof(lambda path: path[1:]), "inclusion-proof"),
    "node-more": (with_proof(lambda path: [*path, path[0]]), "inclusion-proof"),
    "size": (in_note(b"\n4\n", b"\n5\n"), "log-signature"),
    "size-spelled": (in_note(b"\n4\n", b"\n04\n"), "log-signature"),
    "origin": (in_note(b"ledger.example/simulated\n", b"ledger.example/other\n"), "log-signature"),
    "blank-line": (in_note(b"\n\n", b"\n"), "note"),
    "unknown-key": (
        in_note(b"\xe2\x80\x94 ledger.example/simulated ", b"\xe2\x80\x94 another "),
        "log-signature",
    ),
    "signature": (
        lambda receipt: receipt | {"checkpoint": flip(receipt["checkpoint"], 3)},
        "log-signature",
    ),
}


def test_it_rejects_a_receipt_that_was_tampered_with(
    client: Client, appended: dict[str, Any]
) -> None:
    names = []
    for name, (change, _) in TAMPERED.items():
        changed = change(appended["receipt"])
        (client.folder / name).write_text(json.dumps(changed), encoding="utf-8")
        names.append(name)

    done = client.run("verify", client.pin, *names)

    assert done.returncode == NOT_VERIFIED, done.stderr
    found = {outcome["path"]: outcome.get("rule", "") for outcome in json.loads(done.stdout)}
    assert found == {name: rule for name, (_, rule) in TAMPERED.items()}


LIES: Final[dict[str, tuple[Change, str]]] = {
    "the consistency proof": (
        changing(
            "GetConsistencyProof",
            log_pb2.GetConsistencyProofResponse,
            lambda reply: reply.consistency_proof.append(bytes(32)),
        ),
        "consistency-proof",
    ),
    "the receipt": (
        changing(
            "Append",
            services_pb2.AppendResponse,
            lambda reply: setattr(reply.receipt, "index", 0),
        ),
        "inclusion-proof",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_it_believes_no_server(client: Client, lie: str) -> None:
    change, rule = LIES[lie]
    with ExitStack() as between:
        address = between.enter_context(lying(str(client.service.addresses.grpc), change))
        done = client.append(f"node-{lie.replace(' ', '-')}", address)

    assert done.returncode == NOT_VERIFIED
    assert done.stderr.startswith(f"{rule}: ")


def test_a_refusal_is_told_in_the_ledger_s_own_words(
    client: Client, appended: dict[str, Any]
) -> None:
    assert appended["receipt"]
    done = client.append("node-order-1")

    assert done.returncode == REFUSED
    assert "There is a fact node-order-1 on record already." in done.stderr
