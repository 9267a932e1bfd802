"""A document's stream: it holds its erasure, once there is one, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.aggregates.base import Aggregate
from ledger.domain.attachments import AttachmentErased, erasure_stream
from ledger.domain.vocabulary import Collection
from ledger.errors import RuleError


@dataclass(frozen=True, slots=True)
class ErasureState:
    """How many facts the stream holds: one, once the document is erased."""

    version: int = 0


def erased_once(state: ErasureState, _: AttachmentErased) -> None:
    """What was destroyed cannot be destroyed again, and the first reason stands."""
    if state.version:
        raise RuleError("The attachment was erased before.", field="stream", rule="erased-once")


def commitment_gives_stream(_: ErasureState, fact: AttachmentErased) -> None:
    """A stream bears its document's commitment, so that whoever looks for an erasure finds it."""
    expected = erasure_stream(fact.commitment)
    if fact.stream != expected:
        raise RuleError(
            f"This belongs in {expected}, not in {fact.stream}.",
            field="stream",
            rule="commitment-gives-stream",
        )


def _noted(state: ErasureState, _: AttachmentErased, __: bytes) -> ErasureState:
    return ErasureState(version=state.version + 1)


ATTACHMENTS: Final[Aggregate[ErasureState, AttachmentErased]] = Aggregate(
    collection=Collection.ATTACHMENTS,
    kinds=(AttachmentErased,),
    nothing=ErasureState(),
    rules=(erased_once, commitment_gives_stream),
    fold=_noted,
)
"""The streams ``attachments/<commitment in hex>``."""
