"""Listed parties, private letters with unpublished scope, announcements, and Chinese measures."""

from __future__ import annotations

from tests.answers.case import Case, ask

LISTED_2023 = "us-2023-10-17-entity-list"
LISTED_2025 = "us-2025-01-16-entity-list"
MIDEAST = "us-2023-07-nvda-mideast-letter"
UNPUBLISHED = (
    f"{MIDEAST}#class consignees UNPUBLISHED",
    f"{MIDEAST}#class destinations UNPUBLISHED",
)
H20_LETTER = "us-2025-04-09-nvda-h20-letter"
G42 = "us-2025-11-uae-ksa"
ANNOUNCED = "us-2025-12-08-h200-announce"

CASES = (
    Case(
        "a-listed-party-needs-a-license-for-any-item",
        ask("L2", "VN", "2024-02-01", exporter="Dell", consignee="biren", consignee_hq="CN"),
        "Named on the list of October 2023, without regard to case; any item, any destination.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        applied=frozenset({LISTED_2023}),
        unapplied=frozenset({"us-2023-10-17-acs-ifr2"}),
    ),
    Case(
        "a-party-on-the-eve-of-its-listing",
        ask("L2", "CN", "2023-10-16", exporter="Dell", consignee="Biren", consignee_hq="CN"),
        "Listed from 17 October 2023.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        dispositions={LISTED_2023: "NOT_YET_EFFECTIVE"},
        next_change="2023-10-17",
    ),
    Case(
        "a-listed-party-takes-the-exception-away",
        ask("4090", "CN", "2025-02-01", exporter="Dell", consignee="Zhipu", consignee_hq="CN"),
        "#place and #hq offer NAC, the Entity List offers nothing: P3, one deciding reason is "
        "left. Denial within D:5 is stricter than a policy that is not stated (P6).",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
        flags=("EXCEPTION_LEAVES_REASONS",),
        applied=frozenset({LISTED_2025}),
    ),
    Case(
        "an-ordinary-party",
        ask("L2", "CN", "2025-02-01", exporter="Dell", consignee="Lenovo", consignee_hq="HK"),
        "Not named on any list; an unknown party is an ordinary party.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        destination_measure="INVESTIGATION",
        unapplied=frozenset(
            {
                LISTED_2023,
                LISTED_2025,
                "us-2024-12-02-entity-list",
                "us-2024-12-02-hbm-fdp-ifr",
                "us-2025-01-16-foundry-dd",
                "us-2024-11-tsmc-letter",
                "us-2024-09-06-ifr",
            }
        ),
    ),
    Case(
        "h100-to-germany-by-the-addressee-of-an-unpublished-letter",
        ask("H100", "DE", "2024-06-01", exporter="NVIDIA", consignee_hq="DE"),
        "P9: the letter of July 2023 names the H100 and binds NVIDIA; its places and customers "
        "were never published and no end of it is on record.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        missing=UNPUBLISHED,
    ),
    Case(
        "a100-to-the-emirates-inside-the-month-of-the-letter",
        ask("A100", "AE", "2023-06-30", exporter="NVIDIA", consignee_hq="AE"),
        "'In July 2023' begins on the first of the month at the earliest; June is free of it.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        dispositions={MIDEAST: "NOT_YET_EFFECTIVE"},
        next_change="2023-07-01",
    ),
    Case(
        "a100-to-the-emirates-in-that-month",
        ask("A100", "AE", "2023-07-15", exporter="NVIDIA", consignee_hq="AE"),
        "Inside the month the date itself is open, and the scope is unpublished.",
        requirement="INDETERMINATE",
        review_policy="N_A",
    ),
    Case(
        "a800-is-not-of-that-letter",
        ask("A800", "AE", "2023-08-15", exporter="NVIDIA", consignee_hq="AE"),
        "The letter names the A100 and the H100, and carries no class.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        missing=(),
    ),
    Case(
        "l20-may-be-of-the-unpublished-part-of-the-class",
        ask("L20", "MO", "2025-05-01", exporter="NVIDIA", consignee_hq="MO"),
        "864 GB/s and no link meet neither published half of the H20 letter; the value of the "
        "combination is unpublished, so the item is undetermined, by place and by headquarters.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        missing=(
            f"{H20_LETTER}#place items UNPUBLISHED",
            f"{H20_LETTER}#hq items UNPUBLISHED",
        ),
    ),
    Case(
        "l20-by-somebody-else",
        ask("L20", "MO", "2025-05-01", exporter="Dell", consignee_hq="MO"),
        "P7: the class binds NVIDIA only.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        missing=(),
    ),
    Case(
        "gh200-meets-the-letter-at-both-ends-of-its-range",
        ask("Grace Hopper", "MO", "2025-05-01", exporter="NVIDIA"),
        "4000 to 4900 GB/s: both ends reach 4000. The rule of 2023 applies beside it (P2, P6).",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="COMPANY_FILING",
        applied=frozenset({H20_LETTER, "us-2023-10-17-acs-ifr2"}),
    ),
    Case(
        "gb300-to-g42",
        ask("GB300", "AE", "2025-12-10", exporter="NVIDIA", consignee="G42", consignee_hq="AE"),
        "AE is in D:4 until July 2026. The license's scope names G42, which is also its addressee.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_APPROVAL",
        authorization="GRANTED_SCOPED",
        destination_measure="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        applied=frozenset({G42}),
    ),
    Case(
        "gb300-to-g42-before-the-license",
        ask("GB300", "AE", "2025-11-18", exporter="NVIDIA", consignee="G42", consignee_hq="AE"),
        "Public on 19 November.",
        requirement="LICENSE_REQUIRED",
        authorization="NONE_ON_RECORD",
        next_change="2025-11-19",
    ),
    Case(
        "gb300-to-somebody-else-in-the-emirates",
        ask("GB300", "AE", "2025-12-10", exporter="NVIDIA", consignee="Acme", consignee_hq="AE"),
        "The license reaches its addressees as exporter or consignee, and Acme and NVIDIA are "
        "none.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_APPROVAL",
        authorization="NONE_ON_RECORD",
        unapplied=frozenset({G42}),
    ),
    Case(
        "h200-announced",
        ask("H200", "CN", "2025-12-10", exporter="NVIDIA"),
        "P4: an announcement ends nothing. Words about a scope do not cut an assurance. The ban "
        "for state-funded data centers stays outside, two investigations are open.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="ASSURED_NOT_ISSUED",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        commercial_condition="NONE",
        flags=("POSSIBLY_RELEVANT",),
        applied=frozenset({ANNOUNCED, "cn-2025-09-13-mofcom-probe", "cn-2025-09-15-samr-finding"}),
    ),
)
