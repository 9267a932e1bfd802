"""The memo says all that an answer says, each thing where it belongs."""

from __future__ import annotations

from typing import Any

import pytest

from ledger.cli.output import show
from ledger.cli.status_screen import status_screen
from ledger.v1 import axes_pb2, facts_pb2, queries_pb2, shared_pb2

Capture = pytest.CaptureFixture[str]


def _answer(**more: Any) -> queries_pb2.GetLicenseStatusResponse:
    fields: dict[str, Any] = {
        "question": queries_pb2.Question(
            item="H20",
            destination="CN",
            as_of="2025-05-01",
            known_at="2025-05-02",
            basis=axes_pb2.Basis.PUBLIC,
        ),
        "requirement": axes_pb2.Requirement.LICENSE_REQUIRED,
        "review_policy": axes_pb2.ReviewPolicy.NOT_STATED,
        "authorization": axes_pb2.Authorization.NONE_ON_RECORD,
        "destination_measure": axes_pb2.DestinationMeasure.NONE_ON_RECORD,
        "evidence": axes_pb2.Evidence.COMPANY_FILING,
        "commercial_condition": axes_pb2.CommercialCondition.NONE,
    }
    return queries_pb2.GetLicenseStatusResponse(**(fields | more))


def _shown(
    capsys: Capture, answer: queries_pb2.GetLicenseStatusResponse, *, full: bool = False
) -> str:
    show(*status_screen(answer, full=full, footer="The end."))
    return capsys.readouterr().out


def _entry(disposition: Any, **more: Any) -> queries_pb2.ConsideredEntry:
    return queries_pb2.ConsideredEntry(
        fact_id="us-letter", index=7, disposition=disposition, **more
    )


@pytest.mark.parametrize("requirement", axes_pb2.Requirement.Value.values())
def test_every_requirement_has_its_verdict(capsys: Capture, requirement: Any) -> None:
    first = _shown(capsys, _answer(requirement=requirement)).splitlines()[0]
    assert first.startswith("H20 to CN: ")
    assert ("no answer" in first) is (requirement == axes_pb2.Requirement.UNSPECIFIED)


@pytest.mark.parametrize("basis", axes_pb2.Basis.Value.values())
def test_every_basis_is_told(capsys: Capture, basis: Any) -> None:
    answer = _answer()
    answer.question.basis = basis
    assert "2025-05-02" in _shown(capsys, answer).splitlines()[1]


def test_the_parties_are_told(capsys: Capture) -> None:
    answer = _answer()
    answer.question.consignee = "Tencent"
    answer.question.consignee_headquarters = "CN"
    answer.question.shipped_from = "US"
    told = _shown(capsys, answer).splitlines()[1]
    assert told.startswith("consignee Tencent, consignee headquarters CN, shipped from US, as of")


def test_the_rest_of_the_question_is_told_too(capsys: Capture) -> None:
    answer = _answer()
    answer.question.end_use = queries_pb2.END_USE_AI_TRAINING
    answer.question.transaction = shared_pb2.TRANSACTION_IN_COUNTRY
    answer.question.affirmed.append("tested at home")
    told = " ".join(_shown(capsys, answer).split())
    assert "end use ai training, in-country, as of 2025-05-01" in told
    assert ", affirmed: tested at home requirement" in told


def test_both_sides_of_a_conflict_are_told_in_full_and_named(capsys: Capture) -> None:
    entry = _entry(axes_pb2.Disposition.CONFLICTING, reason="a block, against another measure")
    conflict = queries_pb2.Conflict(about="both are open", fact_ids=["us-letter", "cn-other"])
    told = _shown(capsys, _answer(considered=[entry], conflicts=[conflict]))
    assert "Against each other\n  [7]  us-letter\n" in told
    assert "conflicts  both are open (us-letter, cn-other)" in told
    assert "also considered" not in told


def test_a_deciding_entry_is_told_in_full(capsys: Capture) -> None:
    entry = _entry(
        axes_pb2.Disposition.APPLIED,
        citation="15 CFR 744.23",
        reason="us-letter#place: LICENSE_REQUIRED",
        attribution="TRANSCRIBED_BY registrar",
        certainty=facts_pb2.CERTAINTY_COMPANY_FILING,
        grade=shared_pb2.GRADE_CHECKED,
    )
    lines = [line.strip() for line in _shown(capsys, _answer(considered=[entry])).splitlines()]
    place = lines.index("[7]  us-letter")
    assert lines[place + 1 : place + 4] == [
        "15 CFR 744.23",
        "company filing, checked, transcribed by registrar",
        "us-letter#place: LICENSE_REQUIRED",
    ]


def test_an_entry_that_is_no_report_has_no_certainty(capsys: Capture) -> None:
    entry = _entry(axes_pb2.Disposition.APPLIED, attribution="FIRST_PARTY")
    lines = [line.strip() for line in _shown(capsys, _answer(considered=[entry])).splitlines()]
    assert lines[lines.index("[7]  us-letter") + 1] == "first party"


def test_other_entries_are_counted_and_listed_where_asked(capsys: Capture) -> None:
    entries = [
        _entry(axes_pb2.Disposition.ENDED, reason="ended 2024-01-01"),
        _entry(axes_pb2.Disposition.OUT_OF_SCOPE),
        _entry(axes_pb2.Disposition.OUT_OF_SCOPE),
    ]
    counted = _shown(capsys, _answer(considered=entries))
    assert "also considered  1 ended, 2 out of scope (--all lists them)" in counted
    listed = _shown(capsys, _answer(considered=entries), full=True)
    assert "Considered, ended\n  [7]  us-letter  ended 2024-01-01" in listed


def test_what_would_change_it_is_told_by_kind(capsys: Capture) -> None:
    answer = _answer(
        missing=["exporter", "shipped_from"],
        assumed=["no listed party"],
        notes=["The scope is not published."],
        conflicts=[queries_pb2.Conflict(about="a contradicts b")],
        exceptions=[
            queries_pb2.OfferedException(code="NAC", unaffirmed=["notified", "not ended"]),
            queries_pb2.OfferedException(code="LPP"),
        ],
        next_change=queries_pb2.NextChange(
            date="2026-11-09", description="the stay ends", fact_ids=["us-stay"]
        ),
    )
    told = _shown(capsys, answer)
    change = told[told.index("What would change it") :].splitlines()
    assert [line.strip() for line in change[1:-2]] == [
        "missing facts  exporter",
        "shipped_from",
        "assumed        no listed party",
        "warnings       The scope is not published.",
        "conflicts      a contradicts b",
        "exceptions     NAC, once affirmed: notified; not ended",
        "LPP is available",
        "next change    2026-11-09: the stay ends (us-stay)",
    ]


def test_an_answer_that_nothing_would_change_says_nothing_of_it(capsys: Capture) -> None:
    told = _shown(capsys, _answer())
    assert "What would change it" not in told
    assert told.endswith("\nThe end.\n")


def test_evidence_is_none_where_nothing_carries_the_answer(capsys: Capture) -> None:
    assert "evidence             NONE" in _shown(
        capsys, _answer(evidence=axes_pb2.Evidence.UNSPECIFIED)
    )


def test_the_commercial_condition_is_told_where_there_is_one(capsys: Capture) -> None:
    assert "commercial condition" not in _shown(capsys, _answer())
    tariff = _answer(
        commercial_condition=axes_pb2.CommercialCondition.TARIFF, condition_detail="25 %"
    )
    assert "commercial condition  TARIFF            25 %" in _shown(capsys, tariff)
