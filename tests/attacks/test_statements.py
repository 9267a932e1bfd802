"""What an author signed is taken once, where it was meant, and from nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from ledger.client.signer import prove_possession, sign
from ledger.codec.envelopes import decode_envelope, encode_envelope
from ledger.domain.statement import Anchor, EnvelopeSignature
from ledger.domain.vocabulary import Role
from ledger.log.receipts import Receipt
from ledger.signing.dsse import PAYLOAD_TYPE, pae
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.v1 import services_pb2, statement_pb2
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import (
    ADMINISTRATOR,
    CALL_S,
    REGISTRAR,
    START_MS,
    Simulator,
    key_of,
    receipt_of,
)
from tests.unit.signing import edwards

Write = Callable[[Simulator], bytes]

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ORDER: Final = builders.order("order-1")
P256_KEY: Final = PrivateKey.generate(Algorithm.ECDSA_P256_SHA256)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A ledger with a clerk, an author of another kind, and one order; refusals leave no trace."""
    with Simulator(tmp_path_factory.mktemp("attacked")) as running:
        running.enroll("clerk")
        running.enroll("amd-corp", Role.COMPANY, party="AMD")
        running.append(builders.order("order-0"), nonce=bytes(16))
        yield running


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Another ledger, with the same authors and the same keys."""
    with Simulator(tmp_path_factory.mktemp("elsewhere")) as running:
        running.enroll("clerk")
        yield running


def append(service: Simulator, envelope: bytes) -> Receipt:
    """Append an envelope that is taken, and verify the receipt."""
    request = services_pb2.AppendRequest(envelope=envelope)
    receipt = receipt_of(service.ledger.Append(request, timeout=CALL_S).receipt)
    service.verify(receipt)
    return receipt


def refused(service: Simulator, envelope: bytes) -> str:
    """The rule by which an envelope is refused, here and by a validation; it leaves no trace."""
    size = service.tree_size()
    request = services_pb2.AppendRequest(envelope=envelope)
    rule = refusal_of(service.ledger.Append, request).rule
    assert service.tree_size() == size
    return rule


Change = Callable[[statement_pb2.Statement], object]


def resigned(envelope: bytes, change: Change, *by: str) -> bytes:
    """A statement changed on its way and signed by others, or under the signature that it had."""
    parsed = decode_envelope(envelope)
    message = statement_pb2.Statement.FromString(parsed.payload)
    change(message)
    payload = message.SerializeToString(deterministic=True)
    signatures = parsed.signatures
    if by:
        signed = pae(PAYLOAD_TYPE, payload)
        keys = [key_of(name) for name in by]
        signatures = tuple(
            EnvelopeSignature(sig=key.sign(signed), keyid=key.public.keyid) for key in keys
        )
    return encode_envelope(parsed._replace(payload=payload, signatures=signatures))


def with_signatures(envelope: bytes, *signatures: tuple[bytes, str]) -> bytes:
    """An envelope under other signatures."""
    told = tuple(EnvelopeSignature(sig=sig, keyid=keyid) for sig, keyid in signatures)
    return encode_envelope(decode_envelope(envelope)._replace(signatures=told))


def first_signature(envelope: bytes) -> EnvelopeSignature:
    return decode_envelope(envelope).signatures[0]


def from_another_ledger(_: Simulator, elsewhere: Simulator) -> bytes:
    return elsewhere.envelope(ORDER)


def into_another_ledger(service: Simulator, elsewhere: Simulator) -> bytes:
    """The other ledger's statement, its ledger id put right on the way."""

    def change(message: statement_pb2.Statement) -> None:
        message.ledger_id = service.ledger_id

    return resigned(elsewhere.envelope(ORDER), change)


@pytest.mark.parametrize(
    ("write", "rule"),
    [(from_another_ledger, "other-ledger"), (into_another_ledger, "signature")],
)
def test_a_statement_does_not_pass_from_one_ledger_to_another(
    service: Simulator,
    elsewhere: Simulator,
    write: Callable[[Simulator, Simulator], bytes],
    rule: str,
) -> None:
    append(elsewhere, elsewhere.envelope(builders.order("order-taken")))
    assert refused(service, write(service, elsewhere)) == rule


