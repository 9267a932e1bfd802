"""All read models together: what a follower fills, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from ledger.domain.attachments import AttachmentRegister
from ledger.domain.statement import Recorded
from ledger.readmodels.catalog import Catalog
from ledger.readmodels.records import KEPT, Load, Records
from ledger.readmodels.register import RegisterModel
from ledger.readmodels.timeline import Timeline


@final
class ReadModels:
    """The read models of one process.

    The register comes last, and its size is the size of them all: whoever finds an entry in it
    finds the entry in the others.

    Args:
        load: Reads an entry again that is not kept in memory; None keeps them all.
        kept: How many are kept if there is a way to read the others.

    Attributes:
        catalog: Facts by id, stream and author.
        timeline: Facts by day.
        attachments: Documents that statements name, and erasures.
        register: The record arranged for determinations.
    """

    def __init__(self, load: Load | None = None, *, kept: int = KEPT) -> None:
        records = Records(load, kept=kept)
        self.catalog = Catalog(records)
        self.timeline = Timeline()
        self.attachments = AttachmentRegister()
        self.register = RegisterModel(records)

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
                self.attachments.add(
                    recorded.index, recorded.author, recorded.fact, recorded.attachments
                )
        # A reader is lent the register under the same lock, and takes the tree size from it.
        with self.register.reading():
            for recorded in page:
                self.register.apply(recorded)
