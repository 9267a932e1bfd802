"""Not even the holder of the log's key can break the rules unseen: an audit tries them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ledger.codec.envelopes import decode_envelope, encode_envelope
from ledger.domain.authorship import KeyRevoked
from ledger.domain.facts import ReportedFact
from ledger.domain.statement import Anchor, EnvelopeSignature
from ledger.errors import VerificationError
from ledger.signing.dsse import PAYLOAD_TYPE, pae
from tests import builders
from tests.attacks.collusion import Forger, audited
from tests.simulator import ADMINISTRATOR, REGISTRAR, START_MS, Simulator, key_of

Forge = Callable[[Forger], object]
"""Adds entries to a log; the last one breaks a rule."""


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A ledger with a clerk, a revoked and a passing key, and an order."""
    with Simulator(tmp_path_factory.mktemp("honest")) as running:
        running.enroll("clerk")
        running.enroll("leaver")
        running.enroll("passing", not_after_ms=START_MS + 1_000)
        running.append(builders.order("order-0"), nonce=bytes(16))
        running.append(revoked("leaver"), ADMINISTRATOR)
        yield running


def revoked(name: str) -> KeyRevoked:
    return builders.revoked(name, keyid=key_of(name).public.keyid)


def order(name: str = "order-1", stream: str = "") -> ReportedFact:
    return builders.order(name, stream)


def _recorded_earlier(forger: Forger) -> None:
    forger.add(forger.state(order()), recorded_ms=START_MS - 1)


def _the_same_again(forger: Forger) -> None:
    envelope = forger.state(order())
    forger.add(envelope)
    forger.add(envelope)


def _a_nonce_again(forger: Forger) -> None:
    forger.add(forger.state(order(), nonce=bytes(16)))


def _a_fact_id_again(forger: Forger) -> None:
    forger.add(forger.state(order("order-2")))
    fact = builders.order("order-0", "orders/order-2", subtype="inventory_estimate")
    forger.add(forger.state(fact, expected_version=1, nonce=bytes(range(16))))


def _of_another_ledger(forger: Forger) -> None:
    forger.add(forger.state(order(), ledger_id=bytes(32)))


def _founding_again(forger: Forger) -> None:
    forger.entries.append(forger.entries[0])


def _by_a_revoked_key(forger: Forger) -> None:
    forger.add(forger.state(order(), "leaver"))


def _by_a_key_not_yet_enrolled(forger: Forger) -> None:
    forger.add(forger.state(order(), "newcomer"))


def _by_a_key_that_is_enrolled_in_the_next_entry(forger: Forger) -> None:
    forger.add(forger.state(order(), "newcomer"))
    forger.add(forger.state(forger.service.enrollment("newcomer"), ADMINISTRATOR))


def _by_an_expired_key(forger: Forger) -> None:
    forger.add(forger.state(order(), "passing"), recorded_ms=START_MS + 1_000)


def _enrolled_by_a_registrar(forger: Forger) -> None:
    forger.add(forger.state(forger.service.enrollment("friend"), REGISTRAR))


def _enrolled_without_possession(forger: Forger) -> None:
    fact = forger.service.enrollment("friend", possession=bytes(64))
    forger.add(forger.state(fact, ADMINISTRATOR))


def _by_an_administrator(forger: Forger) -> None:
    forger.add(forger.state(order(), ADMINISTRATOR))


def _at_a_stale_version(forger: Forger) -> None:
    forger.add(forger.state(order("order-1", "orders/order-0"), expected_version=0))


def _at_a_version_to_come(forger: Forger) -> None:
    forger.add(forger.state(order("order-1", "orders/order-0"), expected_version=2))


def _against_an_aggregate_s_rule(forger: Forger) -> None:
    forger.add(forger.state(builders.item("H20", stream="items/h-20")))


def _anchored_in_the_future(forger: Forger) -> None:
    forger.add(forger.state(order(), anchor=Anchor(size=99, root=bytes(32))))


def _anchored_in_another_history(forger: Forger) -> None:
    forger.add(forger.state(order(), anchor=Anchor(size=2, root=bytes(32))))


def _signed(forger: Forger, *signatures: tuple[bytes, str]) -> None:
    told = tuple(EnvelopeSignature(sig=sig, keyid=keyid) for sig, keyid in signatures)
    envelope = decode_envelope(forger.state(order()))
    forger.add(encode_envelope(envelope._replace(signatures=told)))


