"""Over the rows of ``further``: lanes, stays, exemptions, guidance, withdrawals, parties."""

from __future__ import annotations

from tests.answers.case import Case, ask
from tests.answers.further import SUPPLIED, TESTED

BOTH = f"{TESTED};{SUPPLIED}"
NOW = "2026-12-31"
SMALL = "us-2026-02-01-small"
GULF = "us-2026-02-02-gulf"
RULE = "us-2023-10-17-acs-ifr2"
GUIDANCE = "us-2026-05-31-guidance"

CASES = (
    Case(
        "lane-with-every-precondition-affirmed",
        ask("H200", "CN", "2026-02-01", NOW, exporter="Dell", consignee_hq="CN", affirm=BOTH),
        "TPP 15832 and 4800 GB/s are below both limits; one lane for each of the two provisions "
        "that apply, all preconditions affirmed (P6).",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        authorization="NONE_ON_RECORD",
        commercial_condition="NONE",
        applied=frozenset({"us-2026-01-15-lane"}),
    ),
    Case(
        "lane-with-one-precondition-affirmed",
        ask("H200", "CN", "2026-02-01", NOW, exporter="Dell", consignee_hq="CN", affirm=TESTED),
        "One precondition is not affirmed: the strictest policy stays.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        flags=("REVIEW_LANE_NEEDS_PRECONDITIONS",),
    ),
    Case(
        "lane-is-closed-above-its-limits",
        ask("B200", "CN", "2026-02-01", NOW, exporter="Dell", consignee_hq="CN", affirm=BOTH),
        "TPP 36000 is not below 21000.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
    ),
    Case(
        "lane-begins-with-its-rule",
        ask("H200", "CN", "2026-01-14", NOW, exporter="Dell", consignee_hq="CN", affirm=BOTH),
        "Effective on 15 January. Coverage was extended, so 2026 is on record.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
    ),
    Case(
        "coverage-extended-to-its-last-day",
        ask("H20", "MO", "2027-01-01", NOW, exporter="NVIDIA"),
        "The latest declaration ends on 2026-12-31.",
        requirement="NO_RECORD",
        review_policy="N_A",
    ),
    Case(
        "rule-before-its-stay",
        ask("L2", "VN", "2026-02-28", NOW, exporter="Dell", consignee_hq="VN"),
        "TPP 1544 is at least 1500; the rule states no policy.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        evidence="OFFICIAL_TEXT",
        since="2026-02-01",
        next_change="2026-03-01",
    ),
    Case(
        "rule-stayed",
        ask("L2", "VN", "2026-05-31", "2026-05-15", exporter="Dell", consignee_hq="VN"),
        "`ends` is inclusive: the last day of the stay as it was known in mid-May.",
        requirement="STAYED",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        applied=frozenset({"us-2026-03-01-stay"}),
        since="2026-03-01",
        next_change="2026-06-01",
    ),
    Case(
        "stay-lapsed-as-far-as-was-known",
        ask("L2", "VN", "2026-06-01", "2026-05-15", exporter="Dell", consignee_hq="VN"),
        "P10: the scheduled end passes without a recorded extension, the status flips, flagged.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        flags=("IN_FORCE_UNLESS_EXTENSION_RECORDED",),
    ),
    Case(
        "stay-extended",
        ask("L2", "VN", "2026-08-31", NOW, exporter="Dell", consignee_hq="VN"),
        "The extension of 20 May carries the stay to 31 August, inclusive.",
        requirement="STAYED",
        since="2026-03-01",
        next_change="2026-09-01",
    ),
    Case(
        "stay-lapsed-after-its-extension",
        ask("L2", "VN", "2026-09-01", NOW, exporter="Dell", consignee_hq="VN"),
        "P10 again, a day after the extended end.",
        requirement="LICENSE_REQUIRED",
        flags=("IN_FORCE_UNLESS_EXTENSION_RECORDED",),
        since="2026-09-01",
    ),
    Case(
        "exempt-from-two-rules",
        ask("L40", "SA", "2026-06-30", NOW, exporter="Dell", consignee="Humain", consignee_hq="SA"),
        "The exemption names Humain, and `also_from` takes the rule of 2023 along; no other rule "
        "reaches TPP 2896 in SA. The last day counts.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        next_change="2026-07-01",
    ),
    Case(
        "exemption-ended",
        ask("L40", "SA", "2026-07-01", NOW, exporter="Dell", consignee="Humain", consignee_hq="SA"),
        "Both rules ask again; case by case is stricter than approval. The old rule offers ACA, "
        "the new one nothing (P3).",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        authorization="NONE_ON_RECORD",
        applied=frozenset({GULF, RULE}),
        flags=("EXCEPTION_LEAVES_REASONS",),
        since="2026-07-01",
    ),
    Case(
        "exempt-as-a-subsidiary",
        ask("L40", "SA", "2026-03-15", NOW, exporter="Dell", consignee="humain cloud"),
        "`subsidiaries`: the ultimate parent on record is Humain; the headquarters of both are "
        "on record.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        missing=(),
    ),
    Case(
        "subsidiary-of-a-parent-without-known-headquarters",
        ask("L40", "DE", "2026-03-15", NOW, exporter="Dell", consignee="Umbra Trading"),
        "The consignee sits in DE, its ultimate parent nobody described: the parent's headquarters "
        "might be in D:5, and #hq asks for either.",
        requirement="INDETERMINATE",
        missing=("consignee_headquarters",),
    ),
    Case(
        "not-exempt",
        ask("L40", "SA", "2026-03-15", NOW, exporter="Dell", consignee="Acme", consignee_hq="SA"),
        "Acme is not named and nobody described it: an ordinary party.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
    ),
    Case(
        "h100-for-a-chinese-party-the-guidance-annotates",
        ask("H100", "DE", "2024-06-01", NOW, exporter="Dell", consignee_hq="CN"),
        "P5, P11: guidance of May 2026 declares from 2023-11-17: applied as an annotation, once "
        "known. The rule itself decides and keeps its policy.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        evidence="OFFICIAL_TEXT",
        applied=frozenset({RULE, GUIDANCE}),
        since="2023-11-17",
    ),
    Case(
        "guidance-not-known-yet",
        ask("H100", "DE", "2024-06-01", "2026-05-30", exporter="Dell", consignee_hq="CN"),
        "P1: the same requirement, without the annotation.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        unapplied=frozenset({GUIDANCE}),
    ),
    Case(
        "guidance-does-not-re-date",
        ask("H100", "DE", "2023-11-16", NOW, exporter="Dell", consignee_hq="CN"),
        "The day before the rule and before the day from which the guidance speaks.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        dispositions={GUIDANCE: "NOT_YET_EFFECTIVE"},
    ),
    Case(
        "a-press-report-ends-no-official-rule",
        ask("H100", "DE", "2026-07-01", NOW, exporter="Dell", consignee_hq="CN"),
        "P8: weaker evidence never overrides stronger, it opens a conflict that lists both.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        conflicts=frozenset({RULE, "us-2026-06-02-said-to-end"}),
        since="2023-11-17",
    ),
)
