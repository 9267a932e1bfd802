"""Who may sign what: thresholds and delegations hold against authors, and against the log itself.

Each attack is tried twice: handed in to an honest server, which refuses it, and written by hand
into a log whose operator colludes, which an audit finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ledger.bootstrap import found_ledger
from ledger.client.signer import Author, prove_possession
from ledger.codec.envelopes import decode_envelope, encode_envelope
from ledger.domain.authorship import KeyRevoked, Policy
from ledger.domain.delegation import KeyDelegated, delegation_message
from ledger.domain.facts import Fact
from ledger.domain.vocabulary import FactKind, Family, Role
from ledger.errors import VerificationError
from ledger.signing.dsse import PAYLOAD_TYPE, pae
from ledger.v1 import services_pb2
from tests import builders
from tests.attacks.collusion import Forger, audited
from tests.e2e.refusals import refusal_of
from tests.simulator import ORIGIN, START_MS, Simulator, key_of

ADMINISTRATORS = ("ada", "bob", "cyd")
UNTIL_MS = START_MS + 60_000


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Two of three administrators sign together; a clerk lets a feed sign its orders."""
    running = Simulator(tmp_path_factory.mktemp("keys"), enrolled=False)
    found_ledger(
        running.directory,
        administrators=[Author(name, key_of(name)) for name in ADMINISTRATORS],
        threshold=2,
        policy=Policy(),
        origin=ORIGIN,
        clock=running.clock,
    )
    with running:
        for name in ("clerk", "robbed"):
            running.append(running.enrollment(name), "ada", "ada", "bob")
        for key in ("first", "second"):
            enrollment = running.enrollment("twofold", key=key, id=f"enrolled-{key}")
            running.append(enrollment, "ada", "ada", "bob")
        running.append(delegated(running, "clerk", "feed"), "clerk")
        running.append(delegated(running, "robbed", "thief"), "robbed")
        running.append(revoked("robbed"), "ada", "ada", "cyd")
        running.append(order("order-0"), "clerk", "feed")
        yield running


def order(name: str = "order-1", stream: str = "", **more: Any) -> Fact:
    return builders.order(name, stream, **more)


def delegated(service: Simulator, author: str, delegate: str, **more: Any) -> KeyDelegated:
    """A delegation of orders by an author's key, which the delegate has shown to hold."""
    key = key_of(delegate)
    message = delegation_message(service.ledger_id, author, key.public.spki_der)
    fields: dict[str, Any] = {
        "delegating_keyid": key_of(author).public.keyid,
        "spki_der": key.public.spki_der,
        "possession": key.sign(message),
        "not_after_ms": UNTIL_MS,
    }
    return builders.delegated(author, delegate, **(fields | more))


def revoked(name: str, key: str = "") -> KeyRevoked:
    return builders.revoked(name, keyid=key_of(key or name).public.keyid)


Write = Callable[[Simulator], bytes]


def stated(fact: Callable[[Simulator], Fact], author: str, *signers: str) -> Write:
    return lambda service: service.envelope(fact(service), author, *signers)


def new_clerk(service: Simulator) -> Fact:
    return service.enrollment("clerk-2")


def twice_by_one_administrator(service: Simulator) -> bytes:
    """One signature under two lines: two of the three, by a count of lines."""
    envelope = decode_envelope(service.envelope(new_clerk(service), "ada"))
    doubled = (*envelope.signatures, *envelope.signatures)
    return encode_envelope(envelope._replace(signatures=doubled))


def twice_under_two_keyids(service: Simulator) -> bytes:
    """The same key under its own keyid and under another administrator's."""
    envelope = decode_envelope(service.envelope(new_clerk(service), "ada"))
    (own,) = envelope.signatures
    lying = own._replace(keyid=key_of("bob").public.keyid)
    return encode_envelope(envelope._replace(signatures=(own, lying)))


def order_by_the_feed_as_another(service: Simulator) -> bytes:
    """The delegate's own good signature on a statement that names an author it is not for."""
    return service.envelope(order(), "robbed", "feed")


def by_a_feed_that_nobody_named(service: Simulator) -> bytes:
    return service.envelope(order(), "clerk", "stranger")


def signed_by_the_feed_under_the_clerk_s_keyid(service: Simulator) -> bytes:
    envelope = decode_envelope(service.envelope(order(), "clerk"))
    sig = key_of("feed").sign(pae(PAYLOAD_TYPE, envelope.payload))
    lying = envelope.signatures[0]._replace(sig=sig)
    return encode_envelope(envelope._replace(signatures=(lying,)))


def with_an_enrollment_s_possession(service: Simulator) -> Fact:
    """A possession that was shown for an enrollment is none for a delegation."""
    possession = prove_possession(service.ledger_id, "clerk", key_of("feed-2"))
    return delegated(service, "clerk", "feed-2", possession=possession)


def by_the_second_key_for_the_first(service: Simulator) -> Fact:
    """So that the revocation of the key that signs would not end it."""
    first = key_of("first").public.keyid
    return delegated(service, "twofold", "feed-4", delegating_keyid=first)


@dataclass(frozen=True, slots=True)
class Attack:
    """An envelope, the rule that a server refuses it by, and what an audit says if not the same."""

    write: Write
    rule: str
    audit_rule: str = ""


def to_a_claim(_: Simulator) -> Fact:
    return builders.claim("claim-1")


