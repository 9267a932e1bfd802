"""The runner of other people's vectors sees what agrees, and what does not."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import consistency_proof, inclusion_proof, root_at
from tests import vectors

TREE = HashTree(leaf_hash(b"%d" % place) for place in range(8))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _inclusion(*, want_error: bool) -> dict[str, Any]:
    return {
        "leafIdx": 3,
        "treeSize": 7,
        "root": _text(root_at(7, TREE)),
        "leafHash": _text(TREE.node(0, 3)),
        "proof": [_text(node) for node in inclusion_proof(3, 7, TREE)],
        "desc": "an honest proof",
        "wantErr": want_error,
    }


def _consistency(*, want_error: bool) -> dict[str, Any]:
    return {
        "size1": 3,
        "size2": 7,
        "root1": _text(root_at(3, TREE)),
        "root2": _text(root_at(7, TREE)),
        "proof": [_text(node) for node in consistency_proof(3, 7, TREE)],
        "desc": "an honest proof",
        "wantErr": want_error,
    }


def _tree(root: str) -> dict[str, Any]:
    return {"leaf_inputs_hex": [], "root_hex_by_size": [root]}


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
CASES: dict[str, tuple[str, dict[str, Any], int]] = {
    "an inclusion that holds": ("inclusion/0/a.json", _inclusion(want_error=False), 0),
    "an inclusion that ought not to": ("inclusion/0/a.json", _inclusion(want_error=True), 1),
    "a consistency that holds": ("consistency/1/a.json", _consistency(want_error=False), 0),
    "a consistency that ought not to": ("consistency/1/a.json", _consistency(want_error=True), 1),
    "a root that is right": ("rfc6962_reference_tree.json", _tree(EMPTY), 0),
    "a root that is wrong": ("rfc6962_reference_tree.json", _tree("00" * 32), 1),
    "a file of nothing": ("signed_note.json", {"cases": []}, 1),
}


@pytest.mark.parametrize(("path", "case", "code"), CASES.values(), ids=CASES.keys())
def test_a_vector_agrees_or_ends_the_run_with_a_code(
    tmp_path: Path, path: str, case: dict[str, Any], code: int
) -> None:
    file = tmp_path / "testdata" / path
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(case), encoding="utf-8")
    assert vectors.main([str(tmp_path)]) == code


def test_the_folder_may_be_named_by_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rfc6962_reference_tree.json").write_text(json.dumps(_tree(EMPTY)), "utf-8")
    monkeypatch.setenv("LEDGER_VECTORS", str(tmp_path))
    assert vectors.main([]) == 0
    monkeypatch.delenv("LEDGER_VECTORS")
    assert vectors.main([]) == 2
