from __future__ import annotations

import pytest

from ledger.codec.values import outside_date_from_proto, place_from_proto
from ledger.codec.within import each, maybe, missing, one, within
from ledger.domain.dates import OutsideDate
from ledger.domain.facts import CoverageDeclared
from ledger.domain.scope import Tests as ScopeTests
from ledger.domain.vocabulary import Precision
from ledger.errors import EnvelopeError
from ledger.v1 import facts_pb2, shared_pb2

DAY = shared_pb2.OutsideDate(value="2025-04-15", precision=shared_pb2.PRECISION_DAY)


def test_every_level_puts_its_name_in_front() -> None:
    def read() -> None:
        with within("fact"), within("provisions[2]"), within(""):
            raise missing("grade")

    with pytest.raises(EnvelopeError, match="grade is missing") as caught:
        read()
    assert caught.value.field == "fact.provisions[2].grade"


def test_an_objection_of_the_domain_becomes_a_refusal() -> None:
    with pytest.raises(EnvelopeError, match="day, not a month") as caught, within("public"):
        raise EnvelopeError("a day, not a month")
    assert caught.value.field == "public"
    with pytest.raises(EnvelopeError, match="is a month") as caught, within("public"):
        OutsideDate(value="2025-04", precision=Precision.DAY)
    assert (caught.value.field, caught.value.rule) == ("public.value", "value")


def test_names_are_those_of_the_wire() -> None:
    with pytest.raises(EnvelopeError) as caught, within("tests"):
        ScopeTests(addressee=("NVIDIA", ""))
    assert caught.value.field == "tests.addressees[1]"
    with pytest.raises(EnvelopeError) as caught, within("coverage"):
        CoverageDeclared.model_validate_json('{"from": 5}')
    assert caught.value.field == "coverage.id"


def test_other_errors_pass_through() -> None:
    with pytest.raises(KeyError), within("fact"):
        raise KeyError("a bug of ours")


def test_nothing_happens_where_nothing_is_refused() -> None:
    with within("fact"):
        value = 5
    assert value == 5


def test_one_must_be_there() -> None:
    assert one(facts_pb2.Dates(public=DAY), "public", outside_date_from_proto).is_exact
    with pytest.raises(EnvelopeError, match="public is missing") as caught:
        one(facts_pb2.Dates(), "public", outside_date_from_proto)
    assert (caught.value.field, caught.value.rule) == ("public", "missing")


def test_another_may_be_absent() -> None:
    assert maybe(facts_pb2.Dates(), "public", outside_date_from_proto) is None
    assert maybe(facts_pb2.Dates(public=DAY), "public", outside_date_from_proto) is not None


def test_each_names_the_one_that_is_refused() -> None:
    good, bad = shared_pb2.PlaceScope(any=True), shared_pb2.PlaceScope(codes=["CN", "XX"])
    assert len(each([good, good], "places", place_from_proto)) == 2
    with pytest.raises(EnvelopeError) as caught:
        each([good, bad], "places", place_from_proto)
    assert caught.value.field == "places[1].codes[1]"
