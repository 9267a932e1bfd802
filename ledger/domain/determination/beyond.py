"""What lies beyond the record: where it is silent although a rule exists, or may.

Silence is never consent. model, Assumptions: "The embargo rules of part 746 are not on record: for
… never NO_LICENSE_REQUIRED; INDETERMINATE if nothing else applies." The same holds for a part-744
end use that the asker supplies and no rule on record speaks of, and, on basis ADDRESSEE, for what
an unnamed exporter may have been told alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledger.domain.determination.coverage import outside_record
from ledger.domain.determination.question import EXPORTER
from ledger.domain.determination.requirement import Finding, Reduced
from ledger.domain.determination.situation import Situation
from ledger.domain.determination.standing import DEAD
from ledger.domain.scope import end_use_of
from ledger.domain.vocabulary import Basis, EndUse, Requirement

NOTHING_ASKED: Final = frozenset({Requirement.NO_LICENSE_REQUIRED, Requirement.NOT_SUBJECT_TO_EAR})

_SILENT: Final = NOTHING_ASKED | {Requirement.INDETERMINATE}


def with_silence(reduced: Reduced, findings: Iterable[Finding], situation: Situation) -> Reduced:
    """The first axis, with what the record does not carry taken into account."""
    if reduced.value is Requirement.LICENSE_REQUIRED:
        return reduced
    unheard = {EXPORTER} if _may_have_been_told(situation) else set()
    # An answer that is open for other reasons lacks these rules as well: whoever supplied the rest
    # would still not know.
    if reduced.value in _SILENT:
        unheard |= {rule.citation for rule in outside_record(situation)}
        unheard |= _unspoken_end_use(findings, situation)
    if not unheard:
        return reduced
    missing = tuple(sorted(unheard | set(reduced.missing)))
    turning = reduced.deciding if reduced.value is Requirement.INDETERMINATE else ()
    return Reduced(Requirement.INDETERMINATE, turning, missing)


def _may_have_been_told(situation: Situation) -> bool:
    question = situation.question
    return question.basis is Basis.ADDRESSEE and question.exporter is None


def _unspoken_end_use(findings: Iterable[Finding], situation: Situation) -> set[str]:
    end_use = situation.question.end_use
    if end_use is None or end_use is EndUse.NONE:
        return set()
    spoken = {
        end_use_of(text)
        for finding in findings
        if finding.standing.state not in DEAD
        for part in (finding.reading.provision, *finding.reading.provision.exempt)
        for text in part.end_uses
    }
    return set() if end_use in spoken else {f"rules on end use {end_use}"}
