"""Over the rows of ``further_time``: rank, contradiction, imprecise days, amendments, groups."""

from __future__ import annotations

from tests.answers.case import Case, ask

NOW = "2026-12-31"
ANDES = "us-2026-02-10-andes"

CASES = (
    Case(
        "an-assurance-after-a-denial",
        ask("B30A", "CN", "2026-05-05", NOW, exporter="NVIDIA"),
        "The latest license event outranks an assurance, also a later one.",
        requirement="LICENSE_REQUIRED",
        authorization="DENIED",
    ),
    Case(
        "license-for-a-named-consignee",
        ask("H800", "CN", "2026-03-01", NOW, exporter="NVIDIA", consignee="Tencent"),
        "The scope's text names the consignee.",
        requirement="LICENSE_REQUIRED",
        authorization="GRANTED_SCOPED",
    ),
    Case(
        "license-for-another-consignee",
        ask("H800", "CN", "2026-03-01", NOW, exporter="NVIDIA", consignee="Baidu"),
        "Outside the scope: listed and possibly relevant.",
        requirement="LICENSE_REQUIRED",
        authorization="NONE_ON_RECORD",
        flags=("POSSIBLY_RELEVANT",),
        unapplied=frozenset({"lic-2026-02-25"}),
    ),
    Case(
        "a-claim-ends-nothing",
        ask("MI308", "MO", "2026-07-01", NOW, exporter="AMD"),
        "P4, P8, P11: whatever relation a claim states, it touches no axis but the condition.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        evidence="COMPANY_FILING",
        unapplied=frozenset({"cl-2026-06-04-mi308-free"}),
    ),
    Case(
        "a-press-report-amends-no-official-rule",
        ask("H100", "VN", "2026-07-01", NOW, exporter="Dell", consignee_hq="VN"),
        "P5: an amendment needs equal or higher rank; P8: the weaker one opens a conflict.",
        requirement="LICENSE_REQUIRED",
        review_policy="PRESUMPTION_OF_APPROVAL",
        conflicts=frozenset({"us-2023-10-17-acs-ifr2", "us-2026-06-03-leak"}),
    ),
    Case(
        "equal-rank-and-contradictory",
        ask("L2", "DE", "2026-07-05", NOW, exporter="Dell", consignee="Hongqi Systems"),
        "P8: equal rank, contradictory: a conflict that lists both; the requirement stands (P4).",
        requirement="LICENSE_REQUIRED",
        review_policy="POLICY_OF_DENIAL",
        conflicts=frozenset({"us-2026-03-03-listed", "us-2026-07-05-statement"}),
    ),
    Case(
        "before-the-week",
        ask("L2", "CR", "2026-03-15", NOW, exporter="Dell", consignee_hq="CR"),
        "The week begins on Monday the 16th.",
        requirement="NO_LICENSE_REQUIRED",
    ),
    Case(
        "inside-the-week",
        ask("L2", "CR", "2026-03-18", NOW, exporter="Dell", consignee_hq="CR"),
        "Some day of that week: on the 18th the rule may or may not have begun.",
        requirement="INDETERMINATE",
        flags=("TURNS_ON_IMPRECISE_DATE",),
    ),
    Case(
        "at-the-end-of-the-week",
        ask("L2", "CR", "2026-03-22", NOW, exporter="Dell", consignee_hq="CR"),
        "Certain from the last day of the week, as a month is from its last day.",
        requirement="LICENSE_REQUIRED",
    ),
    Case(
        "before-an-amendment",
        ask("L2", "BO", "2026-04-09", NOW, exporter="Dell", consignee_hq="BO"),
        "Bolivia comes in with the amendment of 10 April.",
        requirement="NO_LICENSE_REQUIRED",
        next_change="2026-04-10",
    ),
    Case(
        "amended-in-the-one-field-that-it-carries",
        ask("L2", "BO", "2026-04-10", NOW, exporter="Dell", consignee_hq="BO"),
        "The amendment replaces the places; class and requirement stay those of the rule.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        applied=frozenset({ANDES, "us-2026-04-10-andes-wider"}),
        since="2026-04-10",
    ),
    Case(
        "amendment-withdrawn",
        ask("L2", "BO", "2026-05-10", NOW, exporter="Dell", consignee_hq="BO"),
        "What ends is the amendment, and the rule reads as before.",
        requirement="NO_LICENSE_REQUIRED",
    ),
    Case(
        "the-rule-itself-through-amendment-and-withdrawal",
        ask("L2", "EC", "2026-06-01", NOW, exporter="Dell", consignee_hq="EC"),
        "Ecuador was in it all the time.",
        requirement="LICENSE_REQUIRED",
        since="2026-02-10",
    ),
    Case(
        "measure-with-an-end",
        ask("L2", "IN", "2026-04-01", NOW, exporter="Dell", consignee_hq="IN"),
        "The measure's last day was 31 March.",
        requirement="NO_LICENSE_REQUIRED",
        destination_measure="NONE_ON_RECORD",
    ),
    Case(
        "emirates-leave-their-group",
        ask("H100", "AE", "2026-07-10", NOW, exporter="Dell", consignee_hq="AE"),
        "AE is out of D:4 and in A:5 from that day; what is left is the rule not enforced.",
        requirement="CODIFIED_NOT_ENFORCED",
        since="2026-07-10",
    ),
    Case(
        "cambodia-leaves-d5",
        ask("H20", "KH", "2026-02-03", NOW, exporter="NVIDIA", consignee_hq="KH"),
        "The H20 letter reaches D:5; Cambodia's last day there was 2 February 2026.",
        requirement="NO_LICENSE_REQUIRED",
        missing=(),
        since="2026-02-03",
    ),
)
