"""What a log line looks like: one JSON object, or one line for a person."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, TextIO

from ledger.settings import LogFormat

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


def configure(log_format: LogFormat, *, stream: TextIO | None = None) -> None:
    """Send this package's log lines to a stream, standard error unless told otherwise."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(LineFormatter(log_format))
    logger = logging.getLogger("ledger")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
