"""The technical test of 2022 at its edges, the supercomputer limb, and the accelerated letter."""

from __future__ import annotations

from tests.answers.case import Case, ask

RULE = "us-2022-10-07-acs-ifr"
MACAU = "us-2023-01-17-macau"
ACCELERATED = "us-2023-10-23-nvda-accelerate"

CASES = (
    Case(
        "a800-was-made-for-the-rule-of-2022",
        ask("A800", "CN", "2022-12-15", exporter="NVIDIA"),
        "400 GB/s is below 600: neither the rule nor the letter's class (4992 and 600) is met.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        missing=(),
        unapplied=frozenset({RULE, "us-2022-08-26-nvda-letter"}),
    ),
    Case(
        "h800-was-made-for-the-rule-of-2022",
        ask("H800", "CN", "2023-06-01", exporter="Dell"),
        "TOPS x bits of 15832 meets one half of the test, 400 GB/s fails the other.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
    ),
    Case(
        "gaudi-2-on-the-very-threshold",
        ask("Gaudi 2", "CN", "2022-11-10", exporter="Intel"),
        "Exactly 600 GB/s: '>=' holds; 6920 is above 4800.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="OFFICIAL_TEXT",
    ),
    Case(
        "mi250-under-the-rule-of-2022",
        ask("Instinct MI250", "HK", "2022-11-10", exporter="Dell"),
        "800 GB/s and 5794; Hong Kong stands beside China.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="OFFICIAL_TEXT",
    ),
    Case(
        "a100x-is-named-in-the-letter",
        ask("A100X", "CN", "2022-09-10", exporter="NVIDIA"),
        "Named, and also in the class: 5096 and 600.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        evidence="COMPANY_FILING",
    ),
    Case(
        "gaming-card-in-2022",
        ask("4090", "CN", "2022-12-15", exporter="Dell"),
        "No chip-to-chip link: io is the host link, 64 GB/s.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
    ),
    Case(
        "supercomputer-needs-no-fast-chip",
        ask("L2", "CN", "2024-02-01", exporter="Dell", end_use="supercomputer"),
        "The limb of October 2022 asks a license for any item for that end use; the rule of 2023 "
        "superseded #place alone.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        assumed=("transaction is an export", "no listed party"),
        applied=frozenset({RULE}),
    ),
    Case(
        "no-supercomputer-no-requirement",
        ask("L2", "CN", "2024-02-01", exporter="Dell", end_use="none"),
        "TPP 1544 is below every alternative; the end use is denied and no longer assumed.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        evidence="COMPANY_FILING",
        assumed=("transaction is an export", "no listed party"),
    ),
    Case(
        "supercomputer-in-macau-before",
        ask("A800", "MO", "2023-01-16", exporter="Dell", end_use="supercomputer"),
        "The limb for Macau came with the rule of January 2023.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
    ),
    Case(
        "supercomputer-in-macau",
        ask("A800", "MO", "2023-01-17", exporter="Dell", end_use="supercomputer"),
        "Any item for that end use in MO.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="OFFICIAL_TEXT",
        applied=frozenset({MACAU}),
    ),
    Case(
        "rule-of-2023-does-not-work-ahead-of-its-date",
        ask("A800", "CN", "2023-11-16", exporter="Dell"),
        "Released on 17 October, effective on 17 November; the acceleration binds NVIDIA only "
        "(P7).",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        dispositions={
            "us-2023-10-17-acs-ifr2": "NOT_YET_EFFECTIVE",
            ACCELERATED: "OUT_OF_SCOPE",
        },
        next_change="2023-11-17",
    ),
    Case(
        "accelerated-for-one-exporter",
        ask("A800", "VN", "2023-10-23", exporter="NVIDIA", consignee_hq="VN"),
        "The letter brings TPP of 4800 and more for data centers forward; VN is not in D:5, so the "
        "default of approval stands.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_APPROVAL",
        authorization="NONE_ON_RECORD",
        evidence="COMPANY_FILING",
        applied=frozenset({ACCELERATED}),
        unapplied=frozenset({"us-2023-10-17-acs-ifr2"}),
    ),
    Case(
        "accelerated-and-bound-for-china",
        ask("A800", "CN", "2023-11-16", exporter="NVIDIA"),
        "The last day of the letter, inclusive; D:5 turns the policy to denial.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="COMPANY_FILING",
        applied=frozenset({ACCELERATED}),
    ),
    Case(
        "accelerated-letter-overtaken-by-the-rule",
        ask("A800", "CN", "2023-11-17", exporter="NVIDIA"),
        "The letter ended on the 16th and the rule holds from the 17th: no gap in the requirement.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="OFFICIAL_TEXT",
        applied=frozenset({"us-2023-10-17-acs-ifr2"}),
        dispositions={ACCELERATED: "ENDED"},
        since="2023-10-23",
    ),
    Case(
        "accelerated-letter-leaves-the-l40-out",
        ask("L40", "CN", "2023-11-01", exporter="NVIDIA"),
        "TPP 2896: the letter asks for 4800.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        dispositions={ACCELERATED: "OUT_OF_SCOPE"},
    ),
)