def _with_no_good_signature(forger: Forger) -> None:
    _signed(forger, (bytes(64), key_of(REGISTRAR).public.keyid))


def _with_a_lying_keyid(forger: Forger) -> None:
    payload = decode_envelope(forger.state(order())).payload
    sig = key_of("clerk").sign(pae(PAYLOAD_TYPE, payload))
    _signed(forger, (sig, key_of(REGISTRAR).public.keyid))


def _signed_as_another_type(forger: Forger) -> None:
    payload = decode_envelope(forger.state(order())).payload
    sig = key_of(REGISTRAR).sign(pae("text/plain", payload))
    _signed(forger, (sig, key_of(REGISTRAR).public.keyid))


def _with_bytes_behind_the_envelope(forger: Forger) -> None:
    forger.add(forger.state(order()) + b"\x9a\x06\x01x")


def _no_entry_at_all(forger: Forger) -> None:
    forger.entries.append(b"not an entry")


BREACHES: dict[str, tuple[Forge, str]] = {
    "recorded before the entry in front": (_recorded_earlier, "recorded-in-order"),
    "the same statement again": (_the_same_again, "unique"),
    "a nonce used before": (_a_nonce_again, "unique"),
    "a fact id used before": (_a_fact_id_again, "unique"),
    "a statement of another ledger": (_of_another_ledger, "other-ledger"),
    "the founding again": (_founding_again, "unique"),
    "a revoked key": (_by_a_revoked_key, "key-revoked"),
    "a key that nobody enrolled": (_by_a_key_not_yet_enrolled, "key-unknown"),
    "a key enrolled later": (_by_a_key_that_is_enrolled_in_the_next_entry, "key-unknown"),
    "an expired key": (_by_an_expired_key, "key-expired"),
    "an enrollment by a registrar": (_enrolled_by_a_registrar, "administrators-enroll"),
    "an enrollment without possession": (_enrolled_without_possession, ""),
    "an order by an administrator": (_by_an_administrator, "role-opens-collection"),
    "a stale version": (_at_a_stale_version, "expected-version"),
    "a version to come": (_at_a_version_to_come, "expected-version"),
    "an aggregate's rule broken": (_against_an_aggregate_s_rule, "item-name-gives-stream"),
    "an anchor in the future": (_anchored_in_the_future, "anchor-from-the-future"),
    "an anchor in another history": (_anchored_in_another_history, ""),
    "no good signature": (_with_no_good_signature, "signature"),
    "a lying keyid": (_with_a_lying_keyid, "signature"),
    "signed as another payload type": (_signed_as_another_type, "signature"),
    "bytes behind the envelope": (_with_bytes_behind_the_envelope, "canonical"),
    "bytes that are no entry": (_no_entry_at_all, ""),
}


@pytest.mark.parametrize(("forge", "rule"), BREACHES.values(), ids=BREACHES.keys())
def test_an_audit_names_the_breach(honest: Simulator, forge: Forge, rule: str) -> None:
    forger = Forger(honest)
    forge(forger)
    with pytest.raises(VerificationError) as found:
        audited(forger)
    first = len(Forger(honest).entries)
    assert found.value.field in {f"entries[{first}]", f"entries[{forger.size - 1}]"}
    assert not rule or found.value.rule == rule


def test_a_log_that_breaks_no_rule_passes(honest: Simulator) -> None:
    """Also one that its operator signed by hand: the key's last millisecond, the last index."""
    forger = Forger(honest)
    forger.add(forger.state(order("order-1"), "passing"), recorded_ms=START_MS + 999)
    forger.add(forger.state(order("order-2"), "clerk"), recorded_ms=START_MS + 999)
    forger.add(forger.state(revoked("clerk"), ADMINISTRATOR), recorded_ms=START_MS + 999)
    audited(forger)


def test_a_revoked_key_signs_nothing_behind_its_revocation(honest: Simulator) -> None:
    forger = Forger(honest)
    forger.add(forger.state(revoked("clerk"), ADMINISTRATOR))
    forger.add(forger.state(order(), "clerk"))
    with pytest.raises(VerificationError) as found:
        audited(forger)
    assert (found.value.field, found.value.rule) == (f"entries[{forger.size - 1}]", "key-revoked")
