"""How far an audit came, in a file, so that one that was interrupted need not begin again.

Noted down are a tree size, its root hash and what was counted and found until there. An audit that
goes on hashes all entries again, and only where they make the same root does it take signatures
and rules up to there for examined; whatever stands beside an entry is compared again. So the file
says nothing of entries but that this user examined them: it must be the user's own, and closed to
everybody else. Whoever can write it could as well change the program.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated, Self, final

from pydantic import Field, ValidationError

from ledger import __version__
from ledger.audit.findings import Finding, Findings
from ledger.audit.work import Tally
from ledger.client.pins import Pin
from ledger.domain.model import Frozen
from ledger.errors import StoreError
from ledger.log.hashtree import HashTree
from ledger.log.merkle import EMPTY_ROOT

_OTHERS = stat.S_IWGRP | stat.S_IWOTH | stat.S_IRGRP | stat.S_IROTH
_BYTES_MAX = 16 * 1024 * 1024
_EXAMINED = "entry"
_FOUND_AGAIN = frozenset({"entry-missing", "leaf-hash", "unique"})
"""What is looked at again by an audit that goes on, and would be found twice."""

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Found(Frozen):
    """A finding as it stands in the file."""

    index: int
    where: str
    rule: str
    message: str


class Progress(Frozen):
    """What an audit examined.

    Attributes:
        tool: The version that did; another one begins anew.
        ledger_id: The ledger, in hex.
        tree_size: How many entries.
        root_hash: Of the tree over them, in hex.
        saved_ms: When, in ms since 1970 (UTC).
        entries: How many there are of each event type.
        authors: How many each author stated.
        signatures: How many each key made.
        told: What did not hold.
    """

    tool: str
    ledger_id: _Hash
    tree_size: Annotated[int, Field(ge=0)]
    root_hash: _Hash
    saved_ms: int = 0
    entries: dict[str, int] = Field(default_factory=dict)
    authors: dict[str, int] = Field(default_factory=dict)
    signatures: dict[str, int] = Field(default_factory=dict)
    told: tuple[_Found, ...] = ()

    @classmethod
    def nothing(cls, pin: Pin) -> Self:
        """Nothing was examined yet."""
        return cls(
            tool=__version__,
            ledger_id=pin.ledger_id.hex(),
            tree_size=0,
            root_hash=EMPTY_ROOT.hex(),
        )

    @classmethod
    def of(
        cls, pin: Pin, tree: HashTree, tally: Tally, findings: Findings, *, saved_ms: int
    ) -> Self:
        """What was examined of all entries in a tree."""
        return cls(
            tool=__version__,
            ledger_id=pin.ledger_id.hex(),
            tree_size=tree.size,
            root_hash=tree.root().hex(),
            saved_ms=saved_ms,
            entries=dict(tally.entries),
            authors=dict(tally.authors),
            signatures=dict(tally.signatures),
            told=tuple(
                _Found(index=one.index, where=one.where, rule=one.rule, message=one.message[:4000])
                for one in findings
                if one.where == _EXAMINED and one.rule not in _FOUND_AGAIN
            ),
        )

    @property
    def root(self) -> bytes:
        """The root hash, 32 bytes."""
        return bytes.fromhex(self.root_hash)

    @property
    def findings(self) -> list[Finding]:
        """What did not hold."""
        return [Finding(one.index, one.where, one.rule, one.message) for one in self.told]

    def tally(self) -> Tally:
        """What was counted, as a tally that may grow; rows are compared and counted anew."""
        return Tally(Counter(self.entries), Counter(self.authors), Counter(self.signatures))


@final
class ProgressFile:
    """The file in which an audit of one ledger notes down how far it is.

    Args:
        path: Where; its folder is made with the first note.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self, pin: Pin) -> Progress | None:
        """What is noted down, or None if there is nothing that may be believed.

        That is a file of another user, or that others can read or write, of another ledger, of
        another version of this program, or one that does not read.
        """
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                status = os.fstat(descriptor)
                own = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
                if not own or status.st_mode & _OTHERS or status.st_size > _BYTES_MAX:
                    return None
                with os.fdopen(descriptor, "rb", closefd=False) as file:
                    content = file.read(_BYTES_MAX)
            finally:
                os.close(descriptor)
        except OSError:
            return None
        try:
            progress = Progress.model_validate_json(content)
        except ValidationError:
            return None
        same = progress.tool == __version__ and progress.ledger_id == pin.ledger_id.hex()
        return progress if same else None

    def save(self, progress: Progress) -> None:
        """Note down how far an audit is, in place of what was there, in one step.

        Raises:
            StoreError: The file cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # A temporary file is made with mode 0600, and keeps it.
            with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as draft:
                try:
                    draft.write(progress.model_dump_json().encode())
                    draft.flush()
                    Path(draft.name).replace(self._path)
                except OSError:
                    with contextlib.suppress(OSError):
                        Path(draft.name).unlink()
                    raise
        except OSError as error:
            raise StoreError(
                f"How far the audit is cannot be noted down in {self._path}: {error.strerror}.",
                rule="audit-progress",
            ) from error
