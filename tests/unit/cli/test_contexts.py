"""Contexts are kept in one file, written in one step, and never half."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.cli.contexts import CONTEXTS_FILE, Context, Contexts, load_contexts, save_contexts
from ledger.errors import NotFoundError, SettingError

ONE = Context(ledger="/srv/one")
TWO = Context(server="ledger.example:443")


def test_before_the_first_there_are_none(tmp_path: Path) -> None:
    assert load_contexts(tmp_path / "nowhere") == Contexts()


def test_contexts_survive_their_file(tmp_path: Path) -> None:
    contexts = Contexts().with_context("one", ONE).with_context("two", TWO)
    save_contexts(tmp_path / "a" / "b", contexts)
    assert load_contexts(tmp_path / "a" / "b") == contexts
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == [CONTEXTS_FILE]


def test_the_last_one_added_is_current_until_another_is_used() -> None:
    contexts = Contexts().with_context("one", ONE).with_context("two", TWO)
    assert contexts.current == "two"
    assert contexts.using("one").current == "one"


def test_removing_the_current_one_leaves_none_current() -> None:
    contexts = Contexts().with_context("one", ONE).with_context("two", TWO)
    assert contexts.without("two").current is None
    assert contexts.without("one").current == "two"


@pytest.mark.parametrize("change", ["named", "using", "without"])
def test_a_context_that_is_not_there_is_not_found(change: str) -> None:
    with pytest.raises(NotFoundError) as refused:
        getattr(Contexts().with_context("one", ONE), change)("three")
    assert "one" in refused.value.message


@pytest.mark.parametrize("content", [b"{", b'{"current": 7}', b'{"contexts": {"a": {"x": 1}}}'])
def test_a_file_that_is_not_ours_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CONTEXTS_FILE).write_bytes(content)
    with pytest.raises(SettingError) as refused:
        load_contexts(tmp_path)
    assert refused.value.rule == "context-file"


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SettingError):
        save_contexts(tmp_path / "file", Contexts())
