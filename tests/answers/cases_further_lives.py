"""Over the rows of ``further_time``: acts upon acts, and two licenses side by side."""

from __future__ import annotations

from tests.answers.case import Case, ask

NOW = "2026-12-31"

CASES = (
    Case(
        "amended-twice-between-the-two",
        ask("L2", "HN", "2026-03-15", NOW, exporter="Dell", consignee_hq="HN"),
        "Each amendment works from its own effective day: the one signed later is in force first.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        dispositions={"us-2026-02-20-second": "NOT_YET_EFFECTIVE"},
        next_change="2026-04-01",
    ),
    Case(
        "amended-twice-after-both",
        ask("L2", "HN", "2026-04-01", NOW, exporter="Dell", consignee_hq="HN"),
        "P5: the later effective day beats the earlier for the same field, at equal rank.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_APPROVAL",
        since="2026-02-11",
    ),
    Case(
        "withdrawn",
        ask("L2", "SV", "2026-03-16", NOW, exporter="Dell", consignee_hq="SV"),
        "P4: a withdrawal ends the requirement.",
        requirement="NO_LICENSE_REQUIRED",
        since="2026-03-07",
        next_change="2026-03-17",
    ),
    Case(
        "withdrawal-withdrawn",
        ask("L2", "SV", "2026-03-17", NOW, exporter="Dell", consignee_hq="SV"),
        "The act that ended the rule is itself ended, so the rule asks again.",
        requirement="LICENSE_REQUIRED",
        since="2026-03-17",
    ),
    Case(
        "deferred-then-stayed",
        ask("L2", "DO", "2026-03-15", NOW, exporter="Dell", consignee_hq="DO"),
        "STAYED outranks DEFERRED.",
        requirement="STAYED",
        next_change="2026-05-01",
    ),
    Case(
        "stay-over-and-still-deferred",
        ask("L2", "DO", "2026-05-01", NOW, exporter="Dell", consignee_hq="DO"),
        "The stay lapsed before the day of compliance.",
        requirement="DEFERRED",
        next_change="2026-06-01",
    ),
    Case(
        "compliance-at-last",
        ask("L2", "DO", "2026-06-01", NOW, exporter="Dell", consignee_hq="DO"),
        "`compliance` is the first day on which the rule asks.",
        requirement="LICENSE_REQUIRED",
        since="2026-06-01",
    ),
    Case(
        "denial-for-another-consignee-hides-no-grant",
        ask("A800", "CN", "2026-05-01", NOW, exporter="Dell", consignee="Tencent"),
        "The later denial has a scope of its own, which names Baidu: outside it.",
        requirement="LICENSE_REQUIRED",
        authorization="GRANTED_SCOPED",
        unapplied=frozenset({"lic-2026-04-01-baidu"}),
    ),
    Case(
        "grant-for-another-consignee-hides-no-denial",
        ask("A800", "CN", "2026-05-01", NOW, exporter="Dell", consignee="Baidu"),
        "The mirror image.",
        requirement="LICENSE_REQUIRED",
        authorization="DENIED",
        unapplied=frozenset({"lic-2026-03-01-tencent"}),
    ),
    Case(
        "asker-and-record-differ-about-headquarters",
        ask(
            "L40",
            "SG",
            "2026-02-01",
            NOW,
            exporter="Dell",
            consignee="Yunhai Singapore",
            consignee_hq="SG",
        ),
        "Headquarters 'of the consignee or its ultimate parent': the parent on record is in CN, "
        "whatever the asker says of the consignee.",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
    ),
)
