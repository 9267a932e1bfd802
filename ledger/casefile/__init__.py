"""The H20 file: the reference record, as unsigned facts with sources.

``country_groups.csv``, ``items.jsonl`` and ``record.jsonl`` are rows of the record format, and
``policy.json`` names the destinations whose rules lie outside the record. Whoever imports the
files signs the facts; nothing in this folder is trusted for being here.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final

from ledger.errors import NotFoundError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

GROUPS: Final = "country_groups.csv"
ITEMS: Final = "items.jsonl"
RECORD: Final = "record.jsonl"
POLICY: Final = "policy.json"

IMPORT_ORDER: Final = (GROUPS, ITEMS, RECORD)
"""The files that hold facts; what a later one names, an earlier one has described."""


def path(name: str) -> Traversable:
    """Find a data file of the case file, also when the package is read from an archive.

    Args:
        name: One of ``IMPORT_ORDER``, or ``POLICY``.

    Raises:
        NotFoundError: No data file has that name.
    """
    if name not in {*IMPORT_ORDER, POLICY}:
        raise NotFoundError(f"The case file has no data file {name!r}.", field="name")
    return files(__name__).joinpath(name)
