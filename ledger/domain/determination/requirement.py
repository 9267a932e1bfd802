"""The first axis: which provisions bear on the question, and what they ask together.

P2: "Requirements are CUMULATIVE. Specific does not beat general: a letter adds to a rule and never
relaxes it."
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Final

from ledger.domain.determination.chronicle import Settled
from ledger.domain.determination.exemption import NO_RELIEF, Relief, reliefs
from ledger.domain.determination.matching import provision_reaches
from ledger.domain.determination.rulebook import Edition
from ledger.domain.determination.situation import Placing, Situation
from ledger.domain.determination.standing import DEAD, Overruled, Reading, Standing, State
from ledger.domain.determination.truth import Truth, both
from ledger.domain.determination.workedout import WorkedOut
from ledger.domain.vocabulary import Requirement

ORDER: Final = (
    Requirement.LICENSE_REQUIRED,
    Requirement.INDETERMINATE,
    Requirement.CODIFIED_NOT_ENFORCED,
    Requirement.STAYED,
    Requirement.DEFERRED,
    Requirement.NOT_SUBJECT_TO_EAR,
    Requirement.NO_LICENSE_REQUIRED,
)
"""Reduction: "LICENSE_REQUIRED > INDETERMINATE > CODIFIED_NOT_ENFORCED > STAYED > DEFERRED >
NO_LICENSE_REQUIRED". NOT_SUBJECT_TO_EAR is said only by a provision, and yields to every other."""

_IDLE: Final = DEAD | {State.STAYED}