def to_an_order_stream_by_another_kind(_: Simulator) -> Fact:
    return builders.reported("claim-1", Family.CLAIM, "orders/order-0", subtype="attributed_claim")


ATTACKS: dict[str, Attack] = {
    "one administrator alone": Attack(stated(new_clerk, "ada"), "administrators-threshold"),
    "one administrator's signature twice": Attack(twice_by_one_administrator, "signature-twice"),
    "one administrator under two keyids": Attack(twice_under_two_keyids, "signature"),
    "an administrator and an author": Attack(
        stated(new_clerk, "ada", "ada", "clerk"), "key-unknown", "administrators-enroll"
    ),
    "two administrators, and neither made the statement": Attack(
        stated(new_clerk, "cyd", "ada", "bob"), "author-did-not-sign"
    ),
    "a revocation by one administrator": Attack(
        stated(lambda _: revoked("clerk"), "ada"), "administrators-threshold"
    ),
    "a delegate's key for another author": Attack(
        order_by_the_feed_as_another, "key-unknown", "only-the-author-signs"
    ),
    "a delegate's key that nobody named": Attack(by_a_feed_that_nobody_named, "key-unknown"),
    "a delegate's signature under the author's keyid": Attack(
        signed_by_the_feed_under_the_clerk_s_keyid, "signature"
    ),
    "a delegate's key for a fact of another kind": Attack(
        stated(to_a_claim, "clerk", "feed"), "delegation-kinds"
    ),
    "a delegate's key for another kind in its own streams": Attack(
        stated(to_an_order_stream_by_another_kind, "clerk", "feed"), "delegation-kinds"
    ),
    "a delegate that delegates further": Attack(
        stated(
            lambda service: delegated(
                service, "clerk", "sub", delegating_keyid=key_of("feed").public.keyid
            ),
            "clerk",
            "feed",
        ),
        "delegate-changes-no-keys",
    ),
    "a delegate that revokes its author": Attack(
        stated(lambda _: revoked("clerk"), "clerk", "feed"), "delegate-changes-no-keys"
    ),
    "a delegate of a key that was revoked": Attack(
        stated(lambda _: order(), "robbed", "thief"), "key-revoked"
    ),
    "a delegation forged by the delegate": Attack(
        stated(lambda service: delegated(service, "clerk", "feed-2"), "clerk", "feed-2"),
        "key-unknown",
    ),
    "a delegation by one key in the name of another of its author's": Attack(
        stated(by_the_second_key_for_the_first, "twofold", "second"),
        "delegation-signed-by-its-key",
    ),
    "a delegation signed by another author": Attack(
        stated(lambda service: delegated(service, "clerk", "feed-2"), "robbed", "robbed"),
        "key-revoked",
    ),
    "a delegation that nobody holds the key of": Attack(
        stated(
            lambda service: delegated(service, "clerk", "feed-2", possession=bytes(64)), "clerk"
        ),
        "possession",
    ),
    "a delegation with an enrollment's possession": Attack(
        stated(with_an_enrollment_s_possession, "clerk"), "possession"
    ),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_server_refuses_it(service: Simulator, attack: Attack) -> None:
    size = service.tree_size()
    request = services_pb2.AppendRequest(envelope=attack.write(service))
    assert refusal_of(service.ledger.Append, request).rule == attack.rule
    assert service.tree_size() == size


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_audit_finds_it_in_a_log_that_did_not(service: Simulator, attack: Attack) -> None:
    forger = Forger(service)
    forger.add(attack.write(service))
    with pytest.raises(VerificationError) as found:
        audited(forger)
    assert found.value.field == f"entries[{forger.size - 1}]"
    assert found.value.rule == (attack.audit_rule or attack.rule)


def test_a_company_delegates_nothing_that_its_role_does_not_open(service: Simulator) -> None:
    enrollment = service.enrollment("acme", Role.COMPANY, party="Acme")
    service.append(enrollment, "ada", "ada", "bob")
    limits = {"kinds": (FactKind.REGULATORY_ACTION,), "streams": ("instruments",)}
    fact = delegated(service, "acme", "acme-feed", **limits)
    request = services_pb2.AppendRequest(envelope=service.envelope(fact, "acme"))
    assert refusal_of(service.ledger.Append, request).rule == "delegation-fits-role"


def test_a_delegation_ends_at_its_very_millisecond(service: Simulator) -> None:
    """In the log's time: what the delegate says of its own clock decides nothing."""
    forger = Forger(service)
    envelope = service.envelope(order("order-late"), "clerk", "feed", signed_at_ms=START_MS)
    forger.add(envelope, recorded_ms=UNTIL_MS - 1)
    audited(forger)
    late = Forger(service)
    late.add(envelope, recorded_ms=UNTIL_MS)
    with pytest.raises(VerificationError) as found:
        audited(late)
    assert found.value.rule == "key-expired"


def test_a_delegate_signs_nothing_before_the_entry_that_names_it(service: Simulator) -> None:
    forger = Forger(service)
    forger.add(service.envelope(order("order-early"), "clerk", "feed-3"))
    forger.add(service.envelope(delegated(service, "clerk", "feed-3"), "clerk"))
    with pytest.raises(VerificationError) as found:
        audited(forger)
    assert found.value.field == f"entries[{forger.size - 2}]"
