from __future__ import annotations

from pathlib import Path

import pytest

from ledger.errors import SettingError
from ledger.witnesses import read_policy
from tests.simulator import Simulator
from tests.witnessed import cosigner


def test_a_policy_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as caught:
        read_policy(tmp_path / "policy")

    assert caught.value.rule == "policy-file"


def test_a_policy_of_other_logs_is_refused_before_anything_is_served(tmp_path: Path) -> None:
    other = Simulator(tmp_path / "other")
    with other, Simulator(tmp_path) as service:
        text = f"log {other.pin.log_keys[0].vkey()}\nquorum none\n"
        (tmp_path / "policy").write_text(text, encoding="utf-8")
    assert service.pin != other.pin

    with (
        pytest.raises(SettingError) as caught,
        Simulator(tmp_path, LEDGER_WITNESS_POLICY=str(tmp_path / "policy")),
    ):
        pass
    assert caught.value.rule == "policy-log"


def test_a_witness_whose_url_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    with Simulator(tmp_path):
        text = f"witness w1 {cosigner('w1').key.vkey()} ftp://w.example/\nquorum none\n"
        (tmp_path / "policy").write_text(text, encoding="utf-8")

    with (
        pytest.raises(SettingError) as caught,
        Simulator(tmp_path, LEDGER_WITNESS_POLICY=str(tmp_path / "policy")),
    ):
        pass
    assert caught.value.rule == "url"
