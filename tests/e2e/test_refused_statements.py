"""The statements that a person would get wrong: each gets one clear error and leaves no trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from ledger.codec.envelopes import decode_envelope, encode_envelope
from ledger.domain.dates import Dates
from ledger.domain.facts import Fact
from ledger.domain.scope import PlaceScope
from ledger.domain.statement import Anchor, Envelope, EnvelopeSignature
from ledger.domain.vocabulary import Role
from ledger.signing.dsse import PAYLOAD_TYPE, pae
from ledger.v1 import facts_pb2, services_pb2, statement_pb2
from tests import builders
from tests.e2e.refusals import Refusal, refusal_of
from tests.simulator import ADMINISTRATOR, REGISTRAR, START_MS, Simulator, key_of

Write = Callable[[Simulator], bytes]

LOW_ORDER_KEY: Final = bytes.fromhex("302a300506032b6570032100" + "01" + "00" * 31)
"""The SPKI of the identity point, under which anything verifies in a lax verifier."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A statement, and what its author is told.

    Attributes:
        envelope: Writes it, after whatever must come before it has been appended.
        code: The gRPC code.
        reason: The ErrorInfo's reason.
        rule: The rule that refuses.
        field: Where the fault lies.
    """

    envelope: Write
    code: str
    reason: str
    rule: str
    field: str = ""


def bad_input(envelope: Write, rule: str, field: str = "") -> Mistake:
    return Mistake(envelope, "INVALID_ARGUMENT", "INVALID_ENVELOPE", rule, field)


def bad_signature(envelope: Write, rule: str, field: str = "") -> Mistake:
    return Mistake(envelope, "PERMISSION_DENIED", "SIGNATURE_REFUSED", rule, field)


def bad_role(envelope: Write, rule: str, field: str = "") -> Mistake:
    return Mistake(envelope, "PERMISSION_DENIED", "ROLE_REFUSED", rule, field)


def bad_rule(envelope: Write, rule: str, field: str = "") -> Mistake:
    return Mistake(envelope, "FAILED_PRECONDITION", "RULE_REFUSED", rule, field)


def sealed(payload: bytes, *signers: str, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """Payload bytes in an envelope with good signatures, whatever the bytes are."""
    message = pae(payload_type, payload)
    keys = [key_of(name) for name in signers or (REGISTRAR,)]
    return encode_envelope(
        Envelope(
            payload=payload,
            payload_type=payload_type,
            signatures=tuple(
                EnvelopeSignature(sig=key.sign(message), keyid=key.public.keyid) for key in keys
            ),
        )
    )


def payload_of(service: Simulator, fact: Fact, **more: Any) -> bytes:
    """A good statement's bytes."""
    return decode_envelope(service.envelope(fact, **more)).payload


def altered(fact: Fact, change: Callable[[statement_pb2.Statement], object]) -> Write:
    """A statement that was changed on the wire and signed all the same."""

    def write(service: Simulator) -> bytes:
        message = statement_pb2.Statement.FromString(payload_of(service, fact))
        change(message)
        return sealed(message.SerializeToString(deterministic=True))

    return write


TOLD: Final = builders.day("2025-07-28")
ORDER: Final = builders.order(
    "order-1", quantity=builders.exactly(5), dates=Dates(effective=TOLD, public=TOLD)
)


def reported(message: statement_pb2.Statement) -> facts_pb2.ReportedFact:
    return message.fact.reported


def a_month_called_a_day(message: statement_pb2.Statement) -> None:
    reported(message).dates.effective.value = "2025-07"


def a_day_that_no_calendar_has(message: statement_pb2.Statement) -> None:
    reported(message).dates.effective.value = "2025-02-30"


def a_range_that_ends_before_it_begins(message: statement_pb2.Statement) -> None:
    reported(message).quantity.max = 4


def a_destination_that_is_no_country(message: statement_pb2.Statement) -> None:
    reported(message).destinations.codes.append("UK")


def an_unknown_enum_value(message: statement_pb2.Statement) -> None:
    reported(message).certainty = 99  # type: ignore[assignment]  # no such value


def no_date_at_all(message: statement_pb2.Statement) -> None:
    reported(message).ClearField("dates")


def a_short_nonce(message: statement_pb2.Statement) -> None:
    message.nonce = b"short"


def no_expected_version(message: statement_pb2.Statement) -> None:
    message.ClearField("expected_version")


def a_stream_of_no_collection(message: statement_pb2.Statement) -> None:
    message.stream = "shipments/order-1"


def no_fact(message: statement_pb2.Statement) -> None:
    message.ClearField("fact")


def with_an_unknown_field(service: Simulator) -> bytes:
    return sealed(payload_of(service, ORDER) + b"\x9a\x06\x01x")


