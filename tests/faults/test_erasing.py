"""An erasure that was committed is carried out, whenever the process died."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.bootstrap import ATTACHMENTS_FOLDER
from ledger.store.vault import DOCUMENTS_FOLDER, KEYS_FOLDER
from tests import builders
from tests.documents import name, put, refused_get
from tests.faults.erasing import POINTS
from tests.faults.test_crashes import ROOT
from tests.simulator import ADMINISTRATOR, FOUNDED_SIZE, Simulator

LETTER = "a letter"


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_between_commit_and_destruction_is_made_good(tmp_path: Path, point: str) -> None:
    with Simulator(tmp_path) as service:
        name(service, "order-1", LETTER)
        commitment = put(service, "order-1", LETTER).hex()
        erasure = tmp_path / "erasure.envelope"
        erasure.write_bytes(service.envelope(builders.erased(LETTER), ADMINISTRATOR))
        directory = service.directory
    key = directory / ATTACHMENTS_FOLDER / KEYS_FOLDER / commitment
    document = directory / ATTACHMENTS_FOLDER / DOCUMENTS_FOLDER / commitment

    died = subprocess.run(
        [sys.executable, "-m", "tests.faults.erasing", directory, erasure, point],
        cwd=ROOT,
        check=False,
        timeout=60,
    )

    assert died.returncode == -signal.SIGKILL
    assert (key.exists(), document.exists()) == (point == "committed", True)
    with Simulator(tmp_path) as service:
        assert service.tree_size() == FOUNDED_SIZE + 2
        assert not key.exists()
        assert not document.exists()
        assert refused_get(service, "order-1", LETTER).rule == "attachment-erased"
