from __future__ import annotations

from typing import Any

import pytest

from tests.builders import claim, relation
from tests.unit.domain.aggregates.folding import fold, refusal

STREAM = "claims/cl-claim"
CLAIM = claim("cl-claim", actor="NVIDIA (via press)")


def test_another_voice_opens_a_claim_of_its_own() -> None:
    refused = refusal(CLAIM, claim("cl-other", STREAM, actor="AMD"))

    assert (refused.rule, refused.field) == ("claim-keeps-its-speaker", "actor")
    assert "claims/cl-other" in refused.message


def test_a_speaker_restates_its_claim() -> None:
    assert fold(CLAIM, claim("cl-again", STREAM, actor="Nvidia")).version == 2


@pytest.mark.parametrize(
    "following",
    [
        {"subtype": "correction"},
        {"relates_to": (relation("corrects", "cl-claim"),)},
        {"subtype": "retraction"},
        {"subtype": "withdrawal"},
        {"relates_to": (relation("ends", "cl-claim"),)},
    ],
    ids=str,
)
def test_a_claim_is_corrected_or_retracted_by_whoever_reports_it(following: dict[str, Any]) -> None:
    assert fold(CLAIM, claim("cl-end", STREAM, actor="Reuters", **following)).version == 2
