"""Chinese measures by date, claimed figures, the ledger's knowledge, the edges of the record."""

from __future__ import annotations

from tests.answers.case import EXPORT, NO_END_USE, Case, ask

ORDERED = "cn-2025-09-17-cac-6000d"
DATA_CENTERS = "cn-2025-11-05-state-dc"
H20_LETTER = "us-2025-04-09-nvda-h20-letter"
OWNED = (
    "owned 50 percent or more by parties on the Entity List, the Military End-User List or "
    "covered SDN lists"
)

CASES = (
    Case(
        "6000d-before-the-order-to-stop",
        ask("RTX PRO 6000D", "CN", "2025-09-16", exporter="Dell"),
        "TPP is unpublished and a data center part: between 1600 and 4800 the density decides.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        destination_measure="INVESTIGATION",
        missing=("tpp", "perf_density"),
        next_change="2025-09-17",
    ),
    Case(
        "6000d-ordered-to-stop",
        ask("6000D", "CN", "2025-09-17", exporter="Dell"),
        "The order names the item; it is severer than the investigations and alters no US axis.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        destination_measure="ORDERED_STOP_REPORTED",
        applied=frozenset({ORDERED}),
    ),
    Case(
        "6000d-by-the-addressee-of-the-h20-letter",
        ask("6000D", "MO", "2025-09-20", exporter="NVIDIA", consignee_hq="MO"),
        "Beside its TPP the unpublished part of the letter's class is open (P9).",
        requirement="INDETERMINATE",
        missing=(
            "tpp",
            "perf_density",
            f"{H20_LETTER}#place items UNPUBLISHED",
            f"{H20_LETTER}#hq items UNPUBLISHED",
        ),
    ),
    Case(
        "b200-for-a-state-funded-data-center",
        ask("B200", "CN", "2025-11-05", exporter="Dell", affirm="state-funded data centers"),
        "The scope is affirmed, so the ban decides: the severest of the open measures.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        destination_measure="BANNED_FOR_CLASS_REPORTED",
        evidence="PRESS_SINGLE",
        applied=frozenset({DATA_CENTERS}),
    ),
    Case(
        "b200-before-that-ban",
        ask("B200", "CN", "2025-11-04", exporter="Dell", affirm="state-funded data centers"),
        "Reported on 5 November; before it the investigations stand.",
        requirement="LICENSE_REQUIRED",
        destination_measure="INVESTIGATION",
        unapplied=frozenset({DATA_CENTERS}),
        next_change="2025-11-05",
    ),
    Case(
        "no-measure-before-december-2024",
        ask("H100", "CN", "2024-12-08", exporter="Dell"),
        "The first measure of China on record is the investigation of 9 December 2024.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        destination_measure="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        next_change="2024-12-09",
    ),
    Case(
        "b30a-by-claimed-figures",
        ask("B30A", "MO", "2025-11-10", exporter="Dell"),
        "TPP 30000 is inferred from press reports: a technical test on claimed figures makes the "
        "claim the weakest link. A report of a refusal to sell is a claim without status (P11).",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
        evidence="ATTRIBUTED_CLAIM",
        flags=("ITEM_FIGURES_CLAIMED",),
        unapplied=frozenset({"cl-2025-11-b30a-block"}),
    ),
    Case(
        "ascend-to-saudi-arabia",
        ask("910B", "SA", "2025-06-01", exporter="Dell", consignee_hq="SA"),
        "TPP 5120 by third parties' figures; SA is in D:4. The guidance on General Prohibition 10 "
        "is about conduct and asks no license for an export.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_APPROVAL",
        evidence="ATTRIBUTED_CLAIM",
        unapplied=frozenset({"us-2025-05-13-gp10-huawei"}),
    ),
    Case(
        "ascend-for-a-supercomputer-needs-no-figure",
        ask("910B", "HK", "2023-06-01", exporter="Dell", end_use="supercomputer"),
        "The limb takes any item: no figure is a link, the official text is the weakest one.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        evidence="OFFICIAL_TEXT",
    ),
    Case(
        "the-ledger-had-recorded-nothing-then",
        ask("H20", "CN", "2025-07-20", "2025-07-29", basis="LEDGER", exporter="NVIDIA"),
        "P1 on basis LEDGER: every row was recorded after 2025, the item too: NO_RECORD, no error.",
        requirement="NO_RECORD",
        review_policy="N_A",
    ),
    Case(
        "the-ledger-knows-all-of-it-today",
        ask("H20", "CN", "2025-07-20", "2099-12-31", basis="LEDGER", exporter="NVIDIA"),
        "Once recorded, the ledger answers as the public record does.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="ASSURED_NOT_ISSUED",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
    ),
    Case(
        "the-day-after-coverage",
        ask("H20", "CN", "2026-01-01", exporter="NVIDIA"),
        "Coverage ends on 2025-12-31: the same question a day later has no record.",
        requirement="NO_RECORD",
        review_policy="N_A",
    ),
    Case(
        "affiliates-rule-in-force-and-nobody-named",
        ask("L2", "CN", "2025-10-15", exporter="Dell", consignee="Lenovo", consignee_hq="HK"),
        "The 50 percent rule tests owners, and 'no listed party' is assumed where no fact says "
        "else.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        unapplied=frozenset({"us-2025-09-29-affiliates", "us-2025-11-10-affiliates-stay"}),
    ),
    Case(
        "an-owned-affiliate-while-the-rule-is-in-force",
        ask("L2", "CN", "2025-10-15", exporter="Dell", consignee="Lenovo", affirm=OWNED),
        "The asker affirms the test of the 50 percent rule: in force from 29 September to 9 "
        "November 2025.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        assumed=(EXPORT, NO_END_USE),
        since="2025-09-29",
        next_change="2025-11-10",
        applied=frozenset({"us-2025-09-29-affiliates"}),
    ),
    Case(
        "an-owned-affiliate-while-the-rule-is-stayed",
        ask("L2", "CN", "2025-11-10", exporter="Dell", consignee="Lenovo", affirm=OWNED),
        "The stay begins on 10 November 2025; its last day is 9 November 2026, and the rule "
        "applies again on the day after (P10).",
        requirement="STAYED",
        since="2025-11-10",
        next_change="2026-11-10",
        applied=frozenset({"us-2025-09-29-affiliates", "us-2025-11-10-affiliates-stay"}),
    ),
    Case(
        "on-a-list-that-is-not-carried",
        ask("L2", "SG", "2024-12-02", exporter="Dell", consignee="Some Fab", affirm="89 FR 96830"),
        "The names of that list are not on record; the asker vouches that the consignee is one.",
        requirement="LICENSE_REQUIRED",
        applied=frozenset({"us-2024-12-02-entity-list"}),
        since="2024-12-02",
    ),
    Case(
        "on-a-list-before-it-was-published",
        ask(
            "L2",
            "SG",
            "2025-09-12",
            "2025-09-12",
            exporter="Dell",
            consignee="Some Fab",
            affirm="90 FR 44496",
        ),
        "Public on the day it took effect, in the Federal Register only four days later.",
        requirement="LICENSE_REQUIRED",
        applied=frozenset({"us-2025-09-12-entity-list"}),
    ),
    Case(
        "h100-in-country-in-china",
        ask("H100", "CN", "2024-06-10", exporter="Dell", transaction="in-country"),
        "The rule takes transfers in-country as well.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
    ),
    Case(
        "mi350x-without-a-die-area",
        ask("MI350X", "CN", "2025-07-01", exporter="AMD"),
        "TPP 36800 settles the first alternative; an unpublished density changes nothing.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        missing=(),
    ),
)
