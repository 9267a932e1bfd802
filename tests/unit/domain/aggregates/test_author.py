from __future__ import annotations

import pytest

from ledger.domain.facts import Fact
from tests.builders import enrolled, founded, revoked, rotated
from tests.unit.domain.aggregates.folding import fold, refusal


def test_the_founding_opens_the_stream_of_the_administrators() -> None:
    assert fold(founded("ada", "bo")).version == 1


def test_a_ledger_is_founded_once() -> None:
    assert refusal(founded(), founded(id="founded-again")).rule == "founded-once"


def test_an_author_is_enrolled_rotates_is_recovered_and_revoked_in_one_stream() -> None:
    recovered = enrolled("bo", id="recovered-bo")

    assert fold(enrolled("bo"), rotated("bo", "bo-2"), recovered, revoked("bo")).version == 4


@pytest.mark.parametrize(
    "fact",
    [
        enrolled("bo", stream="authors/ada"),
        rotated("bo", "bo-2", stream="authors/ada"),
        revoked("bo", stream="authors/administrators"),
        founded(stream="authors/ada"),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_stream_bears_its_authors_id(fact: Fact) -> None:
    refused = refusal(fact)

    assert (refused.rule, refused.field) == ("author-gives-stream", "stream")


@pytest.mark.parametrize("fact", [enrolled("administrators"), founded("administrators")])
def test_nobody_is_called_administrators(fact: Fact) -> None:
    assert refusal(fact).rule == "author-id-reserved"
