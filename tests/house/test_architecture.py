"""The layers, the generated code and the wire format are held by tools; these tests run them."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
PROTOS = ROOT / "protos"


def _run(*command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)


def test_imports_point_down() -> None:
    done = _run(str(BIN / "lint-imports"))
    assert done.returncode == 0, done.stdout


def test_generated_code_is_what_the_protos_give(tmp_path: Path) -> None:
    sources = sorted(str(path) for path in PROTOS.rglob("*.proto"))
    done = protoc.main(
        [
            "protoc",
            f"--proto_path={PROTOS}",
            f"--plugin=protoc-gen-mypy={BIN / 'protoc-gen-mypy'}",
            f"--plugin=protoc-gen-mypy_grpc={BIN / 'protoc-gen-mypy_grpc'}",
            f"--python_out={tmp_path}",
            f"--mypy_out=quiet:{tmp_path}",
            f"--grpc_python_out={tmp_path}",
            f"--mypy_grpc_out=quiet:{tmp_path}",
            *sources,
        ]
    )
    assert done == 0
    fresh, committed = tmp_path / "ledger" / "v1", ROOT / "ledger" / "v1"
    names = sorted(path.name for path in fresh.iterdir())
    assert names == sorted(p.name for p in committed.glob("*_pb2*"))
    _, different, failed = filecmp.cmpfiles(fresh, committed, names, shallow=False)
    assert (different, failed) == ([], [])


def test_protos_follow_the_buf_standard() -> None:
    done = _run(str(BIN / "buf"), "lint", cwd=PROTOS)
    assert done.returncode == 0, done.stdout


def test_the_wire_format_breaks_nothing_since_the_last_tag(tmp_path: Path) -> None:
    """Without a tag there is nothing to break, and the protos are held against themselves."""
    tag = _run("git", "describe", "--tags", "--abbrev=0")
    against = PROTOS
    if tag.returncode == 0:
        archive = tmp_path / "protos.tar"
        _run("git", "archive", "-o", str(archive), tag.stdout.strip(), "protos")
        shutil.unpack_archive(archive, tmp_path)
        against = tmp_path / "protos"
    done = _run(str(BIN / "buf"), "breaking", "--against", str(against), cwd=PROTOS)
    assert done.returncode == 0, done.stdout


def test_a_removed_field_is_seen_as_breaking(tmp_path: Path) -> None:
    older = tmp_path / "protos"
    shutil.copytree(PROTOS, older)
    statement = older / "ledger" / "v1" / "statement.proto"
    text = statement.read_text(encoding="utf-8")
    statement.write_text(
        text.replace("  Anchor anchor = 7;", "  Anchor anchor = 7;\n  string gone = 99;"),
        encoding="utf-8",
    )
    done = _run(str(BIN / "buf"), "breaking", "--against", str(older), cwd=PROTOS)
    assert done.returncode != 0
    assert "gone" in done.stdout