def with_a_field_twice(service: Simulator) -> bytes:
    payload = payload_of(service, ORDER)
    twice = statement_pb2.Statement(fact_id="order-2").SerializeToString()
    return sealed(payload + twice)


def with_text_that_is_not_utf8(service: Simulator) -> bytes:
    return sealed(payload_of(service, ORDER).replace(b"NVIDIA", b"NVIDI\xc3"))


def that_is_no_protobuf(_: Simulator) -> bytes:
    return sealed(b"\xff\xff\xff\xff")


def that_is_no_envelope(_: Simulator) -> bytes:
    return b'{"payload": "order-1"}'


def with_a_fault_in_the_envelope(service: Simulator) -> bytes:
    return service.envelope(ORDER) + b"\x9a\x06\x01x"


def that_is_too_long(service: Simulator) -> bytes:
    message = statement_pb2.Statement.FromString(payload_of(service, ORDER))
    for _ in range(18):
        message.fact.reported.sources.add(publisher="x" * 3_900, title="x")
    payload = message.SerializeToString(deterministic=True)
    assert len(payload) > 70_000
    signature = key_of(REGISTRAR).sign(pae(PAYLOAD_TYPE, payload))
    return statement_pb2.Envelope(
        payload=payload,
        payload_type=PAYLOAD_TYPE,
        signatures=[statement_pb2.Signature(sig=signature, keyid=key_of(REGISTRAR).public.keyid)],
    ).SerializeToString(deterministic=True)


def of_another_type(service: Simulator) -> bytes:
    return sealed(payload_of(service, ORDER), payload_type="application/vnd.other+protobuf")


def with_its_payload_swapped(service: Simulator) -> bytes:
    signed = decode_envelope(service.envelope(ORDER))
    other = payload_of(service, builders.order("order-2"))
    return encode_envelope(signed._replace(payload=other))


def with_its_signature_cut(service: Simulator) -> bytes:
    signed = decode_envelope(service.envelope(ORDER))
    cut = signed.signatures[0]._replace(sig=signed.signatures[0].sig[:-1])
    return encode_envelope(signed._replace(signatures=(cut,)))


def signed_twice_by_one_key(service: Simulator) -> bytes:
    return service.envelope(ORDER, REGISTRAR, REGISTRAR, REGISTRAR)


def signed_by_a_stranger(service: Simulator) -> bytes:
    return service.envelope(ORDER, REGISTRAR, "stranger")


def by_an_author_nobody_enrolled(service: Simulator) -> bytes:
    return service.envelope(ORDER, "stranger")


def cosigned_by_an_administrator(service: Simulator) -> bytes:
    return service.envelope(ORDER, REGISTRAR, REGISTRAR, ADMINISTRATOR)


def signed_with_a_revoked_key(service: Simulator) -> bytes:
    service.enroll("clerk")
    service.append(builders.revoked("clerk", keyid=key_of("clerk").public.keyid), ADMINISTRATOR)
    return service.envelope(ORDER, "clerk")


def signed_with_an_expired_key(service: Simulator) -> bytes:
    service.enroll("clerk", not_after_ms=START_MS + 1_000)
    service.clock.now_ms = START_MS + 1_000
    return service.envelope(ORDER, "clerk")


def signed_with_a_replaced_key(service: Simulator) -> bytes:
    service.enroll("clerk")
    new = key_of("clerk-2").public.spki_der
    rotation = builders.rotated(
        "clerk", "clerk-2", old_keyid=key_of("clerk").public.keyid, spki_der=new
    )
    service.append(rotation, "clerk", "clerk", "clerk-2")
    return service.envelope(ORDER, "clerk")


def of_a_company_about_another(service: Simulator) -> bytes:
    service.enroll("amd-corp", Role.COMPANY, party="AMD")
    return service.envelope(ORDER, "amd-corp")


def of_an_advocate_about_an_order(service: Simulator) -> bytes:
    service.enroll("expert", Role.ADVOCATE, party="NVIDIA")
    return service.envelope(ORDER, "expert")


def of_an_administrator_about_an_order(service: Simulator) -> bytes:
    return service.envelope(ORDER, ADMINISTRATOR)


def enrolling_without_an_administrator(service: Simulator) -> bytes:
    return service.envelope(service.enrollment("friend"), REGISTRAR)


def enrolling_a_key_of_low_order(service: Simulator) -> bytes:
    fact = service.enrollment("clerk").model_copy(update={"spki_der": LOW_ORDER_KEY})
    return service.envelope(fact, ADMINISTRATOR)


def enrolling_a_key_that_nobody_showed_to_hold(service: Simulator) -> bytes:
    fact = service.enrollment("clerk", possession=bytes(64))
    return service.envelope(fact, ADMINISTRATOR)


def enrolling_a_key_twice(service: Simulator) -> bytes:
    return service.envelope(service.enrollment("clerk", key=REGISTRAR), ADMINISTRATOR)


