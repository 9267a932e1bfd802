from __future__ import annotations

from tests.builders import action, license_requirement, relation
from tests.unit.domain.aggregates.folding import fold

LETTER = action(
    "us-letter",
    subtype="is_informed_letter",
    addressee="NVIDIA",
    provisions=(license_requirement("us-letter#place"),),
)


def test_an_instrument_is_confirmed_stayed_and_not_enforced_in_its_own_stream() -> None:
    changes = [
        action(f"us-{kind.replace('_', '-')}", "instruments/us-letter", relates_to=(link,))
        for kind, link in [
            ("confirms", relation("confirms", "us-letter")),
            ("stays", relation("stays", "us-letter#place")),
            ("not_enforced", relation("not_enforced", "us-letter#place")),
        ]
    ]

    assert fold(LETTER, *changes).version == 4


def test_a_correction_brings_provisions_into_the_stream_that_it_corrects() -> None:
    correction = action(
        "us-correction",
        "instruments/us-letter",
        subtype="correction_rule",
        provisions=(license_requirement("us-correction#place"),),
        relates_to=(relation("corrects", "us-letter#place"),),
    )

    assert fold(LETTER, correction).version == 2
