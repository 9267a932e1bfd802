from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from ledger.domain.admission import CandidateKeys, admit, candidate_keys
from ledger.domain.aggregates import aggregate_for
from ledger.domain.keyring import Keyring
from ledger.domain.statement import Anchor
from ledger.domain.vocabulary import Role
from ledger.errors import (
    NotPermittedError,
    RoleError,
    RuleError,
    SignatureError,
    VersionConflictError,
)
from tests.builders import (
    LEDGER_ID,
    digest_of,
    enrolled,
    erased,
    founded,
    keyid,
    order,
    revoked,
    rotated,
    spki,
    statement,
)
from tests.unit.domain.test_keyring import NOW_MS, keyring_of

if TYPE_CHECKING:
    from ledger.domain.facts import Fact
    from ledger.domain.statement import Statement

KEYRING = keyring_of(
    founded("ada", "bo", "cy", threshold=2),
    enrolled("registrar"),
    enrolled("nvidia", Role.COMPANY, party="NVIDIA"),
)
INDEX = 9
ORDER = order("co-order")


def offer(item: Statement, *signers: str, **circumstances: Any) -> None:
    """Offer a statement signed with the keys of these names to a small ledger of three founders."""
    state = aggregate_for(item.fact.collection).initial()
    defaults: dict[str, Any] = {
        "keyring": KEYRING,
        "ledger_id": LEDGER_ID,
        "index": INDEX,
        "recorded_ms": NOW_MS,
        "stream_version": 0,
        "stream_state": state,
    }
    admit(item, signers=[keyid(name) for name in signers], **(defaults | circumstances))


def refusal(
    kind: type[Exception], item: Statement, *signers: str, **circumstances: Any
) -> tuple[str, str]:
    with pytest.raises(kind) as refused:
        offer(item, *signers, **circumstances)
    assert type(refused.value) is kind
    return getattr(refused.value, "rule", ""), getattr(refused.value, "field", "")


def test_a_registrars_statement_is_admitted() -> None:
    offer(statement(ORDER), "registrar")


def test_a_company_signs_its_own_fact() -> None:
    offer(statement(ORDER, "nvidia"), "nvidia")


def test_a_statement_of_another_ledger_is_refused() -> None:
    stray = statement(ORDER, ledger_id=bytes(32))

    assert refusal(RuleError, stray, "registrar") == ("other-ledger", "ledger_id")


class TestFounding:
    FOUNDING = statement(founded("ada", "bo", "cy", threshold=2), "ada", ledger_id=b"")
    EMPTY: ClassVar[dict[str, Any]] = {"keyring": Keyring(), "ledger_id": b"", "index": 0}

    def test_it_is_entry_0(self) -> None:
        offer(self.FOUNDING, "ada", "cy", **self.EMPTY)

    def test_nothing_else_is_entry_0(self) -> None:
        early = statement(ORDER, ledger_id=b"")

        assert refusal(RuleError, early, "registrar", **self.EMPTY)[0] == "founding-is-entry-0"

    def test_it_is_refused_ever_after(self) -> None:
        again = statement(founded("ada"), "ada")

        assert refusal(RuleError, again, "ada") == ("founding-is-entry-0", "fact")

    def test_it_is_for_no_ledger_yet(self) -> None:
        stray = statement(founded("ada"), "ada")

        assert refusal(RuleError, stray, "ada", **self.EMPTY)[0] == "other-ledger"

    def test_a_stranger_does_not_sign_it(self) -> None:
        signers = ("ada", "bo", "dee")

        assert refusal(SignatureError, self.FOUNDING, *signers, **self.EMPTY) == (
            "signer-is-not-a-founder",
            "signatures",
        )

    def test_as_many_founders_sign_it_as_must_sign_together(self) -> None:
        assert refusal(SignatureError, self.FOUNDING, "ada", **self.EMPTY)[0] == (
            "administrators-threshold"
        )

    def test_its_author_is_a_founder(self) -> None:
        by_another = statement(founded("ada"), "dee", ledger_id=b"")

        assert refusal(SignatureError, by_another, "ada", **self.EMPTY)[0] == "author-did-not-sign"


class TestAnchor:
    def test_it_may_be_the_whole_log_before_the_entry(self) -> None:
        anchored = statement(ORDER, anchor=Anchor(size=INDEX, root=bytes(32)))

        offer(anchored, "registrar")

    def test_it_does_not_lie_in_the_future(self) -> None:
        anchored = statement(ORDER, anchor=Anchor(size=INDEX + 1, root=bytes(32)))

        assert refusal(RuleError, anchored, "registrar") == (
            "anchor-from-the-future",
            "anchor.size",
        )


