from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.domain.authorship import possession_message
from ledger.domain.delegation import Delegation, delegation_message, kind_of
from ledger.domain.facts import Fact
from ledger.domain.vocabulary import FactKind
from ledger.errors import SignatureError
from tests import builders
from tests.builders import LEDGER_ID, delegated, enrolled, keyid, order, revoked, rotated, spki

ORDERS = Delegation(
    keyid("nvidia"), (FactKind.COMPANY_ORDER, FactKind.ITEM), ("orders", "items/h20")
)


def refused(fact: Fact) -> str:
    with pytest.raises(SignatureError) as caught:
        ORDERS.check_covers(fact)
    return caught.value.rule


@pytest.mark.parametrize("fact", [order("co-order"), builders.item("H20")], ids=lambda f: f.id)
def test_what_lies_within_the_limits_is_covered(fact: Fact) -> None:
    ORDERS.check_covers(fact)


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        pytest.param(builders.claim("co-claim"), "delegation-kinds", id="another kind"),
        pytest.param(
            builders.claim("co-claim", "orders/co-claim"),
            "delegation-kinds",
            id="another kind in a stream within the limits",
        ),
        pytest.param(builders.item("H100"), "delegation-streams", id="another stream"),
        pytest.param(
            builders.item("H20", stream="items/h200"),
            "delegation-streams",
            id="a stream whose name begins alike",
        ),
        pytest.param(delegated("nvidia", "more"), "delegate-changes-no-keys", id="a delegation"),
        pytest.param(rotated("nvidia", "more"), "delegate-changes-no-keys", id="a rotation"),
        pytest.param(revoked("nvidia"), "delegate-changes-no-keys", id="a revocation"),
        pytest.param(enrolled("eve"), "delegate-changes-no-keys", id="an enrollment"),
        pytest.param(builders.log_key_rotated(), "delegate-changes-no-keys", id="the log's key"),
    ],
)
def test_what_lies_outside_is_refused_by_name(fact: Fact, rule: str) -> None:
    assert refused(fact) == rule


def test_every_kind_of_fact_but_those_about_keys_can_be_delegated() -> None:
    facts = [
        builders.action("an-act"),
        order("an-order"),
        builders.submission("a-letter"),
        builders.claim("a-claim"),
        builders.coverage(),
        builders.party(),
        builders.item(),
        builders.membership(),
        builders.co_signature("a-name", "submissions/a-letter", bytes(32)),
    ]

    assert [kind_of(fact) for fact in facts] == list(FactKind)


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param({"kinds": ()}, id="no kinds"),
        pytest.param({"streams": ()}, id="no streams"),
        pytest.param({"streams": ("authors",)}, id="authors"),
        pytest.param({"streams": ("authors/nvidia",)}, id="an author's stream"),
        pytest.param({"streams": ("attachments",)}, id="erasures"),
        pytest.param({"streams": ("orders/",)}, id="half a stream"),
        pytest.param({"streams": ("",)}, id="everything"),
    ],
)
def test_limits_are_always_stated_and_never_reach_the_keys(limits: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        delegated("nvidia", "feed", **limits)


def test_an_enrollment_and_a_delegation_are_asked_for_by_different_messages() -> None:
    asked = (LEDGER_ID, "nvidia", spki("feed"))

    assert delegation_message(*asked) != possession_message(*asked)
    assert delegation_message(*asked) != delegation_message(LEDGER_ID, "amd", spki("feed"))
