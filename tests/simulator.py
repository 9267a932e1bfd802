"""A whole service for tests: a real ledger in a folder, a real server on a free port.

>>> with Simulator(tmp_path) as service:
...     service.append(builders.order("order-1"))
...     service.ask("H20", "CN").requirement

Keys are real and follow from their owners' names; the clock stands still until it is set. Servers
run on one event loop in a thread of its own, so that tests stay plain functions.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.bootstrap import Ledger, found_ledger, open_ledger, open_worker, writing
from ledger.client.pins import Pin
from ledger.client.signer import Author, prove_possession, sign
from ledger.domain.authorship import AuthorEnrolled, Policy
from ledger.domain.facts import Fact
from ledger.domain.vocabulary import Role
from ledger.log.checkpoint import Checkpoint
from ledger.log.policy import TrustPolicy
from ledger.log.receipts import Receipt, verify_receipt
from ledger.service.running import loop_factory
from ledger.service.server import Addresses, Server
from ledger.settings import Settings
from ledger.signing.privatekeys import PrivateKey
from ledger.v1 import log_pb2, queries_pb2, services_pb2, services_pb2_grpc
from ledger.witnesses import read_policy
from tests import builders

T = TypeVar("T")

ORIGIN: Final = "ledger.example/simulated"
ADMINISTRATOR: Final = "ada"
REGISTRAR: Final = "registrar"
START_MS: Final = 1_760_000_000_000
"""9 October 2025, the day on which the simulated world stands still."""

FOUNDED_SIZE: Final = 2
"""Tree size of a fresh simulator: the founding, and the registrar's enrollment."""

CALL_S: Final = 20.0
"""The deadline of the tests' calls: none comes near it unless something hangs."""

LOCAL: Final = {"LEDGER_LISTEN": "127.0.0.1:0", "LEDGER_HTTP_LISTEN": "127.0.0.1:0"}


