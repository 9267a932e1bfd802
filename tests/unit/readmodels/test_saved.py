"""What is taken up at a start answers like the whole log, and nothing else is taken up."""

from __future__ import annotations

import fcntl
import hmac
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from hashlib import sha256
from itertools import chain
from pathlib import Path

import pytest

from ledger.domain.dates import Dates
from ledger.domain.determination.engine import determine
from ledger.domain.determination.register import Register
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Collection, Role
from ledger.errors import NotFoundError
from ledger.readmodels import saved as module
from ledger.readmodels.models import ReadModels
from ledger.readmodels.saved import SavedModels
from tests import builders, casebook
from tests.properties.realrecord import questions
from tests.unit.readmodels.records import Store, ledger_of

SECRET = bytes(range(32))
ITEMS = ("H20", "h20", "A100", "MI308")


def light(number: int) -> ReportedFact:
    """A fact that is only found; each brings another day, and some an addressee of their own."""
    return builders.order(
        f"light-{number}",
        f"orders/light-{number % 7}",
        items=(ITEMS[number % 4],),
        addressee=f"Addressee {number}" if number % 3 else None,
        dates=Dates(public=builders.day(f"2025-0{1 + number % 9}-1{number % 10}")),
    )


def log() -> list[Recorded]:
    """The case file among orders, with an attachment, an erasure, and keys that end."""
    record = list(casebook.facts())
    facts: list[Fact | tuple[str, Fact]] = [
        *chain.from_iterable((fact, light(place)) for place, fact in enumerate(record)),
        ("ada", builders.enrolled("nvidia", Role.COMPANY)),
        ("ada", builders.erased("letter")),
        ("ada", builders.revoked("registrar")),
        light(len(record)),
    ]
    entries = ledger_of(*facts)
    with_document = entries[9].model_copy(update={"attachments": (builders.committed("letter"),)})
    return [*entries[:9], with_document, *entries[10:]]


ENTRIES = log()


def root_at(size: int) -> bytes:
    if size > len(ENTRIES):
        raise NotFoundError("The log is not that large.", rule="tree-size")
    return sha256(f"a log of {size}".encode()).digest()


def saved_in(folder: Path, **more: object) -> SavedModels:
    given: dict[str, object] = {"secret": SECRET, "root_at": root_at} | more
    return SavedModels(folder / "models", **given)  # type: ignore[arg-type]


