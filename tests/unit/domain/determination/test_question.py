from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ledger.domain.vocabulary import EndUse, Transaction
from tests.unit.domain.determination.world import question


def test_only_item_and_destination_are_mandatory() -> None:
    assert question().supplied() == ("item=Chip", "destination=CN")


def test_everything_supplied_is_named_with_its_value() -> None:
    asked = question(
        exporter="NVIDIA",
        consignee="Biren",
        consignee_headquarters="CN",
        end_use=EndUse.MILITARY,
        shipped_from="US",
        transaction=Transaction.REEXPORT,
        affirmed=("notified BIS",),
    )

    assert asked.supplied() == (
        "item=Chip",
        "destination=CN",
        "exporter=NVIDIA",
        "consignee=Biren",
        "consignee_headquarters=CN",
        "end_use=military",
        "shipped_from=US",
        "transaction=reexport",
        "affirmed=notified BIS",
    )


def test_words_are_affirmed_without_regard_to_case() -> None:
    asked = question(affirmed=("Notified BIS",))

    assert asked.affirms("notified bis")
    assert not asked.affirms("notified")


@pytest.mark.parametrize("wrong", [{"destination": "XX"}, {"shipped_from": "cn"}, {"item": ""}])
def test_a_question_about_no_country_or_item_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        question(**wrong)
