from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.aggregates import aggregate_for
from ledger.domain.effects import Effect
from ledger.domain.facts import Fact
from ledger.domain.keyring import KeyRecord
from ledger.domain.roles import MAY_SIGN, attribution, check_role
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Axis, Collection, Role
from ledger.errors import RoleError
from tests.builders import (
    action,
    authorization,
    claim,
    co_signature,
    coverage,
    enrolled,
    erased,
    item,
    keyid,
    license_event,
    license_requirement,
    membership,
    order,
    party,
    relation,
    revoked,
    rotated,
    spki,
    submission,
)
from tests.unit.domain.aggregates.folding import fold

if TYPE_CHECKING:
    from collections.abc import Callable

APPLICATION = license_event("us-applied", actor="NVIDIA", effects=(authorization("APPLIED"),))
FACTS: dict[Collection, Fact] = {
    Collection.INSTRUMENTS: action("us-rule", actor="NVIDIA"),
    Collection.LICENSES: APPLICATION,
    Collection.ORDERS: order("co-order"),
    Collection.SUBMISSIONS: submission("ad-letter", actor="NVIDIA"),
    Collection.CLAIMS: claim("cl-claim"),
    Collection.ITEMS: item(),
    Collection.DESTINATIONS: membership(),
    Collection.PARTIES: party(),
    Collection.AUTHORS: enrolled("bo"),
    Collection.COVERAGE: coverage(actor="NVIDIA"),
    Collection.ATTACHMENTS: erased("a letter"),
}
EXPECTED = {
    Role.REGISTRAR: set(Collection) - {Collection.AUTHORS, Collection.ATTACHMENTS},
    Role.AUTHORITY: {Collection.INSTRUMENTS, Collection.LICENSES, Collection.DESTINATIONS},
    Role.COMPANY: {
        Collection.ORDERS,
        Collection.CLAIMS,
        Collection.SUBMISSIONS,
        Collection.ITEMS,
        Collection.PARTIES,
        Collection.LICENSES,
    },
    Role.ADVOCATE: {Collection.SUBMISSIONS, Collection.CLAIMS},
    Role.ADMINISTRATOR: {Collection.AUTHORS, Collection.ATTACHMENTS},
    Role.OPERATOR: set(),
}


def author(role: Role, party_name: str = "NVIDIA") -> KeyRecord:
    """A key of an author of this role, who speaks for NVIDIA unless told otherwise."""
    return KeyRecord(
        keyid=keyid("someone"),
        author="someone",
        role=role,
        party=party_name,
        spki_der=spki("someone"),
        valid_from_index=1,
    )


def refusal(signer: KeyRecord, fact: Fact, *stream: Fact) -> RoleError:
    with pytest.raises(RoleError) as refused:
        check_role(signer, fact, fold(*stream) if stream else None)
    return refused.value


@pytest.mark.parametrize("role", Role)
def test_the_table_is_the_one_agreed(role: Role) -> None:
    assert MAY_SIGN[role] == EXPECTED[role]


@pytest.mark.parametrize("collection", Collection)
@pytest.mark.parametrize("role", Role)
def test_a_role_signs_in_its_collections_and_in_no_other(
    role: Role, collection: Collection
) -> None:
    if collection in EXPECTED[role]:
        check_role(author(role), FACTS[collection])
        return

    refused = refusal(author(role), FACTS[collection])

    assert (refused.rule, refused.field) == ("role-opens-collection", "stream")
    assert (", ".join(sorted(EXPECTED[role])) or "no collection") in refused.message


@pytest.mark.parametrize("role", Role)
def test_every_author_replaces_its_own_key(role: Role) -> None:
    check_role(author(role), rotated("someone", "someone-2"))


def test_a_key_is_revoked_by_administrators_only() -> None:
    assert refusal(author(Role.REGISTRAR), revoked("bo")).rule == "role-opens-collection"


@pytest.mark.parametrize(
    ("role", "fact"),
    [
        (Role.AUTHORITY, action("us-rule", actor="BIS")),
        (Role.COMPANY, order("co-order", actor="AMD")),
        (Role.COMPANY, claim("cl-claim", actor="NVIDIA (via press)")),
        (Role.COMPANY, item(vendor="AMD")),
        (Role.COMPANY, party("AMD", aliases=("NVIDIA",))),
        (Role.ADVOCATE, submission("ad-letter", actor="Twenty experts")),
        (Role.ADVOCATE, co_signature("ad-joins", "submissions/ad-letter", bytes(32))),
    ],
    ids=lambda value: getattr(value, "id", value),
)
def test_another_partys_fact_is_for_that_party_or_a_registrar(role: Role, fact: Fact) -> None:
    refused = refusal(author(role), fact)

    assert (refused.rule, refused.field) == ("first-party-or-registrar", "actor")
    check_role(author(Role.REGISTRAR), fact)


def test_a_party_is_one_in_either_case() -> None:
    check_role(author(Role.COMPANY, "nvidia"), order("co-order", actor="NVIDIA"))


