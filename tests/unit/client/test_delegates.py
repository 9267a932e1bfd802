"""What a delegate's key signed: shown with its key, proved so, and denied by no server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from ledger.client.authoring import append_fact
from ledger.client.client import LedgerClient
from ledger.client.keyfacts import delegation, prove_delegation, revocation
from ledger.client.signer import enrollment, prove_possession
from ledger.domain.facts import Fact
from ledger.domain.provision import Provision
from ledger.domain.scope import ItemScope, PlaceScope
from ledger.domain.vocabulary import FactKind, Requirement, Role
from ledger.errors import SignatureError, VerificationError
from ledger.signing.privatekeys import Signer
from ledger.v1 import axes_pb2, log_pb2, queries_pb2
from tests import builders
from tests.simulator import key_of
from tests.unit.client.served import Served, changing, clock_ms, lied_to, served

FEED: Final = key_of("feed")
AGENCY: Final = key_of("agency")
ENDS_MS: Final = 32_503_680_000_000
"""The year 3000."""


def append(client: LedgerClient, fact: Fact, author: str, *keys: Signer) -> None:
    append_fact(client, fact, author=author, signers=keys, clock_ms=clock_ms)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The agency's delegate has signed a rule for the item H20, the agency itself another."""
    with served(tmp_path_factory.mktemp("delegates")) as made:
        client, administrator = made.client, made.founded.administrator
        key = AGENCY.public
        enrolled = enrollment(
            ledger_id=client.ledger_id,
            author="agency",
            role=Role.AUTHORITY,
            party="BIS",
            key=key,
            possession=prove_possession(client.ledger_id, "agency", AGENCY),
        )
        append_fact(
            client,
            enrolled,
            author=administrator.name,
            signers=[administrator.signer],
            clock_ms=clock_ms,
        )
        fact = delegation(
            ledger_id=client.ledger_id,
            author="agency",
            delegating_keyid=key.keyid,
            key=FEED.public,
            possession=prove_delegation(client.ledger_id, "agency", FEED),
            kinds=[FactKind.REGULATORY_ACTION],
            streams=["instruments"],
            not_after_ms=ENDS_MS,
        )
        append(client, fact, "agency", AGENCY)
        for described in (builders.item(), builders.membership(), builders.coverage()):
            append(client, described, "registrar", made.founded.registrar.signer)
        for name, signer in (("rule-1", FEED), ("rule-2", AGENCY)):
            rule = builders.action(
                name,
                provisions=(
                    Provision(
                        id=f"{name}#chips",
                        items=ItemScope(any=True),
                        destinations=PlaceScope(any_group=("D:5",)),
                        requirement=Requirement.LICENSE_REQUIRED,
                    ),
                ),
            )
            append(client, rule, "agency", signer)
        yield made


def delegates(facts: Any) -> dict[str, str]:
    return {fact.fact_id: fact.delegate_keyid for fact in facts}


def ask(client: LedgerClient) -> queries_pb2.GetLicenseStatusResponse:
    question = queries_pb2.Question(item="H20", destination="CN", as_of="2025-08-15")
    size = client.checkpoint().size
    return client.status(queries_pb2.GetLicenseStatusRequest(question=question, min_tree_size=size))


def test_records_and_answers_name_the_delegates_key(ledger: Served) -> None:
    ask(ledger.client)
    shown = {
        name: ledger.client.stream(f"instruments/{name}").facts[0] for name in ("rule-1", "rule-2")
    }
    assert delegates(shown.values()) == {"rule-1": FEED.public.keyid, "rule-2": ""}
    assert {fact.author for fact in shown.values()} == {"agency"}
    assert {fact.attribution for fact in shown.values()} == {"FIRST_PARTY"}

    answer = ask(ledger.client)
    assert answer.requirement == axes_pb2.Requirement.LICENSE_REQUIRED
    assert delegates(answer.considered) == {"rule-1": FEED.public.keyid, "rule-2": ""}