def _stream(message: statement_pb2.Statement) -> None:
    message.stream = "orders/order-0"


def _author(message: statement_pb2.Statement) -> None:
    message.author = "clerk"


def _fact(message: statement_pb2.Statement) -> None:
    message.fact.reported.actor = "AMD"


def _nonce(message: statement_pb2.Statement) -> None:
    message.nonce = bytes(range(16))


def _signed_earlier(message: statement_pb2.Statement) -> None:
    message.signed_at_ms -= 86_400_000


def _version(message: statement_pb2.Statement) -> None:
    message.expected_version = 1


def _anchor(message: statement_pb2.Statement) -> None:
    message.anchor.size = 1
    message.anchor.root = bytes(32)


CHANGES: dict[str, Callable[[statement_pb2.Statement], None]] = {
    "moved into another stream": _stream,
    "put into another author's mouth": _author,
    "made to say something else": _fact,
    "made new by another nonce": _nonce,
    "back-dated": _signed_earlier,
    "moved to another version": _version,
    "anchored": _anchor,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_nothing_in_a_statement_can_be_changed_behind_its_signature(
    service: Simulator, change: Callable[[statement_pb2.Statement], None]
) -> None:
    rule = refused(service, resigned(service.envelope(ORDER), change))
    assert rule in {"signature", "key-unknown"}


def _claiming_another_author(service: Simulator) -> bytes:
    """The clerk signs as the registrar."""
    return resigned(service.envelope(ORDER), lambda _: None, "clerk")


def _of_another_payload_type(service: Simulator) -> bytes:
    """Signed as something else, and handed in as a statement."""
    envelope = service.envelope(ORDER)
    payload = decode_envelope(envelope).payload
    key = key_of(REGISTRAR)
    sig = key.sign(pae("application/vnd.ledger.draft.v1+protobuf", payload))
    return with_signatures(envelope, (sig, key.public.keyid))


def _signed_without_its_type(service: Simulator) -> bytes:
    envelope = service.envelope(ORDER)
    key = key_of(REGISTRAR)
    return with_signatures(
        envelope, (key.sign(decode_envelope(envelope).payload), key.public.keyid)
    )


def _under_a_lying_keyid(service: Simulator) -> bytes:
    """The clerk's signature under the registrar's keyid."""
    envelope = service.envelope(ORDER)
    message = pae(PAYLOAD_TYPE, decode_envelope(envelope).payload)
    return with_signatures(
        envelope, (key_of("clerk").sign(message), key_of(REGISTRAR).public.keyid)
    )


def _under_another_keyid(service: Simulator) -> bytes:
    """The registrar's good signature, said to be the clerk's."""
    envelope = service.envelope(ORDER)
    return with_signatures(envelope, (first_signature(envelope).sig, key_of("clerk").public.keyid))


def _under_nobody_s_keyid(service: Simulator) -> bytes:
    envelope = service.envelope(ORDER)
    return with_signatures(envelope, (first_signature(envelope).sig, "00" * 32))


def _signed_twice_by_one_key(service: Simulator) -> bytes:
    envelope = service.envelope(ORDER)
    one = first_signature(envelope)
    return with_signatures(envelope, (one.sig, one.keyid), (one.sig, one.keyid))


def _with_a_good_and_a_bad_signature(service: Simulator) -> bytes:
    envelope = service.envelope(ORDER)
    one = first_signature(envelope)
    return with_signatures(
        envelope, (one.sig, one.keyid), (bytes(64), key_of("clerk").public.keyid)
    )


def _with_s_above_the_order(service: Simulator) -> bytes:
    """Ed25519 malleated: R, and S plus the group's order, which a lax verifier takes."""
    envelope = service.envelope(ORDER)
    one = first_signature(envelope)
    s = int.from_bytes(one.sig[32:], "little") + edwards.ORDER
    return with_signatures(envelope, (one.sig[:32] + s.to_bytes(32, "little"), one.keyid))


def _with_a_nonce_used_before(service: Simulator) -> bytes:
    return service.envelope(ORDER, nonce=bytes(16))


def _of_a_stream_opened_already(service: Simulator) -> bytes:
    return service.envelope(builders.order("order-1", "orders/order-0"), expected_version=0)


def _of_a_version_to_come(service: Simulator) -> bytes:
    return service.envelope(builders.order("order-1", "orders/order-0"), expected_version=2)


def _of_a_fact_that_is_there(service: Simulator) -> bytes:
    fact = builders.order("order-0", "orders/order-9")
    return service.envelope(fact, nonce=bytes(15) + b"\1")


def _anchored_in_the_future(service: Simulator) -> bytes:
    return service.envelope(ORDER, anchor=Anchor(size=10_000, root=bytes(32)))


def _anchored_in_another_history(service: Simulator) -> bytes:
    return service.envelope(ORDER, anchor=Anchor(size=1, root=bytes(32)))


def _in_another_company_s_name(service: Simulator) -> bytes:
    return service.envelope(ORDER, "amd-corp")


@dataclass(frozen=True, slots=True)
class Attack:
    """An envelope, and the rule that must refuse it."""

    write: Write
    rule: str


ATTACKS: dict[str, Attack] = {
    "another author's name": Attack(_claiming_another_author, "key-unknown"),
    "another payload type": Attack(_of_another_payload_type, "signature"),
    "no payload type in what was signed": Attack(_signed_without_its_type, "signature"),
    "a lying keyid": Attack(_under_a_lying_keyid, "signature"),
    "a good signature under another keyid": Attack(_under_another_keyid, "key-unknown"),
    "a good signature under nobody's keyid": Attack(_under_nobody_s_keyid, "key-unknown"),
    "one key's signature twice": Attack(_signed_twice_by_one_key, "signature-twice"),
    "a bad signature beside a good one": Attack(_with_a_good_and_a_bad_signature, "key-unknown"),
    "Ed25519 with S above the order": Attack(_with_s_above_the_order, "signature"),
    "a nonce used before": Attack(_with_a_nonce_used_before, "nonce-reused"),
    "a stream that is opened again": Attack(_of_a_stream_opened_already, "expected-version"),
    "a version that is to come": Attack(_of_a_version_to_come, "expected-version"),
    "a fact id that is taken": Attack(_of_a_fact_that_is_there, "fact-id-taken"),
    "an anchor in the future": Attack(_anchored_in_the_future, "anchor-from-the-future"),
    "an anchor in another history": Attack(_anchored_in_another_history, "anchor-root"),
    "another company's name": Attack(_in_another_company_s_name, "first-party-or-registrar"),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_it_is_refused_by_its_rule(service: Simulator, attack: Attack) -> None:
    assert refused(service, attack.write(service)) == attack.rule


def test_a_statement_handed_in_again_is_taken_once(service: Simulator) -> None:
    envelope = service.envelope(builders.order("order-again"))
    first = append(service, envelope)
    size = service.tree_size()
    assert append(service, envelope) == first
    assert service.tree_size() == size


def test_ecdsa_malleated_makes_no_second_entry(service: Simulator) -> None:
    """Whoever has (r, s) also has (r, n - s): signatures name nothing, so the first stands."""
    possession = prove_possession(service.ledger_id, "p256", P256_KEY)
    fact = builders.enrolled("p256", spki_der=P256_KEY.public.spki_der, possession=possession)
    service.append(fact, ADMINISTRATOR)
    made = builders.statement(
        builders.order("order-p256"), "p256", ledger_id=service.ledger_id, signed_at_ms=START_MS
    )
    envelope = sign(made, [P256_KEY])
    first = append(service, envelope)
    r, s = decode_dss_signature(first_signature(envelope).sig)
    other = encode_dss_signature(r, P256_ORDER - s)
    malleated = with_signatures(envelope, (other, P256_KEY.public.keyid))
    size = service.tree_size()
    assert malleated != envelope
    assert append(service, malleated) == first
    assert service.tree_size() == size


@pytest.mark.parametrize("raw", edwards.torsion_encodings(), ids=bytes.hex)
def test_no_key_of_low_order_is_enrolled(service: Simulator, raw: bytes) -> None:
    """Under such a key one signature fits many messages; `cryptography` would take it."""
    spki = bytes.fromhex("302a300506032b6570032100") + raw
    fact = builders.enrolled("weak", spki_der=spki, possession=bytes(64))
    assert refused(service, service.envelope(fact, ADMINISTRATOR)) == "key-point"


@pytest.mark.parametrize("raw", [(edwards.P + y).to_bytes(32, "little") for y in (3, 18)])
def test_no_key_in_another_encoding_is_enrolled(service: Simulator, raw: bytes) -> None:
    spki = bytes.fromhex("302a300506032b6570032100") + raw
    fact = builders.enrolled("weak", spki_der=spki, possession=bytes(64))
    assert refused(service, service.envelope(fact, ADMINISTRATOR)) == "key-point"


def test_a_possession_does_not_pass_from_name_to_name_or_ledger_to_ledger(
    service: Simulator, elsewhere: Simulator
) -> None:
    key = key_of("newcomer")
    for possession in (
        prove_possession(service.ledger_id, "other", key),
        prove_possession(elsewhere.ledger_id, "newcomer", key),
    ):
        fact = service.enrollment("newcomer", possession=possession)
        assert refused(service, service.envelope(fact, ADMINISTRATOR)) == "possession"


def revoked(name: str) -> Any:
    return builders.revoked(name, keyid=key_of(name).public.keyid)


def test_a_revocation_binds_from_the_next_index_on_also_inside_a_batch(
    service: Simulator,
) -> None:
    service.enroll("leaver")
    before = service.envelope(builders.order("order-before"), "leaver")
    end = service.envelope(revoked("leaver"), ADMINISTRATOR)
    after = service.envelope(builders.order("order-after"), "leaver")
    request = services_pb2.AppendBatchRequest(envelopes=[before, end, after])
    size = service.tree_size()
    refusal = refusal_of(service.ledger.AppendBatch, request)
    assert (refusal.rule, refusal.field) == ("key-revoked", "envelopes[2]")
    assert service.tree_size() == size
    taken = services_pb2.AppendBatchRequest(envelopes=[before, end])
    receipts = service.ledger.AppendBatch(taken, timeout=CALL_S).receipts
    assert [receipt.index for receipt in receipts] == [size, size + 1]
    assert refused(service, after) == "key-revoked"


def test_an_enrollment_binds_from_the_next_index_on_also_inside_a_batch(
    service: Simulator,
) -> None:
    enrollment = service.envelope(service.enrollment("joiner"), ADMINISTRATOR)
    first = service.envelope(builders.order("order-first"), "joiner")
    early = services_pb2.AppendBatchRequest(envelopes=[first, enrollment])
    refusal = refusal_of(service.ledger.AppendBatch, early)
    assert (refusal.rule, refusal.field) == ("key-unknown", "envelopes[0]")
    in_order = services_pb2.AppendBatchRequest(envelopes=[enrollment, first])
    assert len(service.ledger.AppendBatch(in_order, timeout=CALL_S).receipts) == 2


def test_a_key_is_expired_at_its_very_millisecond(service: Simulator) -> None:
    now = service.clock.now_ms
    service.enroll("passing", not_after_ms=now + 1_000)
    try:
        service.clock.now_ms = now + 999
        append(service, service.envelope(builders.order("order-in-time"), "passing"))
        service.clock.now_ms = now + 1_000
        late = service.envelope(builders.order("order-late"), "passing")
        assert refused(service, late) == "key-expired"
        # An author who lies about the day gains nothing: the log's clock decides.
        dated = service.envelope(builders.order("order-dated"), "passing", signed_at_ms=now)
        assert refused(service, dated) == "key-expired"
    finally:
        service.clock.now_ms = now + 1_000


def test_a_clock_that_jumps_back_does_not_take_the_record_with_it(service: Simulator) -> None:
    now = service.clock.now_ms

    def recorded(receipt: Receipt) -> int:
        return int.from_bytes(receipt.entry[1:9])

    last = recorded(append(service, service.envelope(builders.order("order-now"))))
    try:
        service.clock.now_ms = now - 5_000
        early = append(service, service.envelope(builders.order("order-early")))
        assert recorded(early) == last
        service.clock.now_ms = now - 10_001
        assert refused(service, service.envelope(builders.order("order-past"))) == "clock-behind"
    finally:
        service.clock.now_ms = now
