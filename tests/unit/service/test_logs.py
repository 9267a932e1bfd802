from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import time
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
    for handler in logger.handlers:
        if handler not in before[0]:
            handler.close()
    logger.handlers, logger.level, logger.propagate = before


def written(log_format: LogFormat) -> io.StringIO:
    stream = io.StringIO()
    configure(log_format, stream=stream)
    return stream


def flush() -> None:
    (handler,) = logging.getLogger("ledger").handlers
    handler.flush()


def test_a_record_is_one_json_object_with_its_fields() -> None:
    stream = written(LogFormat.JSON)
    LOGGER.info("call", extra={"method": "s/M", "duration_ms": 1.5, "rule": ""})
    flush()

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
    flush()

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
    flush()

    assert len(stream.getvalue().splitlines()) == 1


class Watched(io.StringIO):
    """A stream that counts what is written to it, and may be gone."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0
        self.is_gone = False

    def write(self, text: str) -> int:
        if self.is_gone:
            raise BrokenPipeError
        self.writes += 1
        return super().write(text)


def test_lines_are_written_together_and_soon() -> None:
    stream = Watched()
    configure(LogFormat.TEXT, stream=stream)
    for number in range(100):
        LOGGER.info("line %d", number)
    while len(stream.getvalue().splitlines()) < 100:
        time.sleep(0.001)

    assert stream.writes < 100


def test_a_warning_is_written_at_once_after_what_came_before() -> None:
    stream = written(LogFormat.TEXT)
    LOGGER.info("before")
    LOGGER.warning("now")

    assert [line.split()[-1] for line in stream.getvalue().splitlines()] == ["before", "now"]


def test_what_is_left_is_written_at_the_end() -> None:
    told = (
        "import logging; from ledger.service.logs import configure; from ledger.settings import "
        "LogFormat; configure(LogFormat.TEXT); logging.getLogger('ledger.x').info('last')"
    )
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert ended.stderr.endswith("INFO last\n")


def test_a_stream_that_is_gone_troubles_nobody() -> None:
    stream = Watched()
    configure(LogFormat.TEXT, stream=stream)
    stream.is_gone = True
    LOGGER.warning("lost")
    stream.is_gone = False
    LOGGER.warning("written")

    assert stream.getvalue().endswith("WARNING written\n")


def test_a_line_that_cannot_be_made_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    stream = written(LogFormat.TEXT)
    LOGGER.warning("%d", "no number")
    LOGGER.warning("next")

    assert stream.getvalue().splitlines()[0].endswith("WARNING next")
    assert "Logging error" in capsys.readouterr().err