class TestSigners:
    def test_an_unknown_key_is_refused(self) -> None:
        assert refusal(SignatureError, statement(ORDER), "nobody")[0] == "key-unknown"

    def test_a_key_is_refused_before_it_is_valid(self) -> None:
        early = refusal(SignatureError, statement(ORDER), "registrar", index=1)

        assert early[0] == "key-not-yet-valid"

    def test_a_revoked_key_is_refused(self) -> None:
        keyring = KEYRING.apply(revoked("registrar"), 5)

        refused = refusal(SignatureError, statement(ORDER), "registrar", keyring=keyring)

        assert refused[0] == "key-revoked"

    def test_an_expired_key_is_refused(self) -> None:
        keyring = KEYRING.apply(enrolled("dee", not_after_ms=NOW_MS), 5)

        refused = refusal(SignatureError, statement(ORDER, "dee"), "dee", keyring=keyring)

        assert refused[0] == "key-expired"

    def test_a_statement_that_nobody_signed_is_refused(self) -> None:
        with pytest.raises(SignatureError, match="here by nobody") as refused:
            offer(statement(ORDER))

        assert refused.value.rule == "only-the-author-signs"

    @pytest.mark.parametrize("stranger", ["nvidia", "ada"])
    def test_nobody_signs_for_another_author(self, stranger: str) -> None:
        alone = refusal(SignatureError, statement(ORDER), stranger)
        beside = refusal(SignatureError, statement(ORDER), "registrar", stranger)

        assert alone == beside == ("only-the-author-signs", "signatures")

    def test_an_author_may_sign_with_all_of_its_keys(self) -> None:
        second = enrolled("registrar", id="recovered", spki_der=spki("registrar-2"))

        offer(statement(ORDER), "registrar", "registrar-2", keyring=KEYRING.apply(second, 5))

    def test_one_ended_key_spoils_the_statement(self) -> None:
        keyring = KEYRING.apply(rotated("registrar", "registrar-2"), 5)

        refused = refusal(
            SignatureError, statement(ORDER), "registrar-2", "registrar", keyring=keyring
        )

        assert refused[0] == "key-revoked"


class TestRole:
    def test_administrators_sign_no_facts_of_the_domain(self) -> None:
        assert refusal(RoleError, statement(ORDER, "ada"), "ada")[0] == "role-opens-collection"

    def test_a_company_signs_no_other_partys_fact(self) -> None:
        stray = statement(order("co-order", actor="AMD"), "nvidia")

        assert refusal(RoleError, stray, "nvidia")[0] == "first-party-or-registrar"

    def test_a_company_withdraws_no_other_partys_order(self) -> None:
        aggregate = aggregate_for(ORDER.collection)
        opening = order("co-order", actor="AMD")
        end = order("co-end", "orders/co-order", subtype="withdrawal")

        refused = refusal(
            RoleError,
            statement(end, "nvidia", expected_version=1),
            "nvidia",
            stream_version=1,
            stream_state=aggregate.evolve(aggregate.initial(), opening, digest_of(opening)),
        )

        assert refused[0] == "changes-only-its-own"


def test_a_stale_version_says_what_it_expected_and_what_there_is() -> None:
    with pytest.raises(VersionConflictError) as refused:
        offer(statement(ORDER, expected_version=1), "registrar", stream_version=3)

    assert (refused.value.expected, refused.value.actual) == (1, 3)
    assert refused.value.rule == "expected-version"


def test_the_aggregate_has_the_last_word() -> None:
    stray = statement(order("co-stray", "orders/co-other"))

    assert refusal(RuleError, stray, "registrar")[0] == "opens-its-own-stream"


class TestEnrollment:
    FACTS = (
        enrolled("dee"),
        revoked("registrar"),
        enrolled("dee", Role.ADMINISTRATOR),
        erased("a letter"),
    )

    @pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
    def test_enough_administrators_together_may(self, fact: Fact) -> None:
        offer(statement(fact, "ada"), "ada", "bo")
        offer(statement(fact, "cy"), "ada", "bo", "cy")

    @pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
    def test_too_few_may_not(self, fact: Fact) -> None:
        assert refusal(SignatureError, statement(fact, "ada"), "ada") == (
            "administrators-threshold",
            "signatures",
        )

    def test_two_keys_of_one_administrator_are_one_administrator(self) -> None:
        second = enrolled("ada", Role.ADMINISTRATOR, id="recovered", spki_der=spki("ada-2"))
        keyring = KEYRING.apply(second, 5)

        refused = refusal(
            SignatureError, statement(enrolled("dee"), "ada"), "ada", "ada-2", keyring=keyring
        )

        assert refused[0] == "administrators-threshold"

    def test_the_author_of_the_statement_signs_it_too(self) -> None:
        refused = refusal(SignatureError, statement(enrolled("dee"), "ada"), "bo", "cy")

        assert refused == ("author-did-not-sign", "signatures")

    @pytest.mark.parametrize("signers", [("registrar",), ("ada", "bo", "registrar")], ids=str)
    def test_nobody_else_signs(self, signers: tuple[str, ...]) -> None:
        refused = refusal(RoleError, statement(enrolled("dee"), signers[0]), *signers)

        assert refused == ("administrators-enroll", "signatures")

    def test_an_unsigned_enrollment_is_refused(self) -> None:
        with pytest.raises(NotPermittedError):
            offer(statement(enrolled("dee"), "ada"))

    def test_a_revoked_administrator_does_not_count(self) -> None:
        keyring = KEYRING.apply(revoked("bo"), 5)

        refused = refusal(
            SignatureError, statement(enrolled("dee"), "ada"), "ada", "bo", keyring=keyring
        )

        assert refused[0] == "key-revoked"

    def test_the_keyring_decides_before_the_stream(self) -> None:
        taken = statement(enrolled("dee", spki_der=spki("nvidia")), "ada")

        assert refusal(RuleError, taken, "ada", "bo")[0] == "key-already-enrolled"

    def test_the_last_administrators_cannot_go(self) -> None:
        keyring = KEYRING.apply(revoked("cy"), 5)

        refused = refusal(RuleError, statement(revoked("bo"), "ada"), "ada", "bo", keyring=keyring)

        assert refused[0] == "last-administrators"