_STATE_VALUE: Final = {
    State.DEFERRED: Requirement.DEFERRED,
    State.STAYED: Requirement.STAYED,
    State.NOT_ENFORCED: Requirement.CODIFIED_NOT_ENFORCED,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One provision against one question on one day.

    Attributes:
        reading: The provision as amended.
        truth: Whether its tests hold.
        standing: Whether it is in force.
        exempted_by: The provision whose exemption takes this one away, if one does.
        doubted_by: Other provisions whose exemptions may take this one away.
        exempt_lapsed: True where a scheduled end of an exemption has passed (P10).
        restates: The known provision that this one only says again, or "".
        overruled: What a weaker source tried to make of it, as ``Calendar.overruled`` has it.
        id: The provision's name.
        potential: What the provision would ask if its undetermined tests held.
        value: What it asks; INDETERMINATE where a test or its own date leaves it open.
        explained: Why it decides nothing, for the explanation, by whether what it restates decides.
    """

    reading: Reading
    truth: Truth
    standing: Standing
    exempted_by: str = ""
    doubted_by: frozenset[str] = frozenset()
    exempt_lapsed: bool = False
    restates: str = ""
    overruled: Overruled = field(default_factory=dict)
    # Findings are shared among questions, so these are drawn from the others once.
    id: str = field(init=False, compare=False)
    potential: Requirement | None = field(init=False, compare=False)
    value: Requirement | None = field(init=False, compare=False)
    explained: WorkedOut = field(default_factory=WorkedOut, init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        potential = self._potential()
        is_open = potential is not None and not self.is_certain
        object.__setattr__(self, "id", self.reading.rule.provision.id)
        object.__setattr__(self, "potential", potential)
        object.__setattr__(self, "value", Requirement.INDETERMINATE if is_open else potential)

    @property
    def is_requirement(self) -> bool:
        """False for lanes, declaratory guidance and what only says again what another requires."""
        provision = self.reading.provision
        # P5: "declaratory guidance annotates, it does not re-date": it never asks by itself.
        declaratory = provision.declares_from is not None
        return provision.requirement is not None and not self.restates and not declaratory

    def _potential(self) -> Requirement | None:
        requirement = self.reading.provision.requirement
        if not self.is_requirement or self.truth.value is False or self.exempted_by:
            return None
        if self.standing.state in DEAD or requirement is None:
            return None
        if requirement is Requirement.LICENSE_REQUIRED:
            return _STATE_VALUE.get(self.standing.state, requirement)
        return requirement

    @property
    def is_certain(self) -> bool:
        """Whether neither a test nor the provision's own date leaves it open."""
        return self.truth.value is not None and self.standing.state is not State.UNCERTAIN

    @property
    def lacks(self) -> frozenset[str]:
        """What an INDETERMINATE finding lacks."""
        if self.standing.state is State.UNCERTAIN:
            return self.truth.lacks | {f"{self.id} effective day"}
        return self.truth.lacks


@dataclass(frozen=True, slots=True)
class Reduced:
    """The first axis, and what decided it.

    Attributes:
        value: The requirement.
        deciding: Findings that ask exactly this.
        missing: Facts of which some value would change the requirement.
    """

    value: Requirement
    deciding: tuple[Finding, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An edition held against a question.

    Attributes:
        findings: What each rule comes to, with exemptions taken away.
        reduced: What they ask together.
        drawn: What is drawn from the findings alone, once for all questions that share them.
    """

    findings: tuple[Finding, ...]
    reduced: Reduced
    drawn: WorkedOut = field(default_factory=WorkedOut, init=False, repr=False)


def hold(edition: Edition, situation: Situation, day: date) -> Held:
    """Hold the rules of a day's edition against the question on that day."""
    placing = situation.placing(day)
    return situation.register.findings(
        (edition, placing), partial(_held, edition, placing, situation, day)
    )


def _held(edition: Edition, placing: Placing, situation: Situation, day: date) -> Held:
    each = [
        situation.register.findings((settled, placing), partial(_found, settled, situation, day))
        for settled in edition.rules
    ]
    findings = _relieved(each, situation, day)
    return Held(findings, reduce_requirement(findings))


def _found(settled: Settled, situation: Situation, day: date) -> Finding:
    return Finding(
        reading=settled.reading,
        truth=provision_reaches(settled.reading, situation, day),
        standing=settled.standing,
        restates=settled.restates,
        overruled=settled.overruled,
    )


def _relieved(findings: Sequence[Finding], situation: Situation, day: date) -> tuple[Finding, ...]:
    relief: dict[str, Relief] = {}
    for finding in findings:
        # A stay suspends what a provision gives as well as what it asks.
        if not finding.reading.provision.exempt or finding.standing.state in _IDLE:
            continue
        found = reliefs(finding.reading.provision, finding.truth, situation, day)
        relief |= {name: relief.get(name, NO_RELIEF).joined(more) for name, more in found.items()}
    return tuple(
        _with_relief(finding, relief[finding.id]) if finding.id in relief else finding
        for finding in findings
    )


def _with_relief(finding: Finding, relief: Relief) -> Finding:
    truth = finding.truth
    if truth.value is not False:
        truth = both(truth, relief.doubt)
        truth = replace(truth, assumed=truth.assumed | relief.assumed)
    return replace(
        finding,
        truth=truth,
        exempted_by=relief.by,
        doubted_by=relief.doubted_by - {finding.id},
        exempt_lapsed=relief.lapsed,
    )


def reduce_requirement(findings: Iterable[Finding]) -> Reduced:
    """Several reasons to one value, by the order of the reduction.

    A fact is *missing* "only if some value of it would change the requirement": an undetermined
    finding counts only where its provision would outrank what stands without it.
    """
    findings = tuple(findings)
    asking = [(f, potential) for f in findings if (potential := f.potential) is not None]
    certain = [(f, potential) for f, potential in asking if f.is_certain]
    best = min(
        (potential for _, potential in certain),
        key=ORDER.index,
        default=Requirement.NO_LICENSE_REQUIRED,
    )
    open_findings = tuple(
        f
        for f, potential in asking
        if not f.is_certain and ORDER.index(potential) < ORDER.index(best)
    )
    if open_findings:
        turning = _not_absorbed(open_findings)
        missing = sorted(frozenset().union(*(f.lacks for f in turning)))
        return Reduced(Requirement.INDETERMINATE, turning, tuple(missing))
    deciding = tuple(f for f, potential in certain if potential is best)
    return Reduced(best, deciding, ())


def _not_absorbed(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Leave out findings that cannot change the requirement because another always comes first.

    Where one provision turns on a test and another on that test and one more, the second asks for
    a license only where the first does: A or (A and B) is A. What only the second lacks is then not
    missing.
    """
    return tuple(
        finding
        for finding in findings
        if not any(_absorbs(other, finding) for other in findings if other is not finding)
    )


def _absorbs(first: Finding, second: Finding) -> bool:
    if first.standing.state is State.UNCERTAIN or first.potential is None:
        return False
    outranks = second.potential is None or (
        ORDER.index(first.potential) <= ORDER.index(second.potential)
    )
    return outranks and first.truth.atoms < second.truth.atoms
