from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from ledger.domain.dates import Dates
from ledger.domain.facts import CoverageDeclared, Fact, ParameterRange, slug
from ledger.domain.vocabulary import Collection, Grade, Precision
from tests.builders import (
    action,
    claim,
    co_signature,
    coverage,
    day,
    item,
    license_requirement,
    membership,
    order,
    party,
)


def refuses(reason: str) -> Any:
    return pytest.raises(ValidationError, match=reason)


def test_a_fact_knows_the_collection_of_its_stream() -> None:
    assert claim("a-claim").collection is Collection.CLAIMS
    assert item().collection is Collection.ITEMS


@pytest.mark.parametrize("name", ["", "ab", "A-Claim", "a claim", "a_claim", "x" * 81, "abc\n"])
def test_a_fact_has_a_plain_name(name: str) -> None:
    with refuses(r"id\n"):
        Fact(id=name, stream="claims/a-claim")


@pytest.mark.parametrize(
    "stream", ["claims", "claims/", "claims/a", "rules/x1", "claims/a/b", "/ab"]
)
def test_a_stream_is_of_a_collection(stream: str) -> None:
    with refuses(r"stream\n"):
        Fact(id="a-claim", stream=stream)


def test_a_fact_cannot_be_changed_or_grow() -> None:
    fact = claim("a-claim")
    with refuses("frozen"):
        fact.note = "another"  # type: ignore[misc]
    with refuses("Extra inputs"):
        claim("a-claim", notes="x")


def test_provisions_are_named_after_their_fact_and_differ() -> None:
    first, other = license_requirement("us-rule#a"), license_requirement("us-rule#b")
    assert action("us-rule", provisions=(first, other)).provisions == (first, other)
    with refuses(r"provisions\[1\].id: us-rule#b must begin with us-other#"):
        action("us-other", provisions=(license_requirement("us-other#a"), other))
    with refuses("two provisions have one id"):
        action("us-rule", provisions=(first, first))


def test_only_a_regulatory_action_carries_provisions() -> None:
    with refuses("only a regulatory action carries them, not a company_order"):
        order("an-order", provisions=(license_requirement("an-order#a"),))


def test_somebody_could_know_of_every_fact() -> None:
    told = Dates(notified=day("2025-04-09"))
    assert claim("a-claim", dates=told).dates == told
    with refuses("nobody could know of it"):
        claim("a-claim", dates=Dates(effective=day("2025-04-09")))


@pytest.mark.parametrize(
    ("addressee", "kept", "addressees"),
    [
        (None, None, ()),
        ((), None, ()),
        (("NVIDIA",), "NVIDIA", ("NVIDIA",)),
        ("NVIDIA", "NVIDIA", ("NVIDIA",)),
        (("NVIDIA", "AMD"), ("NVIDIA", "AMD"), ("NVIDIA", "AMD")),
    ],
)
def test_one_addressee_is_a_name(addressee: Any, kept: object, addressees: object) -> None:
    fact = action("us-rule", addressee=addressee)
    assert (fact.addressee, fact.addressees) == (kept, addressees)


def test_coverage_runs_from_a_day_to_the_same_or_a_later_one() -> None:
    def between(first: date, last: date) -> CoverageDeclared:
        days: dict[str, Any] = {"from": first, "to": last}
        return coverage(**days)

    one = between(date(2025, 1, 1), date(2025, 1, 1))
    assert (one.from_day, one.to_day) == (date(2025, 1, 1), date(2025, 1, 1))
    with refuses("lies before from"):
        between(date(2025, 1, 2), date(2025, 1, 1))


def test_coverage_is_read_under_the_names_of_the_row() -> None:
    row = (
        '{"id": "a-coverage", "stream": "coverage/us", "actor": "r", "regime": "x", '
        '"from": "2022-08-26", "to": "2025-12-31", "grade": "checked"}'
    )
    assert CoverageDeclared.model_validate_json(row).to_day == date(2025, 12, 31)
    with refuses("Extra inputs"):
        CoverageDeclared.model_validate_json(row.replace('"from"', '"from_day"'))


def test_a_party_answers_to_its_aliases() -> None:
    assert party("SMIC", aliases=("Zhongxin",)).names == ("SMIC", "Zhongxin")
    with refuses("ISO 3166"):
        party("SMIC", headquarters="PRC")


def test_an_item_answers_to_its_aliases() -> None:
    assert item("H100 SXM", aliases=("H100",)).names == ("H100 SXM", "H100")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"parameters": {"flops": Decimal(1)}}, "'flops' is not a parameter"),
        ({"unpublished": ("flops",)}, "'flops' is not a parameter"),
        ({"parameters": {"tpp": True}}, "parameters.tpp: it must be a number or a range"),
        ({"parameters": {"datacenter": Decimal(1)}}, "parameters.datacenter: it must be true"),
        (
            {"parameters": {"tpp": Decimal(1)}, "unpublished": ("tpp",)},
            "unpublished: tpp has a value",
        ),
        ({"reported": day("2025-08", Precision.MONTH)}, "excludes launch"),
        ({"grades": {"dye": Grade.CHECKED}}, "'dye' is not a group of parameters"),
        ({"basis": {"": "x"}}, "at least 1 character"),
    ],
)
def test_an_item_that_contradicts_itself_is_refused(fields: Any, reason: str) -> None:
    with refuses(reason):
        item(**fields)


def test_an_item_without_published_parameters_is_legal() -> None:
    bare = item(launch=None, unpublished=("tpp", "mem_bw_gbs"))
    assert bare.parameters == {}


def test_a_range_runs_upward() -> None:
    assert ParameterRange(min=Decimal(1), max=Decimal(1)).max == 1
    with refuses("max 1 is below min 2"):
        ParameterRange(min=Decimal(2), max=Decimal(1))


def test_a_range_cannot_be_told_in_a_number_that_fills_the_memory() -> None:
    with refuses("15 digits"):
        ParameterRange(min=Decimal(1), max=Decimal("1e99999999"))


def test_a_membership_ends_after_it_began() -> None:
    assert membership(since="2021-12-09", until="2021-12-10").until_date == date(2021, 12, 10)
    with refuses("does not follow from_date"):
        membership(since="2021-12-09", until="2021-12-09")


def test_a_co_signature_names_the_letter_by_its_digest() -> None:
    assert co_signature("a-signature", "submissions/a-letter", bytes(32)).affiliation is None
    with refuses("at least 32 bytes"):
        co_signature("a-signature", "submissions/a-letter", bytes(31))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("H20", "h20"),
        ("H100 SXM", "h100-sxm"),
        ("  RTX PRO -- 6000D! ", "rtx-pro-6000d"),
        ("Stra\u00dfe", "strasse"),
        ("D:5-state", "d-5-state"),
        ("Moore Threads \u6469\u5c14", "moore-threads"),
        ("x" * 60, "x" * 60),
    ],
)
def test_a_name_becomes_part_of_a_stream(name: str, part: str) -> None:
    assert slug(name) == part
    assert Fact(id="a-fact", stream=f"items/{part}").stream == f"items/{part}"


@pytest.mark.parametrize("name", ["", "---", "\u6607\u817e", "x", "x" * 61])
def test_a_name_with_nothing_or_too_much_of_the_alphabet_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a stream"):
        slug(name)