@pytest.mark.parametrize("keyid", ["", AGENCY.public.keyid])
def test_a_server_that_denies_the_delegate_is_found_out(ledger: Served, keyid: str) -> None:
    def deny(reply: queries_pb2.GetLicenseStatusResponse) -> None:
        for considered in reply.considered:
            if considered.fact_id == "rule-1":
                considered.delegate_keyid = keyid

    change = changing("GetLicenseStatus", queries_pb2.GetLicenseStatusResponse, deny)
    with pytest.raises(VerificationError) as caught:
        lied_to(ledger, change, ask)
    assert caught.value.rule == "record-differs"


def test_a_server_that_keeps_the_delegation_back_is_found_out(ledger: Served) -> None:
    def keep_back(reply: log_pb2.GetAuthorResponse) -> None:
        del reply.receipts[1:]

    change = changing("GetAuthor", log_pb2.GetAuthorResponse, keep_back)
    with pytest.raises(VerificationError) as caught:
        lied_to(ledger, change, ask)
    assert caught.value.rule == "enrollment"


def test_an_authors_history_is_whole_and_proved(ledger: Served) -> None:
    history = ledger.client.author_history("agency")

    assert [key.keyid for key in history.keys] == [AGENCY.public.keyid, FEED.public.keyid]
    assert history.version == len(history.entries) == 2
    assert history.key(FEED.public.keyid[:8]).delegation is not None
    assert history.key().keyid == AGENCY.public.keyid


@pytest.mark.parametrize(
    ("edit", "rule"),
    [
        pytest.param("forget a key", "author-differs", id="a key that is not told"),
        pytest.param("end a key", "author-differs", id="an end that is none"),
        pytest.param("withhold the enrollment", "key-unknown", id="a missing entry"),
        pytest.param("withhold everything", "author-differs", id="no entries"),
    ],
)
def test_a_history_that_is_told_otherwise_is_refused(ledger: Served, edit: str, rule: str) -> None:
    def lie(reply: log_pb2.GetAuthorResponse) -> None:
        match edit:
            case "forget a key":
                del reply.author.keys[1]
            case "end a key":
                reply.author.keys[1].revoked_at_index = 3
            case "withhold the enrollment":
                del reply.receipts[0]
            case _:
                del reply.receipts[:]

    change = changing("GetAuthor", log_pb2.GetAuthorResponse, lie)
    with pytest.raises(VerificationError) as caught:
        lied_to(ledger, change, lambda client: client.author_history("agency"))
    assert caught.value.rule == rule


def test_a_founders_history_begins_with_the_founding(ledger: Served) -> None:
    history = ledger.client.author_history("administrator")

    assert [proved.entry.index for proved in history.entries] == [0]
    assert history.version == 0


def test_whoever_does_not_hold_a_key_cannot_ask_for_a_delegation(ledger: Served) -> None:
    with pytest.raises(SignatureError) as caught:
        delegation(
            ledger_id=ledger.client.ledger_id,
            author="agency",
            delegating_keyid=AGENCY.public.keyid,
            key=FEED.public,
            possession=prove_possession(ledger.client.ledger_id, "agency", FEED),
            kinds=[FactKind.CLAIM],
            streams=["claims"],
            not_after_ms=ENDS_MS,
        )
    assert caught.value.rule == "possession"


def test_the_delegate_signs_nothing_else(ledger: Served) -> None:
    claim = builders.action("rule-3", "destinations/cn")
    with pytest.raises(SignatureError, match="was delegated to for instruments") as caught:
        append(ledger.client, claim, "agency", FEED)
    assert caught.value.rule == "delegation-streams"
    own = revocation("agency", FEED.public.keyid, "Enough.")
    with pytest.raises(SignatureError) as caught:
        append(ledger.client, own, "agency", FEED)
    assert caught.value.rule == "delegate-changes-no-keys"
