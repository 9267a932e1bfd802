"""Time stamps as an audit is given them, and as it tells of those that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.x509 import Certificate

from ledger.signing.timestamps import Timestamp


@dataclass(frozen=True, slots=True)
class GivenStamps:
    """Stamped checkpoints, as a folder keeps them; nothing about them is verified.

    Attributes:
        notes: The signed notes, verbatim, by name.
        tokens: The tokens over them, TimeStampResp in DER, by the same names.
        roots: The certificates that are trusted.
    """

    notes: Mapping[str, bytes]
    tokens: Mapping[str, bytes]
    roots: Sequence[Certificate]

    @property
    def pairs(self) -> list[str]:
        """The names that both a note and a token have."""
        return sorted(self.notes.keys() & self.tokens.keys())


@dataclass(frozen=True, slots=True)
class Stamp:
    """A stamp whose token holds, over a note that nothing contradicts.

    Attributes:
        name: What its two files are called.
        tree_size: The size of the stamped tree.
        token: What the token says.
        compared: Whether the entries make its root; if not, it is beyond the audited tree.
        signed: Whether the log's keys of its size signed the note, as far as the entries name them.
    """

    name: str
    tree_size: int
    token: Timestamp
    compared: bool
    signed: bool

    @property
    def time(self) -> str:
        """The authority's time, and how far off it may be, if it says so."""
        stated = self.token.accuracy
        within = "" if stated is None else f", within {stated.total_seconds():g} s"
        return f"{self.token.time.isoformat()}{within}"

    @property
    def remark(self) -> str:
        """What it does not show here; empty where it shows all."""
        if self.compared:
            return ""
        unsigned = "" if self.signed else ", nor whose keys had to sign it"
        return f"beyond the audited entries, which do not show its root{unsigned}"

    def to_json(self) -> dict[str, Any]:
        """The stamp as JSON."""
        accuracy = self.token.accuracy
        return {
            "name": self.name,
            "tree_size": self.tree_size,
            "time": self.token.time.isoformat(),
            "accuracy_s": None if accuracy is None else accuracy.total_seconds(),
            "authority": self.token.authority,
            "compared": self.compared,
            "signed": self.signed,
        }


@dataclass(frozen=True, slots=True)
class Stamps:
    """What became of the stamps that an audit was given.

    Attributes:
        looked: How many pairs of note and token there were.
        held: The stamps that hold, by tree size.
    """

    looked: int
    held: tuple[Stamp, ...]
