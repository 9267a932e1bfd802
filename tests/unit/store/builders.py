"""A ledger for tests: real keys, a real database in a folder, and a clock that is set by hand."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.codec.envelopes import decode_envelope, encode_envelope
from ledger.codec.statements import encode_statement
from ledger.domain.authorship import Administrator, possession_message
from ledger.domain.statement import Envelope, EnvelopeSignature, Statement
from ledger.domain.vocabulary import Role
from ledger.errors import LedgerError
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.log.receipts import Receipt, verify_receipt
from ledger.signing.dsse import PAYLOAD_TYPE, pae, statement_digest
from ledger.signing.privatekeys import PrivateKey
from ledger.store.committing import Committer, Ledger, Outcome
from ledger.store.founding import found
from ledger.store.head import HeadFile
from ledger.store.reader import Reader
from ledger.store.sqlite import SQLiteLedgerRecorder
from tests import builders

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.domain.facts import Fact
    from ledger.log.checkpoint import Checkpoint
    from ledger.store.recorder import LedgerRecorder

ORIGIN = "ledger.example/tests"
ADMINISTRATOR = "ada"
REGISTRAR = "registrar"
START_MS = 1_760_000_000_000
FOUNDED_SIZE = 2
"""Tree size of ``LedgerFolder.found``: the founding, and the registrar's enrollment."""


def key_of(name: str) -> PrivateKey:
    """The Ed25519 key of this name, always the same."""
    return PrivateKey(Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


def log_signer(origin: str = ORIGIN, name: str = "log") -> NoteSigner:
    """The log's signer."""
    key = key_of(name)
    return NoteSigner(VerifierKey(origin, SignatureType.ED25519, key.public.raw), key.sign)


def enveloped(payload: bytes, *keys: PrivateKey, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """An envelope around a payload, signed by these keys."""
    message = pae(payload_type, payload)
    signatures = tuple(
        EnvelopeSignature(sig=key.sign(message), keyid=key.public.keyid) for key in keys
    )
    return encode_envelope(
        Envelope(payload=payload, payload_type=payload_type, signatures=signatures)
    )


def signed(statement: Statement, *keys: PrivateKey) -> bytes:
    """An envelope around a statement, signed by these keys."""
    return enveloped(encode_statement(statement), *keys)


def digest_in(envelope: bytes) -> bytes:
    """The digest of the statement in an envelope."""
    return statement_digest(PAYLOAD_TYPE, decode_envelope(envelope).payload)


def founding(**more: Any) -> bytes:
    """The founding statement of the tests' ledger: one administrator, signed."""
    fields: dict[str, Any] = {
        "origin": ORIGIN,
        "log_key": key_of("log").public.spki_der,
        "administrators": (
            Administrator(author=ADMINISTRATOR, spki_der=key_of(ADMINISTRATOR).public.spki_der),
        ),
    }
    fact = builders.founded(**(fields | more))
    statement = builders.statement(fact, ADMINISTRATOR, ledger_id=b"")
    return signed(statement, key_of(ADMINISTRATOR))


LEDGER_ID = digest_in(founding())


def stated(fact: Fact, author: str = REGISTRAR, *keys: str, **more: Any) -> bytes:
    """An envelope with a fact, signed by its author's key or by those that are named."""
    statement = builders.statement(fact, author, **({"ledger_id": LEDGER_ID} | more))
    return signed(statement, *map(key_of, keys or (author,)))


def enrollment(
    author: str = REGISTRAR,
    role: Role = Role.REGISTRAR,
    *,
    key: PrivateKey | None = None,
    possession: bytes | None = None,
    **more: Any,
) -> bytes:
    """An author's enrollment by the administrator, with the key of the author's name."""
    key = key or key_of(author)
    message = possession_message(LEDGER_ID, author, key.public.spki_der)
    fact = builders.enrolled(
        author,
        role,
        spki_der=key.public.spki_der,
        possession=possession or key.sign(message),
    )
    return stated(fact, ADMINISTRATOR, **more)


def rotation(author: str, new: str, **more: Any) -> bytes:
    """An author's key replaced by the key of another name, signed by both."""
    fact = builders.rotated(
        author,
        new,
        old_keyid=key_of(author).public.keyid,
        spki_der=key_of(new).public.spki_der,
    )
    return stated(fact, author, author, new, **({"expected_version": 1} | more))


def revocation(author: str, **more: Any) -> bytes:
    """The revocation of an author's key by the administrator."""
    fact = builders.revoked(author, keyid=key_of(author).public.keyid)
    return stated(fact, ADMINISTRATOR, **({"expected_version": 1} | more))


def order(number: int, prefix: str = "order", **more: Any) -> bytes:
    """A company order in a stream of its own, transcribed by the registrar."""
    return stated(builders.order(f"{prefix}-{number}"), **more)


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now_ms: int = START_MS

    def __call__(self) -> int:
        return self.now_ms


def sqlite_in(folder: Path) -> LedgerRecorder:
    """A recorder on the SQLite file in a folder."""
    return SQLiteLedgerRecorder(folder / "ledger.sqlite3")


@dataclass
class LedgerFolder:
    """A ledger in a folder, opened as often as a test wants."""

    path: Path
    connect: Callable[[Path], LedgerRecorder] = sqlite_in
    clock: Clock = field(default_factory=Clock)
    opened: list[LedgerRecorder] = field(default_factory=list)

    @property
    def head(self) -> HeadFile:
        """The file of the last released head."""
        return HeadFile(self.path / "head")

    def open(self, recorder: LedgerRecorder | None = None) -> Ledger:
        """The parts of the ledger, on connections of their own."""
        recorder = recorder or self.connect(self.path)
        self.opened.append(recorder)
        return Ledger(
            recorder=recorder,
            reader=Reader(recorder),
            head=self.head,
            signers=(log_signer(),),
            clock=self.clock,
        )

    def found(self) -> Ledger:
        """The parts of a ledger that is founded, with a registrar enrolled."""
        ledger = self.open()
        found(ledger, founding())
        receipts_of(Committer(ledger).commit([[enrollment()]])[0])
        return ledger

    def close(self) -> None:
        """Close every database that was opened."""
        for recorder in self.opened:
            recorder.close()


def receipts_of(outcome: Outcome) -> tuple[Receipt, ...]:
    """The receipts of a submission; what refused it is raised."""
    if isinstance(outcome, LedgerError):
        raise outcome
    return outcome


def append(ledger: Ledger, *envelopes: bytes) -> tuple[Receipt, ...]:
    """Append envelopes together, by a writer that knows nothing yet; a refusal is raised."""
    return receipts_of(Committer(ledger).commit([envelopes])[0])


def refusal_of(ledger: Ledger, *envelopes: bytes) -> LedgerError:
    """What refuses envelopes, which leave no trace."""
    size = ledger.reader.tree_size()
    outcome = Committer(ledger).commit([envelopes])[0]
    assert isinstance(outcome, LedgerError)
    assert ledger.reader.tree_size() == size
    return outcome


def proved(receipt: Receipt) -> Checkpoint:
    """The checkpoint that a receipt is proved to."""
    return verify_receipt(receipt, origin=ORIGIN, verifiers=[log_signer().key])


def tamper(folder: LedgerFolder, *statements: str) -> None:
    """Change a SQLite ledger as nobody can through it, nor past its triggers."""
    connection = sqlite3.connect(folder.path / "ledger.sqlite3", isolation_level=None)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    names_and_definitions = triggers.fetchall()
    for name, _ in names_and_definitions:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in (*statements, *(definition for _, definition in names_and_definitions)):
        connection.execute(statement)
    connection.close()
