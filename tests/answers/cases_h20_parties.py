"""The H20 and the MI308 by exporter, headquarters, movement and what else a question supplies."""

from __future__ import annotations

from tests.answers.case import EXPORT, NO_END_USE, NO_LISTED_PARTY, Case, ask

LETTER = "us-2025-04-09-nvda-h20-letter"
AMD = "us-2025-04-amd-mi308-letter"

CASES = (
    Case(
        "h20-without-an-exporter",
        ask("H20", "CN", "2025-05-01"),
        "P7: the letter binds NVIDIA only, and exporters are never assumed. Were it NVIDIA, a "
        "license would be required: the exporter is the missing fact, headquarters add nothing.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        authorization="NONE_ON_RECORD",
        destination_measure="INVESTIGATION",
        missing=("exporter",),
    ),
    Case(
        "h20-by-somebody-else",
        ask("H20", "CN", "2025-05-01", exporter="Dell"),
        "P7: Dell is no addressee, and the rule of 2023 does not reach TPP 2368.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        authorization="NONE_ON_RECORD",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        missing=(),
        dispositions={LETTER: "OUT_OF_SCOPE"},
    ),
    Case(
        "h20-licensed-but-for-whom",
        ask("H20", "CN", "2025-08-15"),
        "The licenses reach their addressee; without an exporter they are possibly relevant, and "
        "so is the condition of 15 percent. The guidance of the Chinese authorities binds "
        "anybody.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        authorization="NONE_ON_RECORD",
        destination_measure="DISCOURAGED",
        commercial_condition="NONE",
        missing=("exporter",),
        flags=("POSSIBLY_RELEVANT",),
        unapplied=frozenset({"us-2025-08-08-h20-licenses", "cl-2025-08-10-15pct"}),
    ),
    Case(
        "h20-to-viet-nam-step-one-nothing-but-the-exporter",
        ask("H20", "VN", "2025-05-01", exporter="NVIDIA"),
        "VN is in D:1 and not D:5: #place fails. #hq asks for the consignee's headquarters, which "
        "are never assumed and would decide.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        authorization="NONE_ON_RECORD",
        destination_measure="NONE_ON_RECORD",
        missing=("consignee_headquarters",),
        assumed=(EXPORT, NO_END_USE, NO_LISTED_PARTY),
    ),
    Case(
        "h20-to-viet-nam-step-two-headquarters-in-china",
        ask("H20", "VN", "2025-05-01", exporter="NVIDIA", consignee_hq="CN"),
        "The letter's #hq: headquartered in CN, wherever located.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        destination_measure="NONE_ON_RECORD",
        evidence="COMPANY_FILING",
        missing=(),
        applied=frozenset({LETTER}),
    ),
    Case(
        "h20-to-viet-nam-step-two-headquarters-at-home",
        ask("H20", "VN", "2025-05-01", exporter="NVIDIA", consignee_hq="VN"),
        "Neither part of the letter is met, and the H20 meets no technical test.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        evidence="COMPANY_FILING",
        missing=(),
    ),
    Case(
        "h20-to-viet-nam-with-nothing-supplied",
        ask("H20", "VN", "2025-05-01"),
        "#hq turns on exporter and headquarters together, and nothing turns on one of them alone.",
        requirement="INDETERMINATE",
        missing=("exporter", "consignee_headquarters"),
    ),
    Case(
        "h20-to-macau",
        ask("H20", "MO", "2025-08-15", exporter="NVIDIA"),
        "The letter names MO beside D:5. Licenses, the 15 percent and the measures name CN only: "
        "in Macau nothing of them is on record.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        destination_measure="NONE_ON_RECORD",
        evidence="COMPANY_FILING",
        commercial_condition="NONE",
    ),
    Case(
        "h20-to-hong-kong-assured",
        ask("H20", "HK", "2025-08-15", exporter="NVIDIA"),
        "The assurance names CN and HK, the licenses of August CN only, as do the measures.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="ASSURED_NOT_ISSUED",
        destination_measure="NONE_ON_RECORD",
        evidence="COMPANY_FILING",
        commercial_condition="NONE",
    ),
    Case(
        "h20-to-another-country-of-d5",
        ask("H20", "KH", "2025-05-01", exporter="NVIDIA"),
        "Cambodia was in D:5 from 2021-12-09 to 2026-02-02: membership as of the date asked about.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        applied=frozenset({LETTER}),
    ),
    Case(
        "h20-reexported",
        ask("H20", "CN", "2025-05-01", exporter="NVIDIA", transaction="reexport"),
        "The letter's tests list exports only, and the H20 meets no other rule.",
        requirement="NO_LICENSE_REQUIRED",
        review_policy="N_A",
        assumed=(NO_END_USE, NO_LISTED_PARTY),
        dispositions={LETTER: "OUT_OF_SCOPE"},
    ),
    Case(
        "mi308-for-its-addressee",
        ask("MI308", "CN", "2025-08-15", exporter="AMD"),
        "The letter names the MI308, so no figure is needed and no claimed figure is a link. The "
        "rule of 2023 stays open for want of a TPP, and does not certainly apply.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="ASSURED_NOT_ISSUED",
        destination_measure="INVESTIGATION",
        evidence="PRESS_SINGLE",
        commercial_condition="EXPECTED_UNCODIFIED",
        missing=(),
        applied=frozenset({AMD, "us-2025-07-15-mi308-assurance", "cl-2025-08-10-15pct"}),
    ),
    Case(
        "mi308-to-macau",
        ask("MI308", "MO", "2025-05-01", exporter="AMD"),
        "The letter of a company filing alone: Macau knows no measure.",
        requirement="LICENSE_REQUIRED",
        review_policy="NOT_STATED",
        authorization="NONE_ON_RECORD",
        destination_measure="NONE_ON_RECORD",
        evidence="COMPANY_FILING",
    ),
    Case(
        "mi308-the-day-before-its-letter",
        ask("MI308", "MO", "2025-04-14", exporter="AMD"),
        "'On or before' 15 April holds from the 15th; the 14th is not asserted. The rule of 2023 "
        "is undetermined for want of a TPP, and a letter in force would have decided.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        missing=("tpp", "perf_density"),
        flags=("TURNS_ON_IMPRECISE_DATE",),
        dispositions={AMD: "NOT_YET_EFFECTIVE"},
    ),
    Case(
        "mi308-by-somebody-else",
        ask("MI308", "MO", "2025-05-01", exporter="Dell"),
        "P7: the letter is AMD's. TPP is unpublished: 4800 or more would make it 3A090.a, and "
        "between 1600 and 4800 the density decides. Headquarters add nothing to what the place "
        "asks.",
        requirement="INDETERMINATE",
        review_policy="N_A",
        missing=("tpp", "perf_density"),
    ),
)
