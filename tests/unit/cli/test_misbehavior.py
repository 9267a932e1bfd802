"""``verify-misbehavior``: what a command keeps against a log, a third party can check offline."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Command, Result

KEPT = re.compile(r"The evidence is in (\S+?\.json)\.")


def fact(name: str) -> str:
    """A company order, as a line of a record file."""
    return (
        f'{{"id": "{name}", "family": "company_order", "subtype": "purchase_order", '
        f'"stream": "orders/{name}", "actor": "Acme", "addressee": "TSMC", '
        '"quantity": {"min": 5, "max": 5, "unit": "chips"}, '
        '"dates": {"public": {"value": "2025-09-01", "precision": "day"}}, '
        '"certainty": "company_filing", "grade": "checked"}\n'
    )


def append(regledger: Command, ledger: Path, name: str) -> Result:
    """Import one order into a ledger's folder, by a user who remembers nothing else."""
    (file := Path(f"{name}.jsonl")).write_text(fact(name), encoding="utf-8")
    return regledger("import", file, "--ledger", ledger, "--config", f"of-{ledger.name}")


@pytest.fixture
def kept(regledger: Command, h20: Path, tmp_path: Path) -> Path:
    """What is kept by a user to whom first one side of a fork is shown, and then the other."""
    other = tmp_path / "other"
    shutil.copytree(h20, other)
    for ledger, names in ((h20, ["co-mine"]), (other, ["co-theirs", "co-theirs-2"])):
        for name in names:
            assert append(regledger, ledger, name).code == 0
    assert regledger("status", "H20", "CN", "--ledger", h20).code == 0
    result = regledger("status", "H20", "CN", "--ledger", other)
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("VERIFICATION FAILED: ")
    return Path(KEPT.findall(result.err)[0])


def test_a_fork_is_proved_to_whoever_has_the_pin(
    regledger: Command, h20: Path, kept: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere" / "evidence.json"
    alone.parent.mkdir()
    shutil.copy(kept, alone)
    pin = shutil.copy(h20 / "pin.json", alone.parent)
    result = regledger("verify-misbehavior", alone, "--pin", pin)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("MISBEHAVIOR PROVED: other-prefix\n")
    assert "trees of sizes 271 and 272" in result.out
    told = regledger("verify-misbehavior", alone, "--pin", pin, "-o", "json").json()
    assert (told["proved"], told["older"]["tree_size"]) == (True, 271)


def test_a_rollback_is_sound_and_proves_nothing(
    regledger: Command, h20: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    shutil.copytree(h20, backup)
    assert append(regledger, h20, "co-mine").code == 0
    assert regledger("status", "H20", "CN", "--ledger", h20).code == 0
    result = regledger("status", "H20", "CN", "--ledger", backup)
    assert result.code == 3
    file = KEPT.findall(" ".join(result.err.split()))[0]
    judged = regledger("verify-misbehavior", file, "--pin", h20 / "pin.json")
    assert judged.code == 1
    assert judged.out.startswith("NOT PROVED by this file: rollback\n")


def test_forged_evidence_fails_verification(regledger: Command, h20: Path, kept: Path) -> None:
    kept.write_text(kept.read_text(encoding="utf-8").replace("\\n272\\n", "\\n273\\n"))
    result = regledger("verify-misbehavior", kept, "--pin", h20 / "pin.json")
    assert (result.code, result.out) == (3, "")
    assert result.err.startswith("VERIFICATION FAILED: ")


def test_evidence_is_judged_by_a_pin_or_not_at_all(
    regledger: Command, kept: Path, tmp_path: Path
) -> None:
    config = ("--config", tmp_path / "nobody")
    assert regledger("verify-misbehavior", kept, *config).code == 2