def replayed(count: int = len(ENTRIES), start: ReadModels | None = None) -> ReadModels:
    models = start or ReadModels(Store(ENTRIES), kept=5)
    models.apply(ENTRIES[models.tree_size : count])
    return models


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of the whole log."""
    folder = tmp_path_factory.mktemp("saved")
    saved_in(folder).save(replayed())
    return (folder / "models").read_bytes()


def restored(folder: Path, content: bytes, **more: object) -> ReadModels:
    (folder / "models").write_bytes(content)
    return saved_in(folder, **more).restored(Store(ENTRIES))


def require_same(models: ReadModels, expected: ReadModels) -> None:
    """Whatever anybody may ask is answered the same, also at older sizes."""
    assert list(models.columns.sections()) == list(expected.columns.sections())
    for size in (len(ENTRIES), len(ENTRIES) // 2, 40):
        view, wanted = models.catalog.at(size), expected.catalog.at(size)
        assert view.authors() == wanted.authors()
        assert view.keyring() == wanted.keyring()
        assert view.records() == wanted.records()
        for collection in Collection:
            assert list(view.streams(collection)) == list(wanted.streams(collection))
        assert list(models.attachments.attachments(size)) == list(
            expected.attachments.attachments(size)
        )
        with models.register.reading(size) as register, expected.register.reading(size) as want:
            assert content_of(register) == content_of(want)
            for question in questions(size, 12):
                assert told(register, question) == told(want, question)


def content_of(register: Register) -> dict[str, object]:
    """Every field of a register, and what its directory finds."""
    names = [field.name for field in fields(register) if field.name != "directory"]
    return {name: getattr(register, name) for name in names} | {
        "naming": register.naming_any(map(str.casefold, ITEMS)),
        "revisions": [register.revision_of([name.casefold()]) for name in ITEMS],
        "length": register.directory.length("orders/light-1"),
    }


def told(register: Register, question: object) -> object:
    try:
        return determine(question, register)  # type: ignore[arg-type]
    except NotFoundError as error:
        return error.message


def test_what_was_saved_answers_as_the_whole_log_does(tmp_path: Path, written: bytes) -> None:
    require_same(restored(tmp_path, written), replayed())


def test_only_what_is_held_is_read_again(tmp_path: Path, written: bytes) -> None:
    store = Store(ENTRIES)
    (tmp_path / "models").write_bytes(written)

    models = saved_in(tmp_path).restored(store)

    assert models.tree_size == len(ENTRIES)
    assert store.read == [*models.columns.held, len(ENTRIES) - 1]
    assert len(store.read) < len(ENTRIES) * 2 / 3


def test_an_older_state_goes_on_with_what_came_after_it(tmp_path: Path) -> None:
    half = len(ENTRIES) // 2
    saved_in(tmp_path).save(replayed(half))

    models = saved_in(tmp_path).restored(Store(ENTRIES))
    assert models.tree_size == half

    require_same(replayed(start=models), replayed())


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[:0],
        lambda data: data[:-1],
        lambda data: data + b"\0",
        lambda data: bytes([data[0] ^ 1]) + data[1:],
        lambda data: data[:30] + bytes([data[30] ^ 1]) + data[31:],
        lambda data: data[: len(data) // 2] + b"\xff" + data[len(data) // 2 + 1 :],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    ],
)
def test_a_file_that_was_changed_is_not_believed(
    tmp_path: Path, written: bytes, change: Callable[[bytes], bytes]
) -> None:
    assert restored(tmp_path, change(written)).tree_size == 0


def test_a_file_that_somebody_else_sealed_is_not_believed(tmp_path: Path, written: bytes) -> None:
    assert restored(tmp_path, written, secret=bytes(32)).tree_size == 0


def test_a_file_of_another_history_is_not_believed(
    tmp_path: Path, written: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        models = restored(tmp_path, written, root_at=bytes)

    assert models.tree_size == 0
    assert "are not this log's" in caplog.text


def test_a_file_that_is_ahead_of_the_log_is_not_believed(tmp_path: Path, written: bytes) -> None:
    def shorter(size: int) -> bytes:
        return root_at(size + 1)

    assert restored(tmp_path, written, root_at=shorter).tree_size == 0


def test_a_file_by_other_code_is_not_believed(
    tmp_path: Path, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "code_digest", lambda: bytes(32))

    assert restored(tmp_path, written).tree_size == 0


def test_a_sealed_file_of_another_kind_is_not_believed(tmp_path: Path) -> None:
    body = b"page tokens\n"

    assert restored(tmp_path, body + hmac.digest(SECRET, body, "sha256")).tree_size == 0


def test_entries_that_cannot_be_read_again_are_no_start(tmp_path: Path, written: bytes) -> None:
    class Broken(Store):
        def one_recorded(self, index: int) -> Recorded:
            raise NotFoundError(f"There is no entry {index}.", rule="no-entry")

    (tmp_path / "models").write_bytes(written)

    assert saved_in(tmp_path).restored(Broken(ENTRIES)).tree_size == 0


def test_a_ledger_without_a_file_begins_with_nothing(tmp_path: Path) -> None:
    assert saved_in(tmp_path).restored(Store(ENTRIES)).tree_size == 0


def test_it_is_written_when_the_log_has_grown_by_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST_ENTRIES", 40)
    saved, file = saved_in(tmp_path), tmp_path / "models"

    saved.keep_up(replayed(39))
    assert not file.exists()
    saved.keep_up(replayed(40))
    first = file.read_bytes()
    saved.keep_up(replayed(79))
    assert file.read_bytes() == first
    saved.leave(replayed(79))
    assert file.read_bytes() != first


def test_at_the_end_nothing_is_written_that_spares_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST_ENTRIES", 40)
    saved = saved_in(tmp_path)

    saved.leave(replayed(1))

    assert not (tmp_path / "models").exists()


def test_a_page_that_failed_half_way_is_not_saved(tmp_path: Path) -> None:
    models = replayed(50)
    models.catalog.apply(ENTRIES[50])

    saved_in(tmp_path).save(models)

    assert not (tmp_path / "models").exists()


def test_nobody_writes_while_another_process_does(tmp_path: Path) -> None:
    draft = os.open(tmp_path / ".models", os.O_RDWR | os.O_CREAT)
    fcntl.flock(draft, fcntl.LOCK_EX)
    try:
        saved_in(tmp_path).save(replayed(50))
    finally:
        os.close(draft)

    assert not (tmp_path / "models").exists()


def test_a_folder_that_cannot_be_written_is_logged_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        saved_in(tmp_path / "nowhere").save(replayed(50))

    assert "could not be saved" in caplog.text


_WRITER = """
import sys
from pathlib import Path
from tests.unit.readmodels.test_saved import replayed, saved_in
models, saved = replayed(), saved_in(Path(sys.argv[1]))
print("ready", flush=True)
while True:
    saved.save(models)
"""


def test_whoever_is_killed_while_writing_leaves_a_whole_file(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        for _ in range(40):
            time.sleep(0.002)
            if (tmp_path / "models").exists():
                assert saved_in(tmp_path).restored(Store(ENTRIES)).tree_size == len(ENTRIES)
        writer.send_signal(signal.SIGKILL)

    assert saved_in(tmp_path).restored(Store(ENTRIES)).tree_size == len(ENTRIES)
