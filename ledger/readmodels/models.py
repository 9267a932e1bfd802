"""All read models together: what a follower fills, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from ledger.domain.attachments import AttachmentRegister
from ledger.domain.statement import Recorded
from ledger.readmodels.catalog import Catalog
from ledger.readmodels.columns import Columns, is_held
from ledger.readmodels.records import KEPT, Records, Stored
from ledger.readmodels.register import RegisterModel
from ledger.readmodels.timeline import Timeline


@final
class ReadModels:
    """The read models of one process.

    The register comes last, and its size is the size of them all: whoever finds an entry in it
    finds the entry in the others.

    Args:
        stored: Where to read entries that are not kept in memory; None keeps them all.
        kept: How many are kept if there is a place to read the others from.
        columns: Where to go on from, as ``columns`` was after so many entries that ``stored`` has;
            of those none is read but what is held.

    Attributes:
        columns: What is written down of entries in numbers.
        catalog: Facts by id, stream and author.
        timeline: Facts by day.
        attachments: Documents that statements name, and erasures.
        register: The record arranged for determinations.

    Raises:
        LedgerError: What is held cannot be read.
    """

    def __init__(
        self, stored: Stored | None = None, *, kept: int = KEPT, columns: Columns | None = None
    ) -> None:
        self.columns = columns or Columns()
        records = Records(stored, kept=kept)
        self.catalog = Catalog(records, self.columns)
        self.timeline = Timeline(self.columns.dated)
        self.attachments = AttachmentRegister()
        if stored is not None:
            for index in self.columns.held:
                self._hold(stored.one_recorded(index))
        self.register = RegisterModel(records, self.columns)

    @property
    def tree_size(self) -> int:
        """How many entries have been applied to all of them."""
        return self.register.tree_size

    def apply(self, page: Sequence[Recorded]) -> None:
        """Take in the next entries, up to a stored checkpoint; readers see all of them or none.

        A page that failed half way may come again.

        Raises:
            StoreError: They are not the next ones.
        """
        for recorded in page:
            if recorded.index >= self.catalog.tree_size:
                self.catalog.apply(recorded)
                self.timeline.apply(recorded)
                if is_held(recorded):
                    self._note_attachments(recorded)
        # A reader is lent the register under the same lock, and takes the tree size from it.
        with self.register.reading():
            for recorded in page:
                self.register.apply(recorded)

    def _hold(self, recorded: Recorded) -> None:
        """Take in again what is held of an entry that the columns have."""
        self.catalog.hold(recorded)
        self._note_attachments(recorded)

    def _note_attachments(self, recorded: Recorded) -> None:
        self.attachments.add(recorded.index, recorded.author, recorded.fact, recorded.attachments)
