"""The reading side as the services see it: wait for the entry, then ask in a thread."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TypeVar, final

from ledger.domain.steps import Steps
from ledger.service.bridges import ReaderThread
from ledger.service.parts import Parts
from ledger.service.sizes import checkpoint_at

_T = TypeVar("_T")


@final
class Reading:
    """What the services ask through: threads for what is short, what is long, and documents.

    A determination takes milliseconds, a comparison seconds, in steps that let determinations in
    between; a lookup in the database or the catalog takes less than one. Run on the loop, the first
    would hold up every call; run in one thread with the lookups, they would hold up the proofs of
    everybody else. Documents wait for the
    disk, and for nothing that the read models have.

    Args:
        parts: The ledger.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._lookups = ReaderThread(parts.door, name="ledger-lookups")
        self._answers = ReaderThread(parts.door, name="ledger-answers")
        self._documents = ReaderThread(parts.door, name="ledger-documents")

    def start(self) -> None:
        """Start the threads."""
        self._lookups.start()
        self._answers.start()
        self._documents.start()

    def close(self) -> None:
        """Let the threads finish what is short and waits, and end them."""
        self._lookups.close()
        self._answers.close()
        self._documents.close()

    async def look_up(
        self, job: Callable[[], _T], *, tree_sizes: Collection[int] | None = None
    ) -> _T:
        """Run a short job, once the read models are far enough if it reads them.

        Args:
            job: What to run.
            tree_sizes: The sizes that it asks the read models about, 0 for the newest; None where
                it reads the database alone.

        Raises:
            NotFoundError: The log is not so large.
            QuestionError: A size lies within a batch.
        """
        if tree_sizes is not None:
            await self._reached(tree_sizes, 0)
        return await self._lookups.run(job)

    async def look_up_in_steps(
        self, steps: Steps[_T], *, tree_sizes: Collection[int] | None = None
    ) -> _T:
        """The same with what may be long, as a page that is looked for in the whole log.

        Raises:
            NotFoundError: The log is not so large.
            QuestionError: A size lies within a batch.
        """
        if tree_sizes is not None:
            await self._reached(tree_sizes, 0)
        return await self._lookups.run_in_steps(steps)

    async def answer(
        self, job: Callable[[], _T], *, tree_sizes: Collection[int] = (), min_tree_size: int = 0
    ) -> _T:
        """Run a determination, once the read models are far enough.

        Args:
            job: What to run.
            tree_sizes: The sizes that it asks about, 0 for the newest; they are waited for.
            min_tree_size: The least size that it may answer at.

        Raises:
            NotFoundError: The log is not so large.
            QuestionError: A size lies within a batch.
        """
        await self._reached(tree_sizes, min_tree_size)
        return await self._answers.run(job)

    async def answer_in_steps(
        self, steps: Steps[_T], *, tree_sizes: Collection[int] = (), min_tree_size: int = 0
    ) -> _T:
        """The same with many, which let single ones in between.

        Between steps the record may grow: what they are to stand on, they hold.

        Raises:
            NotFoundError: The log is not so large.
            QuestionError: A size lies within a batch.
        """
        await self._reached(tree_sizes, min_tree_size)
        return await self._answers.run_in_steps(steps)

    async def document(self, job: Callable[[], _T]) -> _T:
        """Put or get a document; the database and the disk are asked, not the read models."""
        return await self._documents.run(job)

    async def _reached(self, tree_sizes: Collection[int], min_tree_size: int) -> None:
        named = [size for size in tree_sizes if size]
        if named:
            await self._lookups.run(partial(self._require_checkpoints, named))
        await self.parts.progress.reached(max(self.parts.opened_size, min_tree_size, *named))

    def _require_checkpoints(self, tree_sizes: Collection[int]) -> None:
        for size in tree_sizes:
            checkpoint_at(self.parts, size)
