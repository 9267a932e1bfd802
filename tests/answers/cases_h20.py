"""The H20 and China in 2025: a letter to one company, its publication, an assurance, licenses.

Every case but the last ones is asked for NVIDIA as the exporter.
"""

from __future__ import annotations

from tests.answers.case import EXPORT, NO_END_USE, NO_LISTED_PARTY, Case, ask

LETTER = "us-2025-04-09-nvda-h20-letter"
SAMR = "cn-2024-12-09-samr-open"

CASES = (
    Case(
        "h20-the-day-before-the-letter",
        ask("H20", "CN", "2025-04-08", exporter="NVIDIA"),
        "TPP 2368 is below 2400 and density 2.91 below 3.2: no alternative of the 2023 rule holds, "
        "and the letter begins a day later. The antitrust investigation of December 2024 is open "
        "and names no item; its one press source is the only applied link.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        authorization="NONE_ON_RECORD",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        commercial_condition="NONE",
        missing=(),
        assumed=(EXPORT, NO_END_USE, NO_LISTED_PARTY),
        dispositions={LETTER: "NOT_YET_EFFECTIVE"},
        next_change="2025-04-09",
    ),
    Case(
        "h20-on-the-day-of-the-letter",
        ask("H20", "CN", "2025-04-09", exporter="NVIDIA"),
        "The letter's #place names the H20 and CN, binds NVIDIA, and holds from 9 April, "
        "inclusive; it states no policy. The press report on the investigation is the weakest "
        "link.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        commercial_condition="NONE",
        missing=(),
        applied=frozenset({LETTER, SAMR}),
        since="2025-04-09",
    ),
    Case(
        "h20-in-force-and-not-yet-public",
        ask("H20", "CN", "2025-04-12", "2025-04-12", exporter="NVIDIA"),
        "P1: the letter became public on 15 April; what the public knew on the 12th was no rule "
        "that reaches the H20.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        authorization="NONE_ON_RECORD",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        unapplied=frozenset({LETTER}),
        next_change="",
    ),
    Case(
        "h20-the-addressee-knew-before-the-public",
        ask("H20", "CN", "2025-04-12", "2025-04-12", basis="ADDRESSEE", exporter="NVIDIA"),
        "P1 with the addressee's knowledge: notified on 9 April, so NVIDIA knew on the 12th.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        destination_measure="INVESTIGATION",
        applied=frozenset({LETTER}),
        since="2025-04-09",
    ),
    Case(
        "h20-the-addressee-knew-nothing-the-day-before",
        ask("H20", "CN", "2025-04-12", "2025-04-08", basis="ADDRESSEE", exporter="NVIDIA"),
        "P1: on 8 April the notice had not been given.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        unapplied=frozenset({LETTER}),
    ),
    Case(
        "h20-seen-from-the-day-of-publication",
        ask("H20", "CN", "2025-04-12", "2025-04-15", exporter="NVIDIA"),
        "Published on 15 April and effective from the 9th: for the 12th the public now answers "
        "otherwise. Cut-offs are inclusive.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        applied=frozenset({LETTER}),
    ),
    Case(
        "h20-seen-from-the-day-before-publication",
        ask("H20", "CN", "2025-04-20", "2025-04-14", exporter="NVIDIA"),
        "P1: on 14 April the letter was still private.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        unapplied=frozenset({LETTER}),
    ),
    Case(
        "h20-on-the-day-of-the-assurance",
        ask("H20", "CN", "2025-07-14", exporter="NVIDIA"),
        "P4: an assurance ends no requirement. It sets the authorization axis, without an "
        "effective date from its publication.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="ASSURED_NOT_ISSUED",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        commercial_condition="NONE",
        applied=frozenset({LETTER, "us-2025-07-14-h20-assurance"}),
        since="2025-04-09",
    ),
    Case(
        "h20-before-the-assurance",
        ask("H20", "CN", "2025-07-13", exporter="NVIDIA"),
        "The assurance is of 14 July; before it nothing is on record on this axis.",
        requirement="LICENSE_REQUIRED",
        authorization="NONE_ON_RECORD",
        unapplied=frozenset({"us-2025-07-14-h20-assurance"}),
        next_change="2025-07-14",
    ),
    Case(
        "h20-what-the-article-got-wrong",
        ask("H2O", "CN", "2025-07-20", "2025-07-29", exporter="NVIDIA"),
        "'H2O' is an alias. P4, P8, P11: neither the assurance nor a newspaper's word of a lifted "
        "ban touches the requirement, and a claim has no status effect.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="ASSURED_NOT_ISSUED",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        commercial_condition="NONE",
        applied=frozenset({LETTER}),
        unapplied=frozenset({"pi-1-ban-lifted", "cl-2025-07-28-ft-pause", "pi-4-ft-suspended"}),
    ),
    Case(
        "h20-a-summons-is-less-than-an-investigation",
        ask("H20", "CN", "2025-07-31", exporter="NVIDIA"),
        "INQUIRY (31 July) and INVESTIGATION (December 2024) are both open: the severest counts, "
        "the summons is listed and not applied.",
        requirement="LICENSE_REQUIRED",
        authorization="ASSURED_NOT_ISSUED",
        destination_measure="INVESTIGATION",
        unapplied=frozenset({"cn-2025-07-31-cac-summons"}),
    ),
    Case(
        "h20-licensed",
        ask("H20", "CN", "2025-08-08", exporter="NVIDIA"),
        "The latest license event outranks the assurance. The scope is unpublished: it counts for "
        "the addressee, with a flag; the requirement stands (a license is not the end of it).",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="GRANTED_SCOPED",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        commercial_condition="NONE",
        flags=("LICENSE_SCOPE_UNPUBLISHED",),
        applied=frozenset({LETTER, "us-2025-08-08-h20-licenses"}),
        unapplied=frozenset({"us-2025-07-14-h20-assurance"}),
    ),
    Case(
        "h20-fifteen-percent-expected",
        ask("H20", "CN", "2025-08-10", exporter="NVIDIA"),
        "P11: the claim of 10 August sets the commercial condition and no other axis. Its scope is "
        "neither a license's nor a measure's, so nothing cuts it.",
        requirement="LICENSE_REQUIRED",
        authorization="GRANTED_SCOPED",
        destination_measure="INVESTIGATION",
        commercial_condition="EXPECTED_UNCODIFIED",
        applied=frozenset({"cl-2025-08-10-15pct"}),
    ),
    Case(
        "h20-discouraged",
        ask("H20", "CN", "2025-08-15", exporter="NVIDIA"),
        "DISCOURAGED (12 August) is severer than the investigation and the summons.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="GRANTED_SCOPED",
        destination_measure="DISCOURAGED",
        evidence="PRESS_SINGLE",
        commercial_condition="EXPECTED_UNCODIFIED",
        applied=frozenset({"cn-2025-08-12-guidance"}),
        unapplied=frozenset({"cn-2025-07-31-cac-summons", SAMR}),
    ),
    Case(
        "h20-on-the-last-day-of-the-record",
        ask("H20", "CN", "2025-12-31", exporter="NVIDIA"),
        "Nothing ended the letter, the licenses or the guidance. The ban of November is for "
        "state-funded data centers, a scope that the question does not affirm: listed, and "
        "possibly relevant.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="GRANTED_SCOPED",
        destination_measure="DISCOURAGED",
        evidence="PRESS_SINGLE",
        commercial_condition="EXPECTED_UNCODIFIED",
        flags=("LICENSE_SCOPE_UNPUBLISHED", "POSSIBLY_RELEVANT"),
        since="2025-04-09",
    ),
)
