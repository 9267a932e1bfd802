"""What a log line looks like: one JSON object, or one line for a person."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TextIO, final

from ledger.settings import LogFormat

GATHER_S: Final = 0.02
"""How long lines are gathered."""

_OF_EVERY_RECORD: Final = frozenset(
    vars(logging.LogRecord("", 0, "", 0, "", (), None)) | {"message": "", "asctime": ""}
)


class LineFormatter(logging.Formatter):
    """Writes a record and its ``extra`` fields on one line, with a traceback where there is one."""

    def __init__(self, log_format: LogFormat) -> None:
        super().__init__()
        self._format = log_format

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        instant = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        fields: dict[str, object] = {
            name: value
            for name, value in vars(record).items()
            if name not in _OF_EVERY_RECORD and value != ""
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        head = {"time": instant, "level": record.levelname, "message": record.getMessage()}
        if self._format is LogFormat.JSON:
            # What a client sent may be in a field: ASCII keeps it on its line and off the terminal.
            return json.dumps(head | fields, default=str)
        words = (f"{name}={json.dumps(value, default=str)}" for name, value in fields.items())
        return " ".join([*head.values(), *words])


@final
class GatheringHandler(logging.Handler):
    """Writes lines many at a time, by a thread of its own.

    Each write lets go of the interpreter: the event loop, which logs every call, would have to wait
    for its turn again after every line. What may be of consequence is written at once, and
    everything when the program ends; who is killed takes along the lines of a moment.

    Args:
        stream: Where lines go.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._lines: list[str] = []
        # Not the handler's own lock: that is held by whoever closes it, who waits for the thread.
        self._writing = threading.Lock()
        self._told = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="ledger-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record's line."""
        try:
            self._lines.append(self.format(record) + "\n")
        except Exception:  # noqa: BLE001 - logging's own way: nobody fails because of a log line
            self.handleError(record)
        if record.levelno >= logging.WARNING:
            self.flush()
        elif not self._told.is_set():
            self._told.set()

    def flush(self) -> None:
        """Write what was taken so far; a stream that is gone takes nothing more."""
        with self._writing:
            lines, self._lines = self._lines, []
            with suppress(OSError, ValueError):
                self._stream.write("".join(lines))
                self._stream.flush()

    def close(self) -> None:
        """Write what is left, and end the thread."""
        self._closed = True
        self._told.set()
        self._thread.join()
        self.flush()
        super().close()

    def _write(self) -> None:
        while not self._closed:
            self._told.wait()
            self._told.clear()
            if not self._closed:
                time.sleep(GATHER_S)
                self.flush()


def configure(log_format: LogFormat, *, stream: TextIO | None = None) -> None:
    """Send this package's log lines to a stream, standard error unless told otherwise."""
    handler = GatheringHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(log_format))
    logger = logging.getLogger("ledger")
    for before in logger.handlers:
        before.close()
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
