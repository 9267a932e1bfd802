"""Curves over the size of the log, drawn as SVG without anything but text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Final

_WIDTH: Final = 320
_HEIGHT: Final = 180
_LEFT: Final = 50
_RIGHT: Final = 20
_TOP: Final = 30
_BOTTOM: Final = 30
_COLUMNS: Final = 3

_STYLE: Final = (
    "text{font:11px sans-serif;fill:#222}.name{font-weight:bold}"
    ".axis{stroke:#999;stroke-width:1}.curve{fill:none;stroke:#0b5cad;stroke-width:2}"
    "circle{fill:#0b5cad}"
)


@dataclass(frozen=True, slots=True)
class Curve:
    """A name, and points of size and value; the value's axis starts at nothing."""

    name: str
    points: Sequence[tuple[float, float]]


def drawn(curves: Sequence[Curve]) -> str:
    """All curves side by side, each over the logarithm of the size."""
    rows = -(-len(curves) // _COLUMNS)
    width, height = _COLUMNS * _WIDTH, rows * _HEIGHT
    panels = [
        f'<g transform="translate({place % _COLUMNS * _WIDTH},{place // _COLUMNS * _HEIGHT})">'
        f"{_panel(curve)}</g>"
        for place, curve in enumerate(curves)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><style>{_STYLE}</style>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{"".join(panels)}</svg>\n'
    )


def _panel(curve: Curve) -> str:
    logs = [log10(size) for size, _ in curve.points]
    first = min(logs)
    last = max(*logs, first + 1)
    top = max(1e-9, *(value for _, value in curve.points))
    floor, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT

    def place(log: float, value: float) -> tuple[float, float]:
        across = _LEFT + (log - first) / (last - first) * (right - _LEFT)
        return across, floor - value / top * (floor - _TOP)

    spots = [place(log, value) for log, (_, value) in zip(logs, curve.points, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    parts = [
        f'<text class="name" x="{_LEFT}" y="18">{curve.name.replace("_", " ")}</text>',
        f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{right}" y2="{floor}"/>',
        f'<line class="axis" x1="{_LEFT}" y1="{_TOP}" x2="{_LEFT}" y2="{floor}"/>',
        f'<text x="{_LEFT - 6}" y="{_TOP + 4}" text-anchor="end">{top:,.4g}</text>',
        f'<text x="{_LEFT - 6}" y="{floor}" text-anchor="end">0</text>',
        f'<polyline class="curve" points="{path}"/>',
    ]
    for (x, y), (size, _) in zip(spots, curve.points, strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
        parts.append(f'<text x="{x:.1f}" y="{floor + 16}" text-anchor="middle">{size:,.0f}</text>')
    return "".join(parts)
