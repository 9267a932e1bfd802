"""Over the rows of ``further_time``: what ends, extends, amends and contradicts what, and when."""

from __future__ import annotations

from tests.answers.case import Case, ask

NOW = "2026-12-31"

CASES = (
    Case(
        "not-enforced-until-it-is",
        ask("H100", "BR", "2026-08-31", NOW, exporter="Dell", consignee_hq="BR"),
        "The statement of May 2025 holds to the day before it is ended.",
        requirement="CODIFIED_NOT_ENFORCED",
        since="2025-05-13",
        next_change="2026-09-01",
    ),
    Case(
        "enforced-again",
        ask("H100", "BR", "2026-09-01", NOW, exporter="Dell", consignee_hq="BR"),
        "Non-enforcement never ended the rule (P4); without it the rule asks, its compliance day "
        "being long past.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        evidence="OFFICIAL_TEXT",
        unapplied=frozenset({"us-2025-05-13-diffusion-nonenforce"}),
    ),
    Case(
        "rescinded-at-last",
        ask("H100", "BR", "2026-10-01", NOW, exporter="Dell", consignee_hq="BR"),
        "A withdrawal ends the requirement (P4); that of headquarters is not met in BR.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        dispositions={"us-2025-01-13-ai-diffusion": "ENDED"},
    ),
    Case(
        "rescission-leaves-headquarters-alone",
        ask("H100", "BR", "2026-10-01", NOW, exporter="Dell", consignee_hq="CN"),
        "The rule of January 2025 moved that requirement without changing it; a press report that "
        "says it ended opens a conflict (P8).",
        requirement="LICENSE_REQUIRED",
        review_policy="CASE_BY_CASE",
        since="2023-11-17",
    ),
    Case(
        "rule-ended-as-far-as-was-known",
        ask("L2", "CL", "2026-04-01", "2026-03-15", exporter="Dell", consignee_hq="CL"),
        "P10: its last day was 31 March, and no extension was known.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        dispositions={"us-2026-02-06-chile": "ENDED"},
    ),
    Case(
        "rule-extended",
        ask("L2", "CL", "2026-06-30", NOW, exporter="Dell", consignee_hq="CL"),
        "Extended on 20 March to 30 June, inclusive.",
        requirement="LICENSE_REQUIRED",
        since="2026-02-06",
        next_change="2026-07-01",
    ),
    Case(
        "rule-ended-after-its-extension",
        ask("L2", "CL", "2026-07-01", NOW, exporter="Dell", consignee_hq="CL"),
        "The day after.",
        requirement="NO_LICENSE_REQUIRED",
        since="2026-07-01",
    ),
    Case(
        "stay-of-a-whole-act",
        ask("L2", "PE", "2026-03-31", NOW, exporter="Dell", consignee_hq="PE"),
        "The relation names the act and so each of its provisions.",
        requirement="STAYED",
        next_change="2026-04-01",
    ),
    Case(
        "stay-lifted-early",
        ask("L2", "PE", "2026-04-01", NOW, exporter="Dell", consignee_hq="PE"),
        "The stay was ended nine months before its scheduled end; the rule applies again.",
        requirement="LICENSE_REQUIRED",
        unapplied=frozenset({"us-2026-02-20-peru-stay"}),
        unflagged=("IN_FORCE_UNLESS_EXTENSION_RECORDED",),
    ),
    Case(
        "shipped-from-is-missing",
        ask("L2", "UY", "2026-03-01", NOW, exporter="Dell", consignee_hq="UY"),
        "The rule tests where the goods come from, and nobody said.",
        requirement="INDETERMINATE",
        missing=("shipped_from",),
    ),
    Case(
        "shipped-from-the-place-of-the-rule",
        ask("L2", "UY", "2026-03-01", NOW, exporter="Dell", consignee_hq="UY", shipped_from="TW"),
        "Supplied and met.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        missing=(),
    ),
    Case(
        "shipped-from-elsewhere",
        ask("L2", "UY", "2026-03-01", NOW, exporter="Dell", consignee_hq="UY", shipped_from="US"),
        "Supplied and not met.",
        requirement="NO_LICENSE_REQUIRED",
        missing=(),
    ),
    Case(
        "range-across-the-threshold",
        ask("A100", "PY", "2026-03-01", NOW, exporter="Dell", consignee_hq="PY"),
        "1555 to 2039 GB/s: the ends disagree about 2000, so the test is undetermined, and that "
        "outranks the worldwide rule that is not enforced.",
        requirement="INDETERMINATE",
        missing=("mem_bw_gbs",),
    ),
    Case(
        "range-above-the-threshold",
        ask("GH200", "PY", "2026-03-01", NOW, exporter="Dell", consignee_hq="PY"),
        "4000 to 4900 GB/s: both ends agree.",
        requirement="LICENSE_REQUIRED",
        missing=(),
    ),
)
