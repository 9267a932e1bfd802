from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import fill
from tests.simulator import Apart, Simulator


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Simulator]:
    """A service of its own, founded, with a registrar enrolled."""
    with Simulator(tmp_path) as simulator:
        yield simulator


@pytest.fixture(params=[Simulator, Apart])
def either(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Simulator]:
    """The same, with the writer here and over a socket: whoever calls sees no difference."""
    with request.param(tmp_path) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """The small record, for tests that only read."""
    with Simulator(tmp_path_factory.mktemp("world")) as simulator:
        fill(simulator)
        yield simulator
