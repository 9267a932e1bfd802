"""Facts in JSON: what they say, where they stand, who answers for them."""

from __future__ import annotations

import base64
from typing import Any

from google.protobuf import json_format

from ledger.cli.proofs import instant
from ledger.client.client import LedgerClient, Proved
from ledger.codec.facts import fact_to_proto
from ledger.codec.record import fact_to_row
from ledger.domain.facts import Fact
from ledger.errors import RecordFormatError


def fact_json(fact: Fact) -> dict[str, Any]:
    """A fact as a row of the record format; one that has no row, as protobuf JSON."""
    try:
        return fact_to_row(fact)
    except RecordFormatError:
        body: dict[str, Any] = json_format.MessageToDict(
            fact_to_proto(fact), preserving_proto_field_name=True
        )
        return {"id": fact.id, "stream": fact.stream, **body}


def provenance_json(client: LedgerClient, proved: Proved) -> dict[str, Any]:
    """Where a fact stands and who answers for it, all of it proved."""
    entry = proved.entry
    source = client.source(entry)
    delegate = {"delegate_keyid": source.delegate_keyid} if source.delegate_keyid else {}
    return {
        "index": entry.index,
        "stream": entry.statement.stream,
        "version": entry.statement.expected_version + 1,
        "author": entry.statement.author,
        "attribution": source.attribution,
        **delegate,
        "recorded": instant(entry.recorded_ms),
        "statement_digest": entry.digest.hex(),
        "proved_at_tree_size": proved.head.size,
    }


def receipt_json(proved: Proved) -> dict[str, Any]:
    """A receipt, byte strings in base64 and the checkpoint as its text."""
    receipt = proved.receipt
    return {
        "index": receipt.index,
        "checkpoint": receipt.checkpoint.decode("utf-8"),
        "inclusion_proof": [base64.b64encode(node).decode() for node in receipt.inclusion_proof],
        "entry": base64.b64encode(receipt.entry).decode(),
    }
