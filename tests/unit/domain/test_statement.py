from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.domain.dates import MILLISECONDS_END
from ledger.domain.statement import COUNT_END, Anchor, AttachmentCommitment, Recorded
from tests.builders import claim, statement


def test_a_statement_stands_where_its_fact_stands() -> None:
    stated = statement(claim("a-claim", stream="claims/another"))
    assert (stated.stream, stated.fact_id) == ("claims/another", "a-claim")


@pytest.mark.parametrize(
    "fields",
    [
        {"ledger_id": bytes(31)},
        {"ledger_id": bytes(33)},
        {"expected_version": -1},
        {"expected_version": COUNT_END},
        {"nonce": bytes(15)},
        {"nonce": bytes(17)},
        {"signed_at_ms": -1},
        {"signed_at_ms": MILLISECONDS_END},
        {"author": "A registrar"},
    ],
)
def test_a_statement_out_of_bounds_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        statement(claim("a-claim"), **fields)


def test_the_founding_statement_names_no_ledger() -> None:
    assert statement(claim("a-claim"), ledger_id=b"").ledger_id == b""


def test_an_anchor_is_a_tree_of_at_least_one_entry() -> None:
    assert Anchor(size=1, root=bytes(32)).size == 1
    for size in (0, COUNT_END):
        with pytest.raises(ValidationError):
            Anchor(size=size, root=bytes(32))


@pytest.mark.parametrize(
    "media_type", ["pdf", "Application/PDF", "application/", "text/plain; x=y"]
)
def test_an_attachment_has_a_media_type(media_type: str) -> None:
    good = AttachmentCommitment(commitment=bytes(32), length=0, media_type="application/pdf")
    assert good.length == 0
    with pytest.raises(ValidationError):
        AttachmentCommitment(commitment=bytes(32), length=0, media_type=media_type)


def test_the_first_event_of_a_stream_has_version_one() -> None:
    with pytest.raises(ValidationError):
        Recorded(
            index=0,
            version=0,
            recorded_ms=0,
            author="registrar",
            digest=bytes(32),
            fact=claim("a-claim"),
        )
