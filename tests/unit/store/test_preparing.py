"""What is seen of a statement before the lock is taken."""

from __future__ import annotations

import pytest

from ledger.codec.statements import encode_statement
from ledger.domain.admission import CandidateKeys
from ledger.domain.authorship import Administrator
from ledger.domain.keyring import Keyring
from ledger.errors import EnvelopeError, LedgerError, SignatureError
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.store.preparing import parse, verify, verify_if_known
from tests import builders
from tests.unit.store.builders import (
    ADMINISTRATOR,
    LEDGER_ID,
    digest_in,
    enrollment,
    enveloped,
    founding,
    key_of,
    order,
    rotation,
    signed,
    stated,
)

LOW_ORDER = bytes.fromhex("302a300506032b6570032100") + b"\x01" + bytes(31)
"""The neutral element: under it, one signature fits every message."""

KEYRING = (
    Keyring()
    .apply(parse(founding()).statement.fact, 0)
    .apply(parse(enrollment()).statement.fact, 1)
)


def refusal_of(envelope: bytes) -> LedgerError:
    with pytest.raises(LedgerError) as raised:
        parse(envelope)
    return raised.value


class TestParsing:
    def test_a_statement_is_named_by_its_digest(self) -> None:
        envelope = order(1)

        prepared = parse(envelope)

        assert prepared.envelope == envelope
        assert prepared.digest == digest_in(envelope)
        assert prepared.statement.fact_id == "order-1"
        assert prepared.signers == (key_of("registrar").public.keyid,)
        assert not prepared.verified

    def test_another_payload_type_is_refused(self) -> None:
        statement = builders.statement(builders.order("order-1"), ledger_id=LEDGER_ID)
        envelope = enveloped(
            encode_statement(statement), key_of("registrar"), payload_type="text/plain"
        )

        error = refusal_of(envelope)

        assert isinstance(error, EnvelopeError)
        assert (error.field, error.rule) == ("payload_type", "payload-type")

    @pytest.mark.parametrize("envelope", [b"", b"\x00", order(1)[:-1], order(1) + b"\x00"])
    def test_what_is_no_envelope_is_refused(self, envelope: bytes) -> None:
        assert isinstance(refusal_of(envelope), EnvelopeError)


class TestBroughtKeys:
    def test_a_key_that_signs_anything_is_refused_at_enrollment(self) -> None:
        fact = builders.enrolled("eve", spki_der=LOW_ORDER, possession=bytes(64))

        error = refusal_of(stated(fact, ADMINISTRATOR))

        assert isinstance(error, EnvelopeError)
        assert (error.field, error.rule) == ("fact.enrolled.spki_der", "key-point")

    def test_a_key_that_signs_anything_is_refused_at_rotation(self) -> None:
        error = refusal_of(stated(builders.rotated("eve", "x", spki_der=LOW_ORDER), "eve"))

        assert (error.field, error.rule) == ("fact.rotated.spki_der", "key-point")

    def test_an_enrollment_needs_the_new_keys_signature(self) -> None:
        error = refusal_of(enrollment("eve", possession=bytes(64)))

        assert isinstance(error, SignatureError)
        assert (error.field, error.rule) == ("fact.enrolled.possession", "possession")

    def test_possession_is_shown_for_this_ledger(self) -> None:
        """The enrollment message names the ledger: a signature for another one is none here."""
        error = refusal_of(enrollment("eve", ledger_id=bytes(32)))

        assert error.rule == "possession"

    def test_a_sound_key_may_be_enrolled(self) -> None:
        parse(enrollment("clerk"))
        parse(enrollment("clerk", key=PrivateKey.generate(Algorithm.ECDSA_P256_SHA256)))
        parse(rotation("clerk", "clerk-2"))

    def test_the_founders_keys_are_sound(self) -> None:
        founders = (
            Administrator(author="ada", spki_der=key_of("ada").public.spki_der),
            Administrator(author="bob", spki_der=LOW_ORDER),
        )

        error = refusal_of(founding(administrators=founders))

        assert error.field == "fact.founded.administrators[1].spki_der"

    @pytest.mark.parametrize(
        ("log_key", "rule"),
        [
            (LOW_ORDER, "key-point"),
            (PrivateKey.generate(Algorithm.ECDSA_P256_SHA256).public.spki_der, "log-key"),
        ],
        ids=["low-order", "p-256"],
    )
    def test_the_log_key_signs_notes(self, log_key: bytes, rule: str) -> None:
        error = refusal_of(founding(log_key=log_key))

        assert (error.field, error.rule) == ("fact.founded.log_key", rule)


class TestVerifying:
    def test_signatures_are_verified_once(self) -> None:
        prepared = parse(order(1))

        assert verify(prepared, KEYRING).verified
        assert verify_if_known(prepared, CandidateKeys(KEYRING)).verified

    def test_a_key_that_is_not_known_yet_is_left_for_later(self) -> None:
        prepared = parse(stated(builders.order("order-1"), "clerk"))

        assert verify_if_known(prepared, CandidateKeys(KEYRING)) is prepared

    def test_an_unknown_key_is_refused_in_the_end(self) -> None:
        prepared = parse(stated(builders.order("order-1"), "registrar", "registrar", "eve"))

        with pytest.raises(SignatureError) as refusal:
            verify(prepared, KEYRING)

        assert (refusal.value.field, refusal.value.rule) == (
            "signatures[1].keyid",
            "key-unknown",
        )

    def test_a_signature_over_something_else_is_refused(self) -> None:
        one = builders.statement(builders.order("order-1"), ledger_id=LEDGER_ID)
        other = builders.statement(builders.order("order-2"), ledger_id=LEDGER_ID)
        key = key_of("registrar")
        payload = encode_statement(one)
        forged = signed(other, key).replace(encode_statement(other), payload)
        prepared = parse(forged)

        with pytest.raises(SignatureError) as refusal:
            verify_if_known(prepared, CandidateKeys(KEYRING))

        assert (refusal.value.field, refusal.value.rule) == ("signatures[0].sig", "signature")

    def test_a_rotations_new_key_is_known_from_the_rotation(self) -> None:
        keyring = KEYRING.apply(parse(enrollment("clerk")).statement.fact, 2)

        assert verify_if_known(parse(rotation("clerk", "clerk-2")), CandidateKeys(keyring)).verified
