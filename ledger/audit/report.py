"""What an audit checked, with which keys, and what it found: the same in text, JSON and HTML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ledger import __version__
from ledger.audit.answers import Rederived
from ledger.audit.findings import NOWHERE, Findings
from ledger.audit.stamped import Stamps
from ledger.audit.times import OddTime, Times
from ledger.audit.work import Tally
from ledger.client.attachments import AttachmentStatus
from ledger.client.pins import Pin
from ledger.domain.attachments import AttachmentState
from ledger.domain.determination.engine import ENGINE_VERSION
from ledger.domain.keyring import KeyRecord
from ledger.log.checkpoint import Checkpoint

PROVES: Final = (
    "The entries are the ones that the log signed, each at its index. Under this checkpoint none "
    "was changed, dropped, reordered or added.\n"
    "Every statement was signed by its author, with a key that was valid at its index, in a role "
    "that may say so, and every rule of the ledger let it in where it stands.\n"
    "Recorded times never go back, and an anchored statement is younger than the tree it names."
).splitlines()
PROVES_ANSWERS: Final = (
    "The given answers follow from these entries, byte for byte. This, and not a proof of "
    "inclusion alone, proves that nothing on record was withheld from them."
)
PROVES_STAMPS: Final = (
    "All entries below a time stamp's tree size existed by its time, give or take its accuracy: an "
    "authority says so that the given roots vouch for, and that knows nothing of the log."
)
PROVES_NOT: Final = (
    "That what was recorded is true: a registrar transcribes what sources report, and sources "
    "err.\n"
    "That everything that happened is on record: what was never appended leaves no trace.\n"
    "That a statement is older than the first checkpoint over it that somebody else has seen.\n"
    "That nobody was shown another history, unless witnesses cosigned the checkpoint or its "
    "readers compare what they have seen."
).splitlines()
PROVES_NO_ANSWER: Final = (
    "That an answer which somebody was given withheld nothing: give it with --answer, and it is "
    "derived again."
)
PROVES_NO_REVOCATION: Final = (
    "That the certificate of a time-stamping authority had not been revoked: nobody was asked."
)
PIN_OF_ITS_OWN: Final = (
    "That this is the right ledger: the pin came with the source that was audited, and nothing "
    "else vouches for it. Give the pin that the ledger's founders handed out with --pin."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of an audit.

    Attributes:
        kind: What was audited: ``database``, ``server`` or ``bundle``.
        name: Its path or address.
        pin: Which ledger it had to be.
        note: The checkpoint's signed note, verbatim.
        checkpoint: What it says; None where it is none.
        tree_size: How many entries were read.
        root: The root hash that they make.
        tally: What was counted.
        anchors: How many statements name an earlier tree.
        compared: What else was held against the entries, and how many there were of it.
        keys: The keys whose signatures hold.
        findings: What does not hold.
        resumed_from: How many entries an earlier audit of this user had examined.
        resumed_of_ms: When it had, in ms since 1970 (UTC).
        remembered: The tree size of the highest checkpoint that was verified here before.
        processes: How many worked on it.
        began_ms: When it began, in ms since 1970 (UTC).
        ended_ms: When it ended.
        pin_given: Whether the pin came from elsewhere than the source.
        answers: The answers that were derived again.
        attachments: Documents that statements name, and what has become of them. Whether one is
            held that nobody erased, only the source says.
        times: Entries whose statements bear an odd time.
        stamps: What became of the time stamps that were given; None if none were.
    """

    kind: str
    name: str
    pin: Pin
    note: bytes
    checkpoint: Checkpoint | None
    tree_size: int
    root: bytes
    tally: Tally
    anchors: int
    compared: Mapping[str, int]
    keys: tuple[KeyRecord, ...]
    findings: Findings
    resumed_from: int = 0
    resumed_of_ms: int = 0
    remembered: int = 0
    processes: int = 1
    began_ms: int = 0
    ended_ms: int = 0
    pin_given: bool = False
    answers: tuple[Rederived, ...] = ()
    attachments: tuple[AttachmentStatus, ...] = ()
    times: Times = field(default_factory=Times)
    stamps: Stamps | None = None

    @property
    def holds(self) -> bool:
        """Whether there is no finding."""
        return self.findings.count == 0

    @property
    def checked(self) -> list[tuple[str, int]]:
        """What was checked, and how many there were of it."""
        signatures = sum(self.tally.signatures.values())
        first = [
            ("leaf hashes", self.tree_size),
            ("signatures", signatures),
            ("statements against every rule", sum(self.tally.entries.values())),
            ("anchors", self.anchors),
        ]
        rows = [("rows of entries", self.tally.rows)] if self.kind == "database" else []
        answers = ("answers derived again", len(self.answers))
        stamps = [] if self.stamps is None else [("time stamps", self.stamps.looked)]
        return [*first, *rows, *self.compared.items(), answers, *stamps]

    @property
    def proves(self) -> list[str]:
        """What it proves, if it holds."""
        answers = [PROVES_ANSWERS] if self.answers else []
        stamped = self.stamps is not None and any(one.compared for one in self.stamps.held)
        return [*PROVES, *answers, *([PROVES_STAMPS] if stamped else [])]

    @property
    def proves_not(self) -> list[str]:
        """What it does not prove, whether it holds or not."""
        own = [] if self.pin_given else [PIN_OF_ITS_OWN]
        asked = [] if self.answers else [PROVES_NO_ANSWER]
        revoked = [PROVES_NO_REVOCATION] if self.stamps is not None and self.stamps.held else []
        return [*own, *asked, *PROVES_NOT, *revoked]

    def to_json(self) -> dict[str, Any]:
        """The report as one JSON object."""
        return {
            "holds": self.holds,
            "source": {"kind": self.kind, "name": self.name},
            "ledger": {
                "origin": self.pin.origin,
                "ledger_id": self.pin.ledger_id.hex(),
                "log_keys": [key.vkey() for key in self.pin.log_keys],
                "pin_given": self.pin_given,
            },
            "checkpoint": {
                "note": self.note.decode("utf-8", "replace"),
                "tree_size": self.checkpoint.size if self.checkpoint else None,
                "root_hash": self.checkpoint.root.hex() if self.checkpoint else None,
            },
            "derived": {"tree_size": self.tree_size, "root_hash": self.root.hex()},
            "checked": dict(self.checked),
            "entries": dict(sorted(self.tally.entries.items())),
            "authors": dict(sorted(self.tally.authors.items())),
            "keys": [self._key(record) for record in self.keys],
            "answers": [answer.to_json() for answer in self.answers],
            "attachments": [attachment_json(status) for status in self.attachments],
            **self._stamps(),
            "odd_times_count": self.times.count,
            "odd_times": [odd_time_json(odd) for odd in self.times.odd],
            "findings_count": self.findings.count,
            "findings": [
                {
                    "index": None if one.index == NOWHERE else one.index,
                    "where": one.where,
                    "rule": one.rule,
                    "message": one.message,
                }
                for one in self.findings
            ],
            "proves": self.proves if self.holds else [],
            "proves_not": self.proves_not,
            "run": {
                "tool": f"regledger {__version__}",
                "engine_version": ENGINE_VERSION,
                "began": moment(self.began_ms),
                "ended": moment(self.ended_ms),
                "processes": self.processes,
                "resumed_from": self.resumed_from,
                "held_against_checkpoint_of": self.remembered,
            },
        }

    def _stamps(self) -> dict[str, Any]:
        """The time stamps that hold; nothing where none were given."""
        if self.stamps is None:
            return {}
        return {"time_stamps": [stamp.to_json() for stamp in self.stamps.held]}

    def _key(self, record: KeyRecord) -> dict[str, Any]:
        return {
            "keyid": record.keyid,
            "author": record.author,
            "role": record.role.value,
            "valid_from_index": record.valid_from_index,
            "revoked_at_index": record.revoked_at_index,
            "signatures": self.tally.signatures[record.keyid],
        }


def moment(ms: int) -> str:
    """A time in UTC, to the second."""
    return datetime.fromtimestamp(ms // 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def became(status: AttachmentStatus, kind: str) -> str:
    """What has become of a document, in words; whether it is held, only the source says."""
    if status.attachment.erasure is not None:
        return str(status.attachment.erasure)
    absent = status.state is AttachmentState.MISSING and kind == "bundle"
    return "not in this bundle" if absent else status.state.value


def attachment_json(status: AttachmentStatus) -> dict[str, object]:
    """What has become of a document that a statement names, as JSON."""
    attachment = status.attachment
    row: dict[str, object] = {
        "fact_id": attachment.fact_id,
        "index": attachment.index,
        "commitment": attachment.named.commitment.hex(),
        "state": status.state.value,
    }
    if attachment.erasure is not None:
        row["erasure"] = asdict(attachment.erasure)
    return row


def odd_time_json(odd: OddTime) -> dict[str, object]:
    """An entry with an odd time, as JSON."""
    return {
        "index": odd.index,
        "fact_id": odd.fact_id,
        "signed": moment(odd.signed_at_ms),
        "recorded": moment(odd.recorded_ms),
        "time_flags": [flag.value for flag in odd.flags],
        "said": odd.said,
    }