def revoking_the_last_administrator(service: Simulator) -> bytes:
    fact = builders.revoked(ADMINISTRATOR, keyid=key_of(ADMINISTRATOR).public.keyid)
    return service.envelope(fact, ADMINISTRATOR)


def founding_again(service: Simulator) -> bytes:
    fact = builders.founded(ADMINISTRATOR, log_key=key_of("log").public.spki_der)
    spki = key_of(ADMINISTRATOR).public.spki_der
    mine = fact.administrators[0].model_copy(update={"spki_der": spki})
    return service.envelope(fact.model_copy(update={"administrators": (mine,)}), ADMINISTRATOR)


def of_another_ledger(service: Simulator) -> bytes:
    return service.envelope(ORDER, ledger_id=bytes(32))


def against_a_stale_version(service: Simulator) -> bytes:
    service.append(ORDER)
    return service.envelope(builders.order("order-2", "orders/order-1"), expected_version=0)


def with_a_nonce_used_before(service: Simulator) -> bytes:
    service.append(ORDER, nonce=bytes(16))
    return service.envelope(builders.order("order-2"), nonce=bytes(16))


def with_a_fact_id_that_is_taken(service: Simulator) -> bytes:
    service.append(ORDER)
    again = builders.order("order-1", "orders/order-2", note="another one")
    return service.envelope(again, nonce=bytes(16))


def anchored_in_the_future(service: Simulator) -> bytes:
    return service.envelope(ORDER, anchor=Anchor(size=99, root=bytes(32)))


def anchored_to_another_history(service: Simulator) -> bytes:
    return service.envelope(ORDER, anchor=Anchor(size=1, root=bytes(32)))


def of_an_item_in_a_stream_of_another_name(service: Simulator) -> bytes:
    return service.envelope(builders.item("H20", stream="items/h-20"))


def of_a_group_that_overlaps(service: Simulator) -> bytes:
    service.append(builders.membership("AE", "D:4"))
    return service.envelope(builders.membership("AE", "D:4", since="2025-01-01"))


