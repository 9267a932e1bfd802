"""Questions that the engine once answered differently from a reading of the model by hand."""

from __future__ import annotations

from tests.answers.case import Case, ask

NOW = "2026-12-31"

SHIPPED = (
    Case(
        "a-consignee-who-is-the-addressee-is-not-inside-a-scope-that-does-not-name-it",
        ask("H100", "CN", "2025-06-01", exporter="Dell", consignee="NVIDIA"),
        "Reduction: a license with a scope decides only inside it. The grant of 2022 to NVIDIA is "
        "for the development of the H100; that NVIDIA is the consignee does not put a sale in it.",
        authorization="NONE_ON_RECORD",
    ),
    Case(
        "an-unnamed-exporter-may-have-been-told-alone",
        ask("H20", "CN", "2025-04-12", "2025-04-12", basis="ADDRESSEE"),
        "The letter of 9 April was private until the 15th. On basis ADDRESSEE it depends on who "
        "asks, so the exporter is missing; NO_LICENSE_REQUIRED would be said to NVIDIA too.",
        requirement="INDETERMINATE",
        missing=("exporter",),
    ),
    Case(
        "an-imprecise-date-that-changes-nothing-is-not-warned-of",
        ask("Gaudi 3", "HK", "2025-04-12", exporter="Intel"),
        "The rule of 2023 asks for a license anyway, with a presumption of denial that outranks "
        "the letter's NOT_STATED: the day of Intel's letter turns nothing.",
        requirement="LICENSE_REQUIRED",
        unflagged=("TURNS_ON_IMPRECISE_DATE",),
    ),
    Case(
        "a-military-end-use-is-never-free-because-its-rule-is-not-on-record",
        ask("H20", "DE", "2025-06-01", exporter="Dell", consignee_hq="DE", end_use="military"),
        "15 CFR 744.21 is not on record. The asker denies the assumption of no part-744 end use, "
        "and silence is never consent.",
        requirement="INDETERMINATE",
        missing=("rules on end use military",),
    ),
)

FURTHER = (
    Case(
        "the-withdrawal-of-an-amendment-is-the-next-change",
        ask("L2", "BO", "2026-04-10", NOW, exporter="Dell", consignee_hq="BO"),
        "The amendment is withdrawn on 10 May: from then the rule reads as before.",
        next_change="2026-05-10",
    ),
    Case(
        "a-run-begins-with-the-withdrawal-of-an-amendment",
        ask("L2", "BO", "2026-05-25", NOW, exporter="Dell", consignee_hq="BO"),
        "Nothing asks for a license since the amendment was withdrawn on 10 May.",
        requirement="NO_LICENSE_REQUIRED",
        since="2026-05-10",
    ),
    Case(
        "a-common-word-of-a-scope-is-not-a-consignee",
        ask("H800", "CN", "2026-06-15", NOW, exporter="NVIDIA", consignee="only"),
        "The scope reads 'Tencent as the only consignee': it names Tencent and nobody else.",
        authorization="NONE_ON_RECORD",
    ),
    Case(
        "a-stay-that-was-ended-has-ended",
        ask("L2", "PE", "2026-04-01", NOW, exporter="Dell", consignee_hq="PE"),
        "model §4: what is over by the day asked about is ENDED, not without effect.",
        dispositions={"us-2026-02-20-peru-stay": "ENDED"},
    ),
    Case(
        "non-enforcement-that-was-ended-has-ended",
        ask("H100", "BR", "2026-09-01", NOW, exporter="Dell", consignee_hq="BR"),
        "The rule is enforced again; the statement of May 2025 is ENDED.",
        dispositions={"us-2025-05-13-diffusion-nonenforce": "ENDED"},
    ),
    Case(
        "a-measure-that-was-ended-has-ended",
        ask("MI325X", "CN", "2026-03-12", NOW, exporter="Dell"),
        "The customs block was ended, and nothing took its place.",
        dispositions={"cn-2026-03-02-customs": "ENDED"},
    ),
    Case(
        "a-stay-whose-scheduled-end-has-passed-has-ended",
        ask("L2", "VN", "2026-09-01", NOW, exporter="Dell", consignee_hq="VN"),
        "P10: the stay lapsed without an extension on record.",
        dispositions={"us-2026-03-01-stay": "ENDED"},
    ),
)
