"""Which entries bear a time of signing that is odd: told by an audit, and no finding.

A statement's own time is its author's word, and the ledger takes it as that (``domain.timing``).
So a back-dated one breaks no rule. Whoever reads an audit should know of it all the same.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Final, final

from ledger.codec.skimming import Skimmed
from ledger.domain.dates import MILLISECONDS_END
from ledger.domain.timing import TimeFlag, signing_flags

ODD_KEPT: Final = 1_000
"""How many are told; of a ledger with more, the rest are counted."""


@dataclass(frozen=True, slots=True)
class OddTime:
    """An entry whose statement bears an odd time.

    Attributes:
        index: The entry.
        fact_id: Its fact.
        signed_at_ms: When its author says it was signed, in ms since 1970 (UTC).
        recorded_ms: When the log recorded it.
        flags: What is odd.
    """

    index: int
    fact_id: str
    signed_at_ms: int
    recorded_ms: int
    flags: tuple[TimeFlag, ...]

    @property
    def said(self) -> str:
        """What is odd, in words."""
        return "; ".join(_WORDS[flag] for flag in self.flags)


_WORDS: Final = {
    TimeFlag.SIGNED_BEFORE_ANCHOR: "BACK-DATED: its anchor did not exist then",
    TimeFlag.SIGNED_LONG_BEFORE: "said to be signed more than a day before it was recorded",
    TimeFlag.SIGNED_AFTER: "said to be signed after it was recorded",
}


@final
@dataclass(slots=True)
class Times:
    """The recorded times of all entries in order, 8 bytes each, and what is odd.

    Attributes:
        odd: The first odd ones, in the log's order.
        count: How many there are in all.
    """

    odd: list[OddTime] = field(default_factory=list)
    count: int = 0
    _recorded_ms: array[int] = field(default_factory=lambda: array("Q"))

    def add(self, index: int, skimmed: Skimmed) -> None:
        """Take in an entry; indexes only rise, and one that does not read may be left out.

        A time that no calendar holds is a finding of others, and nothing is made of it here.
        """
        latest_ms = max(skimmed.signed_at_ms, skimmed.recorded_ms)
        if skimmed.signed_at_ms < 0 or latest_ms >= MILLISECONDS_END:
            return
        self._recorded_ms.extend([0] * (index - len(self._recorded_ms)))
        self._recorded_ms.append(skimmed.recorded_ms)
        flags = signing_flags(
            signed_at_ms=skimmed.signed_at_ms,
            recorded_ms=skimmed.recorded_ms,
            anchored_ms=self._anchored_ms(index, skimmed),
        )
        if flags:
            self.count += 1
            if len(self.odd) < ODD_KEPT:
                self.odd.append(
                    OddTime(
                        index, skimmed.fact_id, skimmed.signed_at_ms, skimmed.recorded_ms, flags
                    )
                )

    def last_under(self, tree_size: int) -> tuple[int, int] | None:
        """The last entry below a size that could be taken in; None if there is none.

        Returns:
            Its index, and when the log recorded it, in ms since 1970 (UTC).
        """
        for index in range(min(tree_size, len(self._recorded_ms)) - 1, -1, -1):
            if self._recorded_ms[index]:
                return index, self._recorded_ms[index]
        return None

    def _anchored_ms(self, index: int, skimmed: Skimmed) -> int | None:
        """When the last entry under the anchor was recorded; None where there is no such one."""
        if skimmed.anchor is None or not 0 < skimmed.anchor[0] <= index:
            return None
        return self._recorded_ms[skimmed.anchor[0] - 1]