MISTAKES: Final = {
    "a month under precision day": bad_input(
        altered(ORDER, a_month_called_a_day), "value", "fact.reported.dates.effective.value"
    ),
    "a day that no calendar has": bad_input(
        altered(ORDER, a_day_that_no_calendar_has), "value", "fact.reported.dates.effective.value"
    ),
    "a quantity that ends before it begins": bad_input(
        altered(ORDER, a_range_that_ends_before_it_begins), "value", "fact.reported.quantity"
    ),
    "a destination that is no country": bad_input(
        altered(
            builders.order("order-1", destinations=PlaceScope(codes=("CN",))),
            a_destination_that_is_no_country,
        ),
        "value",
        "fact.reported.destinations.codes[1]",
    ),
    "an unknown enum value": bad_input(
        altered(ORDER, an_unknown_enum_value), "unknown-enum", "fact.reported.certainty"
    ),
    "no date at all": bad_input(altered(ORDER, no_date_at_all), "missing", "fact.reported.dates"),
    "a short nonce": bad_input(altered(ORDER, a_short_nonce), "value", "nonce"),
    "no expected version": bad_input(
        altered(ORDER, no_expected_version), "missing", "expected_version"
    ),
    "a stream of no collection": bad_input(
        altered(ORDER, a_stream_of_no_collection), "value", "stream"
    ),
    "no fact": bad_input(altered(ORDER, no_fact), "missing", "fact"),
    "an unknown field": bad_input(with_an_unknown_field, "canonical"),
    "a field twice": bad_input(with_a_field_twice, "canonical"),
    "text that is not UTF-8": bad_input(with_text_that_is_not_utf8, "protobuf"),
    "a payload that is no protobuf": bad_input(that_is_no_protobuf, "protobuf"),
    "an envelope that is none": bad_input(that_is_no_envelope, "protobuf"),
    "an envelope with an unknown field": bad_input(with_a_fault_in_the_envelope, "canonical"),
    "a statement of 70 kB": bad_input(that_is_too_long, "size"),
    "another payload type": bad_input(of_another_type, "payload-type", "payload_type"),
    "a payload swapped after signing": bad_signature(
        with_its_payload_swapped, "signature", "signatures[0].sig"
    ),
    "a signature cut short": bad_signature(
        with_its_signature_cut, "signature-form", "signatures[0].sig"
    ),
    "two signatures by one key": bad_input(
        signed_twice_by_one_key, "signature-twice", "signatures[1].keyid"
    ),
    "a signature by a stranger": bad_signature(
        signed_by_a_stranger, "key-unknown", "signatures[0].keyid"
    ),
    "an author whom nobody enrolled": bad_signature(
        by_an_author_nobody_enrolled, "key-unknown", "signatures[0].keyid"
    ),
    "a second signature that means nothing": bad_signature(
        cosigned_by_an_administrator, "only-the-author-signs", "signatures"
    ),
    "a revoked key": bad_signature(signed_with_a_revoked_key, "key-revoked"),
    "an expired key": bad_signature(signed_with_an_expired_key, "key-expired"),
    "a replaced key": bad_signature(signed_with_a_replaced_key, "key-revoked"),
    "a company about another one": bad_role(
        of_a_company_about_another, "first-party-or-registrar", "actor"
    ),
    "an advocate about an order": bad_role(
        of_an_advocate_about_an_order, "role-opens-collection", "stream"
    ),
    "an administrator about an order": bad_role(
        of_an_administrator_about_an_order, "role-opens-collection", "stream"
    ),
    "an enrollment without an administrator": bad_role(
        enrolling_without_an_administrator, "administrators-enroll", "signatures"
    ),
    "a key of low order": bad_input(
        enrolling_a_key_of_low_order, "key-point", "fact.enrolled.spki_der"
    ),
    "a key that nobody showed to hold": bad_signature(
        enrolling_a_key_that_nobody_showed_to_hold, "possession", "fact.enrolled.possession"
    ),
    "a key that is enrolled already": bad_rule(
        enrolling_a_key_twice, "key-already-enrolled", "spki_der"
    ),
    "the last administrator's end": bad_rule(
        revoking_the_last_administrator, "last-administrators", "keyid"
    ),
    "a second founding": bad_rule(founding_again, "founding-is-local", "fact.founded"),
    "a statement of another ledger": bad_rule(of_another_ledger, "other-ledger", "ledger_id"),
    "a stale version": Mistake(
        against_a_stale_version,
        "ABORTED",
        "VERSION_CONFLICT",
        "expected-version",
        "expected_version",
    ),
    "a nonce used before": Mistake(
        with_a_nonce_used_before, "ALREADY_EXISTS", "DUPLICATE", "nonce-reused", "nonce"
    ),
    "a fact id that is taken": Mistake(
        with_a_fact_id_that_is_taken, "ALREADY_EXISTS", "DUPLICATE", "fact-id-taken", "fact_id"
    ),
    "an anchor in the future": bad_rule(
        anchored_in_the_future, "anchor-from-the-future", "anchor.size"
    ),
    "an anchor in another history": bad_rule(
        anchored_to_another_history, "anchor-root", "anchor.root"
    ),
    "an item in a stream of another name": bad_rule(
        of_an_item_in_a_stream_of_another_name, "item-name-gives-stream", "stream"
    ),
    "a group membership that overlaps": bad_rule(
        of_a_group_that_overlaps, "membership-overlaps", "from_date"
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_clearly_and_leaves_no_trace(name: str, service: Simulator) -> None:
    mistake = MISTAKES[name]
    envelope = mistake.envelope(service)
    before = service.tree_size()

    refusal = refusal_of(service.ledger.Append, services_pb2.AppendRequest(envelope=envelope))

    told = (refusal.code, refusal.reason, refusal.rule, refusal.field)
    assert told == (mistake.code, mistake.reason, mistake.rule, mistake.field)
    assert_is_clear(refusal)
    assert service.tree_size() == before


@pytest.mark.parametrize("name", MISTAKES)
def test_validating_tells_of_the_same_mistake(name: str, service: Simulator) -> None:
    mistake = MISTAKES[name]
    request = services_pb2.AppendRequest(envelope=mistake.envelope(service), validate_only=True)
    before = service.tree_size()

    refusal = refusal_of(service.ledger.Append, request)

    assert (refusal.code, refusal.rule) == (mistake.code, mistake.rule)
    assert service.tree_size() == before


def assert_is_clear(refusal: Refusal) -> None:
    """One sentence or two for a person, and a field or a rule for a program."""
    assert refusal.message[0].isupper() or refusal.field
    assert refusal.message.endswith(".")
    assert "Traceback" not in refusal.message
    assert "pydantic" not in refusal.message
    assert refusal.rule
    if refusal.code == "INVALID_ARGUMENT":
        assert refusal.violations == (refusal.field,)


def test_a_refused_statement_does_not_stand_in_the_way_of_a_good_one(service: Simulator) -> None:
    for mistake in (MISTAKES["a short nonce"], MISTAKES["a payload swapped after signing"]):
        request = services_pb2.AppendRequest(envelope=mistake.envelope(service))
        refusal_of(service.ledger.Append, request)

    service.append(ORDER)


def test_a_request_that_is_no_message_is_bad_input(service: Simulator) -> None:
    call: Any = service.channel.unary_unary("/ledger.v1.LedgerService/Append")

    refusal = refusal_of(call, b"\xff\xff")

    assert (refusal.code, refusal.rule) == ("INVALID_ARGUMENT", "protobuf")
    assert refusal.violations == ("request",)