def test_an_advocate_joins_a_letter_in_its_own_name() -> None:
    joins = co_signature("ad-joins", "submissions/ad-letter", bytes(32), signatory="Bo Diddley")

    check_role(author(Role.ADVOCATE, "bo diddley"), joins)


@pytest.mark.parametrize(
    "fact",
    [
        license_event("us-x", actor="NVIDIA"),
        license_event("us-x", actor="NVIDIA", effects=(authorization("GRANTED_SCOPED"),)),
        license_event(
            "us-x", actor="NVIDIA", effects=(authorization("APPLIED"), authorization("DENIED"))
        ),
        license_event(
            "us-x",
            actor="NVIDIA",
            effects=(Effect(axis=Axis.COMMERCIAL_CONDITION, value="NONE"),),
        ),
        APPLICATION.model_copy(update={"provisions": (license_requirement("us-applied#a"),)}),
        APPLICATION.model_copy(update={"relates_to": (relation("ends", "us-rule"),)}),
    ],
    ids=["nothing", "a grant", "more", "another axis", "a provision", "a relation of force"],
)
def test_in_licenses_a_company_only_applies(fact: Fact) -> None:
    refused = refusal(author(Role.COMPANY), fact)

    assert (refused.rule, refused.field) == ("company-only-applies", "effects")
    check_role(author(Role.AUTHORITY), fact)


def test_an_application_may_speak_of_other_facts() -> None:
    speaking = APPLICATION.model_copy(update={"relates_to": (relation("answers", "us-rule"),)})

    check_role(author(Role.COMPANY), speaking)


OPENED = {
    "orders": (order("the-life", actor="AMD"), order),
    "submissions": (submission("the-life", actor="Twenty experts"), submission),
    "claims": (claim("the-life", actor="AMD"), claim),
}


@pytest.mark.parametrize("collection", OPENED)
@pytest.mark.parametrize(
    "change",
    [
        {"subtype": "withdrawal"},
        {"subtype": "correction"},
        {"relates_to": (relation("ends", "the-life"),)},
        {"relates_to": (relation("corrects", "the-life"),)},
        {"relates_to": (relation("supersedes", "the-life"),)},
    ],
    ids=str,
)
def test_a_company_changes_only_what_it_opened(collection: str, change: dict[str, object]) -> None:
    opening, build = OPENED[collection]
    fact = build("the-change", f"{collection}/the-life", **{"actor": "NVIDIA"} | change)

    refused = refusal(author(Role.COMPANY), fact, opening)

    assert (refused.rule, refused.field) == ("changes-only-its-own", "relates_to")
    assert opening.actor in refused.message
    check_role(author(Role.REGISTRAR), fact, fold(opening))


def test_a_company_withdraws_what_was_transcribed_in_its_name() -> None:
    opening = order("the-life", actor="NVIDIA (per Reuters sources)")
    end = order("the-end", "orders/the-life", subtype="withdrawal", actor="NVIDIA")

    check_role(author(Role.COMPANY), end, fold(opening))


def test_a_company_opens_a_stream_of_its_own_with_whatever_relation() -> None:
    better = order("co-better", actor="NVIDIA", relates_to=(relation("supersedes", "co-order"),))
    orders = aggregate_for(better.collection)

    check_role(author(Role.COMPANY), better, orders.initial())


def test_a_company_adds_to_what_another_opened() -> None:
    stock = order(
        "the-stock",
        "orders/the-life",
        actor="NVIDIA",
        relates_to=(relation("contradicts", "the-life"),),
    )

    check_role(author(Role.COMPANY), stock, fold(OPENED["orders"][0]))


def test_an_authority_ends_what_another_authority_opened() -> None:
    ruling = action("us-ruling", "instruments/us-rule", subtype="withdrawal", actor="Court")

    check_role(author(Role.AUTHORITY, "Court"), ruling, fold(action("us-rule")))


def recorded(fact: Fact) -> Recorded:
    return Recorded(
        index=3, version=1, recorded_ms=0, author="someone", digest=bytes(32), fact=fact
    )


@pytest.mark.parametrize(
    "fact",
    [
        order("co-order", actor="nvidia"),
        item(),
        party(),
        co_signature("ad-joins", "submissions/ad-letter", bytes(32), signatory="NVIDIA"),
        coverage(actor="NVIDIA"),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_fact_of_the_authors_own_party_is_first_party(fact: Fact) -> None:
    assert attribution(recorded(fact), author(Role.COMPANY)) == "FIRST_PARTY"


@pytest.mark.parametrize(
    "build",
    [lambda: order("co-order", actor="AMD"), membership],
    ids=["another's order", "a group membership, which names no actor"],
)
def test_any_other_fact_is_transcribed_by_its_author(build: Callable[[], Fact]) -> None:
    assert attribution(recorded(build()), author(Role.REGISTRAR)) == "TRANSCRIBED_BY someone"
