from __future__ import annotations

from tests.builders import party
from tests.unit.domain.aggregates.folding import fold, refusal


def test_a_party_is_described_again_under_its_name() -> None:
    again = party("Nvidia", id="party-again", aliases=("NVDA",))

    assert fold(party("NVIDIA"), again).name == "NVIDIA"


def test_another_name_is_another_party() -> None:
    refused = refusal(party("NVIDIA"), party("AMD", stream="parties/nvidia"))

    assert (refused.rule, refused.field) == ("party-keeps-its-name", "name")
