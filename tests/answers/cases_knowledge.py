"""Who knew what, and when: rules not yet public, chips not yet launched, letters not published."""

from __future__ import annotations

from tests.answers.case import Case, ask

OLD = "us-2022-10-07-acs-ifr"
NEW = "us-2023-10-17-acs-ifr2"
LETTER = "us-2025-04-09-nvda-h20-letter"

CASES = (
    Case(
        "a800-before-anybody-knew-of-the-new-rule",
        ask("A800", "CN", "2023-12-01", "2023-10-16", exporter="Dell"),
        "P1: the rule was released on 17 October; on the 16th the old rule was all that was known, "
        "and it asks for 600 GB/s.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        unapplied=frozenset({NEW, OLD}),
    ),
    Case(
        "h100-before-anybody-knew-of-the-new-rule",
        ask("H100", "CN", "2023-12-01", "2023-10-16", exporter="Dell"),
        "A supersession works only where the superseding rule is known: the old rule still asks.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        applied=frozenset({OLD}),
        since="2022-10-21",
    ),
    Case(
        "h100-once-the-new-rule-was-known",
        ask("H100", "CN", "2023-12-01", "2023-10-17", exporter="Dell"),
        "Known on the day of its release, effective since 17 November: it has taken the old place.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        applied=frozenset({NEW}),
        dispositions={OLD: "SUPERSEDED_BY"},
        since="2022-10-21",
    ),
    Case(
        "h20-before-its-launch",
        ask("H20", "CN", "2023-11-20", "2023-11-20", exporter="Dell"),
        "The name resolves before the cut; its figures are public from the launch of February "
        "2024, so every figure that the rule reads is missing.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        missing=("tpp", "perf_density", "datacenter"),
    ),
    Case(
        "a100-known-to-its-addressee",
        ask("A100", "CN", "2022-08-29", "2022-08-30", basis="ADDRESSEE", exporter="NVIDIA"),
        "Notified on 26 August, five days before the public.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        evidence="COMPANY_FILING",
    ),
    Case(
        "h20-known-to-an-addressee-of-something-else",
        ask("H20", "CN", "2025-04-12", "2025-04-12", basis="ADDRESSEE", exporter="AMD"),
        "The letter was neither AMD's to know nor binding on it (P7).",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        unapplied=frozenset({LETTER}),
    ),
    Case(
        "h200-announced-to-another-addressee",
        ask("H200", "CN", "2025-12-10", exporter="amd"),
        "The announcement is addressed to three companies, AMD among them.",
        requirement="LICENSE_REQUIRED",
        authorization="ASSURED_NOT_ISSUED",
    ),
    Case(
        "h200-announced-to-others",
        ask("H200", "CN", "2025-12-10", exporter="Dell"),
        "Dell is none of them.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_DENIAL",
        authorization="NONE_ON_RECORD",
        unapplied=frozenset({"us-2025-12-08-h200-announce"}),
    ),
    Case(
        "an-exception-that-lacks-a-fact",
        ask("H100", "JP", "2025-05-20", "2025-05-12", exporter="Dell"),
        "The worldwide rule asks whoever buys, so nothing is missing for the requirement; AIA "
        "tests headquarters, lacks them, does not hold, and the answer says so.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        missing=(),
        flags=("REVIEW_TURNS_ON_MISSING_FACT",),
        offers=(),
    ),
    Case(
        "two-rules-and-the-stricter-silence",
        ask("H200", "VN", "2025-12-10", "2025-05-01", exporter="Dell", consignee_hq="VN"),
        "Known before the non-enforcement, the worldwide rule asks beside the rule of 2023: a "
        "policy that is not stated is stricter than approval (P6).",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        evidence="OFFICIAL_TEXT",
    ),
    Case(
        "a-listed-party-makes-headquarters-moot",
        ask("H100", "SG", "2025-06-01", exporter="Dell", consignee="Moore Threads"),
        "The list asks for any item whatever the headquarters, so they are not missing.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        missing=(),
    ),
    Case(
        "a-newspaper-against-a-filing",
        ask("H20", "CN", "2025-08-01", exporter="NVIDIA"),
        "P8: the claim that the ban was lifted contradicts the letter, is weaker, changes nothing "
        "and opens a conflict that lists both.",
        requirement="LICENSE_REQUIRED",
        conflicts=frozenset({LETTER, "pi-1-ban-lifted"}),
        unapplied=frozenset({"pi-1-ban-lifted"}),
    ),
)
