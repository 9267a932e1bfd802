"""An entry is taken apart strictly, and what cannot be is nobody's statement."""

from __future__ import annotations

import pytest

from ledger.client.opened import open_entry, open_envelope
from ledger.client.signer import Place, sign, state
from ledger.codec.entries import encode_entry
from ledger.codec.envelopes import encode_envelope
from ledger.domain.statement import Entry, Envelope, EnvelopeSignature
from ledger.errors import EnvelopeError, VerificationError
from ledger.signing.dsse import PAYLOAD_TYPE, statement_digest
from ledger.signing.privatekeys import PrivateKey
from tests.builders import LEDGER_ID, order

KEY = PrivateKey.generate()
FACT = order("co-1")


def _envelope() -> bytes:
    place = Place(ledger_id=LEDGER_ID, expected_version=3, signed_at_ms=5)
    return sign(state(FACT, "nvidia", place), [KEY])


def test_an_entry_says_what_was_signed_and_when_it_was_recorded() -> None:
    data = encode_entry(Entry(recorded_ms=7, envelope=_envelope()))
    entry = open_entry(data, 9)
    assert (entry.index, entry.recorded_ms, entry.data) == (9, 7, data)
    assert entry.fact == FACT
    assert entry.statement.author == "nvidia"
    assert entry.digest == statement_digest(PAYLOAD_TYPE, entry.envelope.payload)


def test_an_envelope_with_another_payload_type_is_no_statement() -> None:
    signature = EnvelopeSignature(sig=b"x", keyid="0" * 64)
    other = Envelope(payload=b"hello", payload_type="text/plain", signatures=(signature,))
    with pytest.raises(EnvelopeError) as refused:
        open_envelope(encode_envelope(other))
    assert refused.value.rule == "payload-type"


def test_a_payload_type_without_end_is_shown_in_part() -> None:
    signature = EnvelopeSignature(sig=b"x", keyid="0" * 64)
    other = Envelope(payload=b"hello", payload_type="text/" * 9_000, signatures=(signature,))
    with pytest.raises(EnvelopeError, match="'text/text/") as refused:
        open_envelope(encode_envelope(other))
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("data", [b"", b"\x01" + bytes(8) + b"junk", b"\x02" + bytes(8) + b"j"])
def test_an_entry_that_does_not_read_back_condemns_the_log(data: bytes) -> None:
    with pytest.raises(VerificationError) as found:
        open_entry(data, 12)
    assert "Entry 12" in found.value.message
