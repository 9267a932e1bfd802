from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from ledger.service.logs import configure
from ledger.settings import LogFormat

LOGGER = logging.getLogger("ledger.tests")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    logger = logging.getLogger("ledger")
    before = (logger.handlers, logger.level, logger.propagate)
    yield
    logger.handlers, logger.level, logger.propagate = before


def written(log_format: LogFormat) -> io.StringIO:
    stream = io.StringIO()
    configure(log_format, stream=stream)
    return stream


def test_a_record_is_one_json_object_with_its_fields() -> None:
    stream = written(LogFormat.JSON)
    LOGGER.info("call", extra={"method": "s/M", "duration_ms": 1.5, "rule": ""})

    line = json.loads(stream.getvalue())

    assert line["message"] == "call"
    assert line["level"] == "INFO"
    assert line["method"] == "s/M"
    assert line["duration_ms"] == 1.5
    assert "rule" not in line
    assert line["time"].endswith("+00:00")


def test_what_a_client_sent_stays_on_its_line() -> None:
    stream = written(LogFormat.JSON)
    LOGGER.info("call", extra={"caller": 'x"}\n{"forged": 1}\x1b[2J'})

    (line,) = stream.getvalue().splitlines()
    assert "\x1b" not in line
    assert json.loads(line)["caller"].startswith('x"}')


def test_a_traceback_is_a_field() -> None:
    stream = written(LogFormat.JSON)
    LOGGER.error("failed", exc_info=RuntimeError("inner"))

    assert "RuntimeError: inner" in json.loads(stream.getvalue())["traceback"]


def test_text_is_one_line_for_a_person() -> None:
    stream = written(LogFormat.TEXT)
    LOGGER.warning("slow", extra={"method": "s/M"})

    (line,) = stream.getvalue().splitlines()
    assert line.endswith('WARNING slow method="s/M"')


def test_configuring_twice_writes_once() -> None:
    stream = written(LogFormat.TEXT)
    configure(LogFormat.TEXT, stream=stream)
    LOGGER.info("once")

    assert len(stream.getvalue().splitlines()) == 1
