"""What is signed twice asks for one place, and signatures are the keys' own."""

from __future__ import annotations

import pytest

from ledger.client.opened import open_envelope
from ledger.client.signer import (
    Place,
    add_signature,
    content_of,
    enrollment,
    nonce_of,
    prove_possession,
    sign,
    state,
)
from ledger.domain.statement import Anchor
from ledger.domain.vocabulary import Role
from ledger.errors import EnvelopeError, SignatureError
from ledger.signing.dsse import pae
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from tests.builders import LEDGER_ID, order

KEY = PrivateKey.generate()
SECOND = PrivateKey.generate(Algorithm.ECDSA_P256_SHA256)
FACT = order("co-1")


def _place(**more: object) -> Place:
    fields: dict[str, object] = {
        "ledger_id": LEDGER_ID,
        "expected_version": 0,
        "signed_at_ms": 5,
    }
    return Place(**(fields | more))  # type: ignore[arg-type]


def test_the_same_fact_has_the_same_nonce_however_often_it_is_signed() -> None:
    first = state(FACT, "nvidia", _place(signed_at_ms=1))
    second = state(FACT, "nvidia", _place(signed_at_ms=2, expected_version=4))
    assert first.nonce == second.nonce
    assert len(first.nonce) == 16


def test_whatever_makes_another_statement_makes_another_nonce() -> None:
    other = order("co-1", "orders/co-2", relates_to=())
    nonces = {
        nonce_of(LEDGER_ID, "nvidia", FACT),
        nonce_of(bytes(32), "nvidia", FACT),
        nonce_of(LEDGER_ID, "amd", FACT),
        nonce_of(LEDGER_ID, "nvidia", order("co-2")),
        nonce_of(LEDGER_ID, "nvidia", other),
        nonce_of(LEDGER_ID, "nvidia", order("co-1", note="more")),
    }
    assert len(nonces) == 6


def test_content_is_the_fact_without_its_name_and_place() -> None:
    assert content_of(FACT) == content_of(order("co-2", "orders/elsewhere"))
    assert content_of(FACT) != content_of(order("co-1", note="more"))


def test_a_statement_says_what_its_place_says() -> None:
    anchor = Anchor(size=3, root=bytes(32))
    statement = state(FACT, "nvidia", _place(expected_version=2, anchor=anchor))
    assert (statement.ledger_id, statement.expected_version) == (LEDGER_ID, 2)
    assert (statement.author, statement.anchor, statement.fact) == ("nvidia", anchor, FACT)


def test_every_key_signs_the_same_message() -> None:
    opened = open_envelope(sign(state(FACT, "nvidia", _place()), [KEY, SECOND]))
    message = pae(opened.envelope.payload_type, opened.envelope.payload)
    for key, signature in zip((KEY, SECOND), opened.envelope.signatures, strict=True):
        assert signature.keyid == key.public.keyid
        key.public.verify(signature.sig, message)


def test_a_further_signature_leaves_the_statement_and_the_others() -> None:
    one = sign(state(FACT, "nvidia", _place()), [KEY])
    both = open_envelope(add_signature(one, SECOND))
    assert both.digest == open_envelope(one).digest
    assert both.envelope.signatures[0] == open_envelope(one).envelope.signatures[0]
    message = pae(both.envelope.payload_type, both.envelope.payload)
    SECOND.public.verify(both.envelope.signatures[1].sig, message)


def test_no_key_signs_an_envelope_twice() -> None:
    one = sign(state(FACT, "nvidia", _place()), [KEY])
    with pytest.raises(EnvelopeError) as refused:
        add_signature(one, KEY)
    assert refused.value.rule == "signature-twice"


def test_what_is_no_envelope_is_not_signed() -> None:
    with pytest.raises(EnvelopeError):
        add_signature(b"hello", KEY)


def test_an_enrollment_needs_the_new_keys_own_signature() -> None:
    possession = prove_possession(LEDGER_ID, "nvidia", KEY)
    fact = enrollment(
        ledger_id=LEDGER_ID,
        author="nvidia",
        role=Role.COMPANY,
        party="NVIDIA",
        key=KEY.public,
        possession=possession,
    )
    assert (fact.stream, fact.spki_der) == ("authors/nvidia", KEY.public.spki_der)


@pytest.mark.parametrize(("ledger_id", "author"), [(bytes(32), "nvidia"), (LEDGER_ID, "amd")])
def test_a_possession_shown_for_another_ledger_or_name_is_refused(
    ledger_id: bytes, author: str
) -> None:
    with pytest.raises(SignatureError) as refused:
        enrollment(
            ledger_id=LEDGER_ID,
            author="nvidia",
            role=Role.COMPANY,
            party="NVIDIA",
            key=KEY.public,
            possession=prove_possession(ledger_id, author, KEY),
        )
    assert refused.value.rule == "possession"


def test_a_long_author_name_still_gives_an_enrollment_an_id() -> None:
    author = "a" * 64
    fact = enrollment(
        ledger_id=LEDGER_ID,
        author=author,
        role=Role.ADVOCATE,
        party="A",
        key=KEY.public,
        possession=prove_possession(LEDGER_ID, author, KEY),
    )
    assert len(fact.id) <= 80
