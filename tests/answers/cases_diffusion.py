"""The worldwide rule of January 2025, deferred and then not enforced; the letters of April 2025."""

from __future__ import annotations

from tests.answers.case import Case, ask

RULE = "us-2025-01-13-ai-diffusion"
NOT_ENFORCED = "us-2025-05-13-diffusion-nonenforce"
INTEL = "us-2025-04-intel-gaudi-letter"

CASES = (
    Case(
        "h100-to-japan-the-day-before-the-rule",
        ask("H100", "JP", "2025-01-12", exporter="Dell", consignee_hq="JP"),
        "JP is in no group of the rule of 2023.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        next_change="2025-01-13",
    ),
    Case(
        "h100-to-japan-deferred",
        ask("H100", "JP", "2025-02-20", exporter="Dell", consignee_hq="JP"),
        "Effective since 13 January, compliance only from 15 May: DEFERRED. The exception begins "
        "with the compliance.",
        requirement="DEFERRED",
        authorization="NONE_ON_RECORD",
        destination_measure="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        since="2025-01-13",
        next_change="2025-05-13",
    ),
    Case(
        "mi300x-to-brazil-as-it-looked-in-february",
        ask("MI300X", "BR", "2025-02-01", "2025-02-01", exporter="Dell", consignee_hq="BR"),
        "Known in February, the next scheduled day is the compliance of 15 May.",
        requirement="DEFERRED",
        authorization="NONE_ON_RECORD",
        next_change="2025-05-15",
    ),
    Case(
        "mi300x-to-brazil-the-non-enforcement-unknown",
        ask("MI300X", "BR", "2025-05-20", "2025-05-12", exporter="Dell", consignee_hq="BR"),
        "P1: known the day before the statement of 13 May, the compliance day simply arrives.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        offers=(),
    ),
    Case(
        "h100-to-japan-the-non-enforcement-unknown",
        ask("H100", "JP", "2025-05-20", "2025-05-12", exporter="Dell", consignee_hq="JP"),
        "The same for an ally: AIA serves parties located and headquartered there.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="EXCEPTION_AVAILABLE",
        offers=("AIA",),
    ),
    Case(
        "mi300x-to-brazil-not-enforced-before-compliance",
        ask("MI300X", "BR", "2025-05-13", exporter="Dell", consignee_hq="BR"),
        "P4: non-enforcement ends nothing and sets CODIFIED_NOT_ENFORCED, which outranks DEFERRED.",
        requirement="CODIFIED_NOT_ENFORCED",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        applied=frozenset({RULE, NOT_ENFORCED}),
    ),
    Case(
        "h100-to-japan-not-enforced",
        ask("H100", "JP", "2025-12-20", exporter="Dell", consignee_hq="JP"),
        "The text stands, nobody enforces it, and its exception is part of the text.",
        requirement="CODIFIED_NOT_ENFORCED",
        authorization="EXCEPTION_AVAILABLE",
        evidence="OFFICIAL_TEXT",
        since="2025-05-13",
        offers=("AIA",),
    ),
    Case(
        "h100-to-japan-not-enforced-headquarters-open",
        ask("H100", "JP", "2025-12-20", exporter="Dell"),
        "The requirement about headquarters goes on (P2): were they in D:5, a license would be "
        "required. INDETERMINATE outranks CODIFIED_NOT_ENFORCED.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        missing=("consignee_headquarters",),
    ),
    Case(
        "h100-to-singapore-for-a-chinese-party",
        ask("H100", "SG", "2025-06-01", exporter="Dell", consignee_hq="CN"),
        "#hq requires, case by case. The worldwide rule is not enforced: it is no reason for which "
        "a license would be reviewed.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
    ),
    Case(
        "h100-to-singapore-to-train-for-a-chinese-party",
        ask("H100", "SG", "2025-06-01", exporter="Dell", consignee_hq="CN", end_use="ai-training"),
        "The policy statement of 13 May adds a reason without a policy: NOT_STATED is stricter "
        "than case by case (P6).",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        evidence="OFFICIAL_TEXT",
        applied=frozenset({"us-2025-05-13-training-policy"}),
    ),
    Case(
        "l40-to-japan-is-below-the-worldwide-class",
        ask("L40", "JP", "2025-06-01", exporter="Dell", consignee_hq="JP"),
        "The worldwide rule takes 3A090.a only; the L40 is of the lower class.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        unapplied=frozenset({RULE}),
    ),
    Case(
        "l4-to-japan-is-of-the-worldwide-class",
        ask("L4", "JP", "2025-02-01", exporter="Dell", consignee_hq="JP"),
        "TPP 1936 with density 6.57 for data centers is its second alternative.",
        requirement="DEFERRED",
    ),
    Case(
        "gaudi-3-to-hong-kong-before-intels-letter",
        ask("Gaudi 3", "HK", "2025-04-12", exporter="Intel"),
        "'On or before' 13 April holds from the 13th. TPP 14680 is caught by the rule anyway.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        destination_measure="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        unapplied=frozenset({INTEL}),
    ),
    Case(
        "gaudi-3-to-hong-kong-under-intels-letter",
        ask("HL-325", "HK", "2025-04-13", exporter="Intel"),
        "P2: the letter adds to the rule; its one press source is now the weakest link.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="PRESS_SINGLE",
        applied=frozenset({INTEL, "us-2023-10-17-acs-ifr2"}),
    ),
    Case(
        "l40-to-macau-lies-outside-intels-letter",
        ask("L40", "MO", "2025-05-01", exporter="Intel"),
        "Intel's letter names CN and HK only; the rule of 2023 decides, as for anybody.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        authorization="EXCEPTION_AVAILABLE",
        evidence="OFFICIAL_TEXT",
        unapplied=frozenset({INTEL}),
    ),
)