def key_of(name: str) -> PrivateKey:
    """The Ed25519 key of this name, always the same."""
    return PrivateKey(Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


@cache
def background_loop() -> asyncio.AbstractEventLoop:
    """The one loop that all servers of the test process run on."""
    loop = loop_factory()()
    threading.Thread(target=loop.run_forever, name="simulated-servers", daemon=True).start()
    return loop


def on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run something on the servers' loop, and wait for it."""
    return asyncio.run_coroutine_threadsafe(work, background_loop()).result(60)


class Simulator:
    """A service, founded on entry unless the folder holds one, and stopped on exit.

    Args:
        folder: Where the ledger lies, in a folder of its own.
        enrolled: Whether a registrar is enrolled at once.
        database: The URL of an empty PostgreSQL database to found it in; None for a SQLite file.
        variables: Settings beside ``LOCAL``.
    """

    def __init__(
        self, folder: Path, *, enrolled: bool = True, database: str | None = None, **variables: str
    ) -> None:
        self.directory = folder / "ledger"
        self.clock = Clock()
        self.settings = Settings.of({**LOCAL, **variables})
        self._enrolled = enrolled
        self._database = database
        self._versions: dict[str, int] = {}

    def __enter__(self) -> Self:
        if not self.directory.exists():
            administrator = Author(ADMINISTRATOR, key_of(ADMINISTRATOR))
            found_ledger(
                self.directory,
                administrators=[administrator],
                threshold=1,
                policy=Policy(),
                origin=ORIGIN,
                database=self._database,
                clock=self.clock,
            )
            self.start()
            if self._enrolled:
                self.enroll(REGISTRAR)
        else:
            self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open the ledger and serve it."""
        path = self.settings.witness_policy
        policy = read_policy(path) if path else None
        self.opened = self._open(policy)
        self.server = Server(self.opened.parts, self.settings)
        self.addresses: Addresses = on_loop(self.server.start())
        self.connect()

    def connect(
        self,
        credentials: grpc.ChannelCredentials | None = None,
        options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Make a channel and stubs; plain unless credentials are given."""
        target = str(self.addresses.grpc)
        if credentials is None:
            self.channel = grpc.insecure_channel(target, options)
        else:
            self.channel = grpc.secure_channel(target, credentials, options)
        self.ledger = services_pb2_grpc.LedgerServiceStub(self.channel)
        self.query = services_pb2_grpc.QueryServiceStub(self.channel)
        self.stream = services_pb2_grpc.StreamServiceStub(self.channel)
        self.log = services_pb2_grpc.LogServiceStub(self.channel)

    def _open(self, policy: TrustPolicy | None) -> Ledger:
        return open_ledger(self.directory, policy=policy, clock=self.clock)

    def stop(self) -> None:
        """Stop the server and close the ledger."""
        self.channel.close()
        on_loop(self.server.stop())
        self.opened.close()

    @property
    def pin(self) -> Pin:
        """What a client of this ledger trusts."""
        return self.opened.pin

    @property
    def ledger_id(self) -> bytes:
        """The statement digest of entry 0."""
        return self.opened.pin.ledger_id

    def tree_size(self) -> int:
        """How many entries there are."""
        return self.opened.parts.reader.tree_size()

    def envelope(
        self, fact: Fact, author: str = REGISTRAR, *signers: str, **statement: Any
    ) -> bytes:
        """A fact stated and signed, by its author's key or by those of the names given."""
        fields = {"ledger_id": self.ledger_id, "signed_at_ms": self.clock()} | statement
        fields.setdefault("expected_version", self._versions.get(fact.stream, 0))
        made = builders.statement(fact, author, **fields)
        return sign(made, [key_of(name) for name in signers or (author,)])

    def append(self, fact: Fact, author: str = REGISTRAR, *signers: str, **more: Any) -> Receipt:
        """State, sign and append a fact, and verify its receipt."""
        return self.append_envelope(self.envelope(fact, author, *signers, **more), fact.stream)

    def append_envelope(self, envelope: bytes, stream: str = "") -> Receipt:
        """Append an envelope, and verify its receipt."""
        request = services_pb2.AppendRequest(envelope=envelope)
        response = self.ledger.Append(request, timeout=CALL_S)
        self._versions[stream] = self._versions.get(stream, 0) + 1
        receipt = receipt_of(response.receipt)
        self.verify(receipt)
        assert receipt.entry.endswith(envelope)
        return receipt

    def append_all(self, facts: Sequence[Fact], author: str = REGISTRAR) -> list[Receipt]:
        """Append facts in one batch, each stream's in its order, and verify their receipts."""
        envelopes = []
        for fact in facts:
            envelopes.append(self.envelope(fact, author))
            self._versions[fact.stream] = self._versions.get(fact.stream, 0) + 1
        request = services_pb2.AppendBatchRequest(envelopes=envelopes)
        response = self.ledger.AppendBatch(request, timeout=CALL_S)
        receipts = [receipt_of(message) for message in response.receipts]
        for receipt in receipts:
            self.verify(receipt)
        return receipts

    def verify(self, receipt: Receipt) -> Checkpoint:
        """Verify a receipt as a client does."""
        return verify_receipt(receipt, origin=self.pin.origin, verifiers=self.pin.log_keys)

    def enrollment(self, author: str, role: Role = Role.REGISTRAR, **more: Any) -> AuthorEnrolled:
        """An author's enrollment with the key of its name, or of the name given as ``key``."""
        key = key_of(more.pop("key", author))
        return builders.enrolled(
            author,
            role,
            spki_der=key.public.spki_der,
            **({"possession": prove_possession(self.ledger_id, author, key)} | more),
        )

    def enroll(self, author: str, role: Role = Role.REGISTRAR, **more: Any) -> Receipt:
        """Have the administrator enroll an author."""
        return self.append(self.enrollment(author, role, **more), ADMINISTRATOR)

    def ask(
        self, item: str, destination: str, *, tree_size: int = 0, **question: Any
    ) -> queries_pb2.GetLicenseStatusResponse:
        """Ask for a license status, at least as of the newest entry unless a size is given."""
        request = queries_pb2.GetLicenseStatusRequest(
            question=queries_pb2.Question(item=item, destination=destination, **question),
            tree_size=tree_size,
            min_tree_size=0 if tree_size else self.tree_size(),
        )
        return self.query.GetLicenseStatus(request, timeout=CALL_S)

    def caught_up(self) -> None:
        """Wait until the read models have seen every entry."""
        on_loop(self.opened.parts.progress.reached(self.tree_size()))


class Apart(Simulator):
    """The same with somebody else who writes, over a socket, as ``serve --workers`` has it."""

    _writing: ExitStack

    @property
    def socket(self) -> Path:
        """Where the writer listens."""
        return self.directory.with_name("writer")

    def start_writing(self) -> None:
        """Write for the server."""
        self._writing = ExitStack()
        self._writing.enter_context(writing(self.directory, self.socket, clock=self.clock))

    def stop_writing(self) -> None:
        """Write no more."""
        self._writing.close()

    def stop(self) -> None:
        """Stop the server and the writer, and close the ledger."""
        super().stop()
        self.stop_writing()

    def _open(self, policy: TrustPolicy | None) -> Ledger:
        self.start_writing()
        return open_worker(self.directory, self.socket, policy=policy, clock=self.clock)


def receipt_of(message: log_pb2.Receipt) -> Receipt:
    """A receipt as the client's verifier takes it."""
    return Receipt(
        entry=message.entry,
        index=message.index,
        inclusion_proof=tuple(message.inclusion_proof),
        checkpoint=message.checkpoint,
    )
