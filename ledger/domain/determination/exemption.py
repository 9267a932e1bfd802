"""Exemptions: what takes a provision away from a question.

FORMAT §2, `exempt`: "where all tests of one hold, the provision does not apply, nor do those in
`also_from` to what the provision covers".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from ledger.domain.determination.matching import exempts
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.truth import HOLDS, Truth, both, fails, on
from ledger.domain.provision import Exemption, Provision


@dataclass(frozen=True, slots=True)
class Relief:
    """What exemptions do to one provision.

    Attributes:
        by: The provision whose exemption takes this one away, or "".
        doubt: Undetermined where an exemption may take it away.
        doubted_by: The provisions whose exemptions these are.
        assumed: Assumptions without which an exemption could take it away.
        lapsed: True where the scheduled end of an exemption has passed (P10).
    """

    by: str = ""
    doubt: Truth = HOLDS
    doubted_by: frozenset[str] = frozenset()
    assumed: frozenset[str] = frozenset()
    lapsed: bool = False

    def joined(self, other: Relief) -> Relief:
        """Two exemptions on one provision."""
        return Relief(
            by=self.by or other.by,
            doubt=both(self.doubt, other.doubt),
            doubted_by=self.doubted_by | other.doubted_by,
            assumed=self.assumed | other.assumed,
            lapsed=self.lapsed or other.lapsed,
        )


NO_RELIEF: Final = Relief()


def reliefs(
    provision: Provision, covers: Truth, situation: Situation, day: date
) -> dict[str, Relief]:
    """What a provision's exemptions take away, by the name of the provision relieved.

    Args:
        provision: The provision that carries the exemptions, as amended.
        covers: Whether that provision reaches the question.
        situation: The question and the record, cut by knowledge.
        day: The day asked about.
    """
    found: dict[str, Relief] = {}
    if covers.value is False:
        return found
    for exemption in provision.exempt:
        relief = _relief(provision.id, exemption, covers, situation, day)
        others = map(situation.register.amended, exemption.also_from)
        for name in dict.fromkeys((provision.id, *others)):
            found[name] = found.get(name, NO_RELIEF).joined(relief)
    return found


def _relief(
    name: str, exemption: Exemption, covers: Truth, situation: Situation, day: date
) -> Relief:
    shown = _shown(name, exemption, situation, day)
    if exemption.ends is not None and day > exemption.ends.certain:
        return Relief(lapsed=shown.value is not False)
    if shown.value is False:
        return Relief(assumed=shown.assumed)
    applies = on(("exempt", name, exemption), both(covers, shown))
    if applies.value:
        return Relief(by=name)
    return Relief(doubt=applies, doubted_by=frozenset({name}))


def _shown(name: str, exemption: Exemption, situation: Situation, day: date) -> Truth:
    if exemption.effective is not None and day < exemption.effective.certain:
        return fails("the exemption has not begun")
    return exempts(exemption, situation, day, subsidiaries=exemption.subsidiaries, of=name)