class TestRotation:
    ROTATION = statement(rotated("nvidia", "nvidia-2"), "nvidia")

    @pytest.mark.parametrize("author", ["nvidia", "registrar", "ada"])
    def test_an_author_of_any_role_rotates_its_own_key(self, author: str) -> None:
        offer(statement(rotated(author, "new"), author), author, "new")

    @pytest.mark.parametrize(
        "signers", [("nvidia",), ("nvidia-2",), ("nvidia", "nvidia-2", "ada"), ()], ids=str
    )
    def test_it_is_signed_by_the_old_key_and_the_new_one(self, signers: tuple[str, ...]) -> None:
        assert refusal(SignatureError, self.ROTATION, *signers) == (
            "rotation-signed-by-both",
            "signatures",
        )

    def test_nobody_rotates_for_another(self) -> None:
        stray = statement(rotated("nvidia", "nvidia-2"), "registrar")

        refused = refusal(SignatureError, stray, "nvidia", "nvidia-2")

        assert refused[0] == "only-the-author-signs"

    def test_an_authors_key_is_not_rotated_in_the_name_of_another(self) -> None:
        stray = statement(rotated("registrar", "new", old="nvidia"), "nvidia")

        assert refusal(RuleError, stray, "nvidia", "new")[0] == "rotates-its-own-key"

    def test_an_ended_key_is_not_rotated(self) -> None:
        keyring = KEYRING.apply(revoked("nvidia"), 5)

        refused = refusal(SignatureError, self.ROTATION, "nvidia", "nvidia-2", keyring=keyring)

        assert refused[0] == "key-revoked"

    def test_a_key_is_not_replaced_by_itself(self) -> None:
        stray = statement(rotated("nvidia", "nvidia"), "nvidia")

        assert refusal(RuleError, stray, "nvidia")[0] == "key-already-enrolled"


class TestCandidateKeys:
    def names(self, item: Statement, keyring: Keyring = KEYRING) -> set[str]:
        keys = candidate_keys(item, keyring)
        known = ("ada", "bo", "cy", "registrar", "nvidia", "nvidia-2", "dee")
        assert all(keys[keyid(name)] == spki(name) for name in known if keyid(name) in keys)
        return {name for name in known if keyid(name) in keys}

    def test_they_are_the_authors_and_the_administrators(self) -> None:
        assert self.names(statement(ORDER)) == {"ada", "bo", "cy", "registrar"}

    def test_an_unknown_author_has_none(self) -> None:
        assert self.names(statement(ORDER, "stranger")) == {"ada", "bo", "cy"}

    def test_an_ended_key_is_among_them(self) -> None:
        keyring = KEYRING.apply(rotated("nvidia", "nvidia-2"), 5)

        assert self.names(statement(ORDER, "nvidia"), keyring) >= {"nvidia", "nvidia-2"}

    def test_a_rotation_brings_its_new_key(self) -> None:
        assert "nvidia-2" in self.names(TestRotation.ROTATION)

    def test_an_enrollment_brings_no_key_that_may_sign_it(self) -> None:
        assert "dee" not in self.names(statement(enrolled("dee"), "ada"))

    def test_a_founding_brings_the_founders_keys(self) -> None:
        founding = statement(founded("ada", "bo"), "ada", ledger_id=b"")

        assert self.names(founding, Keyring()) == {"ada", "bo"}

    def test_many_statements_have_the_keys_that_each_has_alone(self) -> None:
        candidates = CandidateKeys(KEYRING)
        ordinary = statement(ORDER, "nvidia")
        for item in (ordinary, TestRotation.ROTATION, ordinary, statement(ORDER), ordinary):
            assert candidates.of(item) == candidate_keys(item, KEYRING)
