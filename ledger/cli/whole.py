"""``--whole``: a list is proved to be all there is, by reading the whole log."""

from __future__ import annotations

from typing import Final

import click

whole_option: Final = click.option(
    "--whole", is_flag=True, help="Read the whole log, and prove that nothing is left out."
)


def proved_line(what: str, *, whole: bool) -> str:
    """What was proved of a list, in a line to stand under it."""
    rest = "; by the whole log, nothing is left out" if whole else ""
    return f"\n{what}, each proved to be in the log{rest}."
