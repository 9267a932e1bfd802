"""Which items and destinations a question about many statuses is put to, and by whose log."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import click

_CommandT = TypeVar("_CommandT", bound=Callable[..., Any])


class Extent(NamedTuple):
    """Items by name and destinations by code; empty means all on record."""

    items: Sequence[str]
    destinations: Sequence[str]


_OPTIONS: Final = (
    click.option(
        "--items", multiple=True, metavar="NAME[,NAME...]", help="Only these items, by any alias."
    ),
    click.option(
        "--destinations", multiple=True, metavar="CODE[,CODE...]", help="Only these places."
    ),
)

tree_size_option: Final = click.option(
    "--tree-size", type=click.IntRange(min=1), help="As the log stood at this size."
)


def extent_options(command: _CommandT) -> _CommandT:
    """Give a command ``--items`` and ``--destinations``, handed to it as ``extent``."""

    @functools.wraps(command)
    def with_extent(*, items: Sequence[str], destinations: Sequence[str], **options: Any) -> Any:
        places = [code.upper() for code in _split(destinations)]
        return command(extent=Extent(_split(items), places), **options)

    wrapped: Any = with_extent
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    result: _CommandT = wrapped
    return result


def _split(given: Sequence[str]) -> list[str]:
    """Names that were repeated, or joined by commas, or both; each once."""
    names = (name.strip() for joined in given for name in joined.split(","))
    return list(dict.fromkeys(filter(None, names)))
