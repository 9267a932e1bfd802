from __future__ import annotations

from datetime import date

from tests.builders import coverage
from tests.unit.domain.aggregates.folding import fold


def test_whoever_imports_more_extends_the_coverage() -> None:
    longer = coverage("coverage-2022-2026", actor="importer", to=date(2026, 6, 30))

    assert fold(coverage(), longer).version == 2


def test_the_wording_of_the_regime_may_change_with_whoever_declares_it() -> None:
    reworded = coverage("coverage-reworded", regime="The same regime in other words")

    assert fold(coverage(), reworded).version == 2
