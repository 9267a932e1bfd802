"""Groups and their dates, carve-outs, headquarters, the correction of April 2024, embargoes."""

from __future__ import annotations

from tests.answers.case import Case, ask

CORRECTION = "us-2024-04-04-corrections"

CASES = (
    Case(
        "4090-to-china-under-the-correction",
        ask("4090", "CN", "2024-06-10", exporter="Dell"),
        "From 4 April 2024 the class is reviewed case by case in D:5; NAC for an export.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        authorization="EXCEPTION_AVAILABLE",
        evidence="OFFICIAL_TEXT",
        offers=("NAC",),
        applied=frozenset({CORRECTION}),
    ),
    Case(
        "4090-to-china-the-day-before-the-correction",
        ask("4090", "CN", "2024-04-03", exporter="Dell"),
        "P5: the correction amends from its own date, 4 April, and not before.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="EXCEPTION_AVAILABLE",
        dispositions={CORRECTION: "NOT_YET_EFFECTIVE"},
    ),
    Case(
        "4090-to-a-chinese-party-in-china-under-the-correction",
        ask("4090", "CN", "2024-06-10", exporter="Dell", consignee_hq="CN"),
        "The correction of #hq carries exceptions only, so #hq keeps denial within D:5; P6 takes "
        "it.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="EXCEPTION_AVAILABLE",
        offers=("NAC", "NAC"),
    ),
    Case(
        "4090-within-china-under-the-correction",
        ask(
            "4090", "CN", "2024-06-10", exporter="Dell", consignee_hq="CN", transaction="in-country"
        ),
        "NAC was split: ACA serves transfers in-country, in #place and now in #hq too.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="EXCEPTION_AVAILABLE",
        offers=("ACA", "ACA"),
    ),
    Case(
        "4090-to-viet-nam-for-a-chinese-party-under-the-correction",
        ask("4090", "VN", "2024-06-10", exporter="Dell", consignee_hq="CN", transaction="reexport"),
        "#place offers ACA in D:1, #hq NAC for a reexport: each deciding reason has its own. Both "
        "review this class case by case outside D:5.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        authorization="EXCEPTION_AVAILABLE",
        offers=("ACA", "NAC"),
    ),
    Case(
        "h100-to-china-under-the-correction",
        ask("H100", "CN", "2024-06-10", exporter="Dell"),
        "The H100 is not of the class that the first review rule names; the second keeps denial.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
        since="2022-10-21",
        offers=(),
    ),
    Case(
        "correction-not-known-yet",
        ask("4090", "CN", "2024-06-10", "2024-03-28", exporter="Dell"),
        "P1: released on 29 March 2024; known a day before, it does not exist yet.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="EXCEPTION_AVAILABLE",
        offers=("NAC",),
        unapplied=frozenset({CORRECTION}),
    ),
    Case(
        "h100-to-israel",
        ask("H100", "IL", "2024-06-01", exporter="Dell", consignee_hq="IL"),
        "In D:4 and in A:6: carved out of the test of the destination, and no headquarters of D:5.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
    ),
    Case(
        "h100-to-israel-for-a-chinese-party",
        ask("H100", "IL", "2024-06-01", exporter="Dell", consignee_hq="CN"),
        "The headquarters requirement knows no carve-out.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
    ),
    Case(
        "h100-to-a-cypriot-party-in-germany-before",
        ask("H100", "DE", "2024-05-29", exporter="Dell", consignee_hq="CY"),
        "Cyprus was in D:5 until 2024-05-30, the first day out; A:6 carves out places, not "
        "parties.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        next_change="2024-05-30",
    ),
    Case(
        "h100-to-a-cypriot-party-in-germany-after",
        ask("H100", "DE", "2024-05-30", exporter="Dell", consignee_hq="CY"),
        "Membership as of the date asked about: Cyprus is out of D:5.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        since="2024-05-30",
    ),
    Case(
        "h100-to-cyprus-for-a-german-party-before",
        ask("H100", "CY", "2024-05-29", exporter="Dell", consignee_hq="DE"),
        "In D:5 and A:6: the destination is carved out.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
    ),
    Case(
        "h100-to-nicaragua-before",
        ask("H100", "NI", "2024-03-14", exporter="Dell", consignee_hq="NI"),
        "Nicaragua joined D:1 and D:5 on 2024-03-15.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        next_change="2024-03-15",
    ),
    Case(
        "h100-to-nicaragua",
        ask("H100", "NI", "2024-03-15", exporter="Dell", consignee_hq="NI"),
        "from_date is inclusive; #place and #hq both deny in D:5.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
    ),
    Case(
        "h100-to-russia",
        ask("H100", "RU", "2025-05-20", exporter="Dell"),
        "D:1, D:4 and D:5: a rule on record decides, though the embargo is not on record.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="OFFICIAL_TEXT",
    ),
    Case(
        "l2-to-russia",
        ask("L2", "RU", "2025-05-20", exporter="Dell", consignee_hq="RU"),
        "No rule on record is met, and part 746 is outside it: never 'no license required'.",
        requirement="INDETERMINATE",
        review_policy="N_A",
    ),
    Case(
        "l2-to-cuba-in-2022",
        ask("L40", "CU", "2022-12-01", exporter="Dell", consignee_hq="CU"),
        "Embargoed and not on record.",
        requirement="INDETERMINATE",
        review_policy="N_A",
    ),
)
