"""Counts and durations of calls as Prometheus text.

What gRFC A66 names has its names: it writes ``grpc.server.call.duration``, which Prometheus spells
with underscores and the unit. What it does not name begins with ``ledger_``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import Final, final

# In seconds: from a lookup's time to the longest that a call is given by default.
_BOUNDS_S: Final = (
    0.0001, 0.0003, 0.0006, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5,
    1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
)  # fmt: skip


@final
class Metrics:
    """What the loop counts; one thread writes and reads it."""

    def __init__(self) -> None:
        self._started: Counter[str] = Counter()
        self._received_bytes: Counter[str] = Counter()
        self._durations: dict[tuple[str, str], list[int]] = {}
        self._seconds: Counter[tuple[str, str]] = Counter()

    def start(self, method: str) -> None:
        """Count a call that begins; the method is ``package.Service/Method``."""
        self._started[method] += 1

    def end(self, method: str, status: str, *, seconds: float, received_bytes: int) -> None:
        """Count a call that ended with a status such as ``NOT_FOUND``."""
        key = (method, status)
        buckets = self._durations.setdefault(key, [0] * (len(_BOUNDS_S) + 1))
        buckets[bisect_left(_BOUNDS_S, seconds)] += 1
        self._seconds[key] += seconds  # type: ignore[assignment]  # a Counter also adds floats
        self._received_bytes[method] += received_bytes

    def text(self, gauges: dict[str, int]) -> str:
        """Everything in Prometheus' text format 0.0.4, with these gauges of the ledger."""
        lines: list[str] = []
        for name, value in gauges.items():
            lines += [f"# TYPE {name} gauge", f"{name} {value}"]
        lines.append("# TYPE grpc_server_call_started_total counter")
        lines += [
            f'grpc_server_call_started_total{{grpc_method="{method}"}} {count}'
            for method, count in sorted(self._started.items())
        ]
        name = "ledger_received_bytes_total"
        lines.append(f"# TYPE {name} counter")
        lines += [
            f'{name}{{grpc_method="{method}"}} {count}'
            for method, count in sorted(self._received_bytes.items())
        ]
        lines.append("# TYPE grpc_server_call_duration_seconds histogram")
        for (method, status), buckets in sorted(self._durations.items()):
            lines += self._histogram(method, status, buckets)
        return "\n".join(lines) + "\n"

    def _histogram(self, method: str, status: str, buckets: list[int]) -> list[str]:
        name = "grpc_server_call_duration_seconds"
        labels = f'grpc_method="{method}",grpc_status="{status}"'
        lines, below = [], 0
        for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), buckets, strict=True):
            below += count
            lines.append(f'{name}_bucket{{{labels},le="{bound}"}} {below}')
        lines.append(f"{name}_sum{{{labels}}} {self._seconds[method, status]:.6f}")
        lines.append(f"{name}_count{{{labels}}} {below}")
        return lines
