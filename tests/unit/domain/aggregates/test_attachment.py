from __future__ import annotations

from tests.builders import committed, erased
from tests.unit.domain.aggregates.folding import fold, refusal


def test_a_document_is_erased_in_a_stream_of_its_own() -> None:
    fact = erased("a letter")

    assert fact.stream == f"attachments/{committed('a letter').commitment.hex()}"
    assert fold(fact).version == 1


def test_a_document_is_erased_once() -> None:
    again = erased("a letter", id="erased-again")

    assert refusal(erased("a letter"), again).rule == "erased-once"


def test_an_erasure_does_not_hide_in_the_stream_of_another_document() -> None:
    misfiled = erased("a letter", stream=erased("a contract").stream)

    refused = refusal(misfiled)

    assert (refused.rule, refused.field) == ("commitment-gives-stream", "stream")
