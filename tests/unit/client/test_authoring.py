"""A fact is signed for its stream as it stands, also where nobody can say how it stands."""

from __future__ import annotations

import pytest

from ledger.client.authoring import append_fact
from ledger.client.client import LedgerClient
from ledger.client.signer import enrollment, prove_possession
from ledger.domain.authorship import AuthorEnrolled
from ledger.domain.vocabulary import Role
from ledger.errors import RuleError, VersionConflictError
from ledger.signing.privatekeys import PrivateKey
from tests.unit.client.served import Served, clock_ms


def _enrollment(client: LedgerClient, author: str = "nvidia", **more: object) -> AuthorEnrolled:
    key = PrivateKey.generate()
    fact = enrollment(
        ledger_id=client.ledger_id,
        author=author,
        role=Role.COMPANY,
        party="NVIDIA",
        key=key.public,
        possession=prove_possession(client.ledger_id, author, key),
    )
    return fact.model_copy(update=more)


def _append(ledger: Served, fact: AuthorEnrolled, **more: int) -> int:
    administrator = ledger.founded.administrator
    proved = append_fact(
        ledger.client,
        fact,
        author=administrator.name,
        signers=[administrator.signer],
        clock_ms=clock_ms,
        **more,
    )
    return proved.entry.statement.expected_version


def test_a_new_stream_is_opened(ledger: Served) -> None:
    assert _append(ledger, _enrollment(ledger.client)) == 0


def test_a_stream_that_has_moved_on_is_continued(ledger: Served) -> None:
    _append(ledger, _enrollment(ledger.client))
    assert _append(ledger, _enrollment(ledger.client)) == 1
    assert _append(ledger, _enrollment(ledger.client)) == 2


def test_a_refusal_of_another_kind_is_passed_on(ledger: Served) -> None:
    fact = _enrollment(ledger.client, party="AMD", role=Role.COMPANY)
    _append(ledger, _enrollment(ledger.client))
    with pytest.raises(RuleError) as refused:
        _append(ledger, fact)
    assert refused.value.rule == "recovery-keeps-party"


def test_a_ledger_that_contradicts_itself_is_not_asked_for_ever(ledger: Served) -> None:
    class Contrary:
        ledger_id = ledger.client.ledger_id
        anchor = None
        calls = 0

        def append(self, envelope: bytes) -> None:
            self.calls += 1
            raise VersionConflictError(f"{len(envelope)}", expected=0, actual=self.calls)

    contrary = Contrary()
    administrator = ledger.founded.administrator
    with pytest.raises(VersionConflictError):
        append_fact(
            contrary,  # type: ignore[arg-type]
            _enrollment(ledger.client),
            author=administrator.name,
            signers=[administrator.signer],
            clock_ms=clock_ms,
        )
    assert contrary.calls == 5
