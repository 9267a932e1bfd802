"""The author's clock, which stands in every statement, and days as instants."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Milliseconds since 1970 (UTC)."""
    return time.time_ns() // 1_000_000


def start_of(day: datetime) -> int:
    """The first instant of a day that was typed, in UTC: milliseconds since 1970."""
    return int(day.replace(tzinfo=UTC).timestamp() * 1_000)
