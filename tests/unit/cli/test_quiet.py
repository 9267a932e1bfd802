from __future__ import annotations

import subprocess
import sys

import pytest

from tests.e2e.cli_process import ROOT

ASK = "import ledger.cli, os; print(os.environ['GRPC_VERBOSITY'])"


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        pytest.param({}, "ERROR", id="nothing was wished"),
        pytest.param({"GRPC_VERBOSITY": "DEBUG"}, "DEBUG", id="a user looks for something"),
    ],
)
def test_grpc_says_errors_only_unless_a_user_wants_more(
    variables: dict[str, str], told: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={"PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == told
