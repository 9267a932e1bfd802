"""The rule of 2023: the alternatives of its test, its places, its exceptions before April 2024."""

from __future__ import annotations

from tests.answers.case import Case, ask

RULE = "us-2023-10-17-acs-ifr2"

CASES = (
    Case(
        "h20-in-the-first-year-of-its-life",
        ask("H20", "CN", "2024-06-10", exporter="NVIDIA"),
        "2368 is under 2400 and 2.91 under 3.2; the data center test never comes into it.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        destination_measure="NONE_ON_RECORD",
        evidence="COMPANY_FILING",
        missing=(),
        unapplied=frozenset({RULE, "cl-2024-03-h20-4090d-misread"}),
    ),
    Case(
        "l20-just-under-the-density",
        ask("L20", "CN", "2024-02-01", exporter="Dell"),
        "TPP 1912 with density 3.14: the last alternative asks for 3.2.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
    ),
    Case(
        "l2-just-under-the-performance",
        ask("L2", "CN", "2024-02-01", exporter="Dell"),
        "TPP 1544: every alternative asks for 1600 at least.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
    ),
    Case(
        "4090d-just-under-4800-and-not-for-data-centers",
        ask("RTX 4090 D", "CN", "2024-02-01", exporter="Dell"),
        "TPP 4708 with density 7.74, but not for data centers: Note 2 excludes it below 4800.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
    ),
    Case(
        "l40-is-of-the-lower-class-and-may-go-by-notice",
        ask("L40", "CN", "2024-02-01", exporter="Dell", consignee_hq="CN"),
        "TPP 2896, density 4.76, for data centers: both lower alternatives. #place and #hq "
        "require, the strictest policy counts, and both offer NAC for an export.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="EXCEPTION_AVAILABLE",
        evidence="OFFICIAL_TEXT",
        missing=(),
        offers=("NAC", "NAC"),
    ),
    Case(
        "l4-is-of-the-upper-class-by-density",
        ask("L4", "CN", "2024-02-01", exporter="Dell", consignee_hq="CN"),
        "TPP 1936 with density 6.57, for data centers: 3090.a by its second limb, and no NAC, "
        "which asks for a density under 5.92.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        offers=(),
    ),
    Case(
        "4090-under-the-rule-before-the-correction",
        ask("RTX 4090", "CN", "2023-12-10", exporter="Dell"),
        "TPP 5285: caught whatever it is made for; NAC serves what is not for data centers.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="EXCEPTION_AVAILABLE",
        evidence="OFFICIAL_TEXT",
        offers=("NAC",),
    ),
    Case(
        "4090-within-china-for-a-chinese-party-before-the-correction",
        ask(
            "4090", "CN", "2023-12-10", exporter="Dell", consignee_hq="CN", transaction="in-country"
        ),
        "#place offers NAC without notice in-country, #hq offered it for exports and reexports "
        "only: one deciding reason is left, so the one offer authorizes nothing, and a flag says "
        "so.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
        offers=("NAC",),
        flags=("EXCEPTION_LEAVES_REASONS",),
    ),
    Case(
        "4090-to-viet-nam-before-the-correction",
        ask("4090", "VN", "2023-12-10", exporter="Dell", consignee_hq="VN"),
        "D:1 outside D:5: NAC without a notice; the default policy is approval.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_APPROVAL",
        authorization="EXCEPTION_AVAILABLE",
        offers=("NAC",),
        unflagged=("REVIEW_TURNS_ON_MISSING_FACT",),
    ),
    Case(
        "h100-to-the-emirates-with-headquarters-open",
        ask("H100", "AE", "2023-12-10", exporter="Dell"),
        "AE is in D:4. The requirement stands whoever buys, so headquarters are not missing; the "
        "policy turns on them, the rule about them does not hold, and the answer says so.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_APPROVAL",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        missing=(),
        flags=("REVIEW_TURNS_ON_MISSING_FACT",),
    ),
    Case(
        "h100-to-the-emirates-for-a-chinese-party",
        ask("H100", "AE", "2023-12-10", exporter="Dell", consignee_hq="CN"),
        "#place reviews a party of D:5 with denial, #hq case by case outside D:5: the strictest.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
        unflagged=("REVIEW_TURNS_ON_MISSING_FACT",),
    ),
    Case(
        "h100-to-germany-step-one",
        ask("H100", "DE", "2024-06-01", exporter="Dell"),
        "DE is in none of the groups; #hq asks for headquarters.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        missing=("consignee_headquarters",),
    ),
    Case(
        "h100-to-germany-for-a-chinese-party",
        ask("H100", "DE", "2024-06-01", exporter="Dell", consignee_hq="CN"),
        "#hq alone: case by case outside D:5 and Macau.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        missing=(),
    ),
    Case(
        "h100-to-germany-for-a-party-of-macau",
        ask("H100", "DE", "2024-06-01", exporter="Dell", consignee_hq="MO"),
        "#hq names MO beside D:5.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
    ),
    Case(
        "h100-to-germany-for-a-german-party",
        ask("H100", "DE", "2024-06-01", exporter="Dell", consignee_hq="DE"),
        "Every fact that a rule needs is supplied and none is met.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        evidence="COMPANY_FILING",
        missing=(),
    ),
)
