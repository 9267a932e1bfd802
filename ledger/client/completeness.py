"""That nothing was left out of a list: shown by reading the whole log, and by nothing less.

A proof of inclusion says of an entry that it is there, and of no entry that it was withheld. So the
log is read from its first entry, proved to make the signed tree (``AsyncLedgerClient.replay``), and
arranged on this machine by the very read models of a server. A list that has less, or more, or
another order than they have is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from datetime import date

from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.opened import recorded_of
from ledger.client.records import Proved
from ledger.domain.dates import parse_day
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Collection
from ledger.errors import VerificationError
from ledger.readmodels.models import ReadModels
from ledger.readmodels.timeline import About
from ledger.v1 import queries_pb2


async def replica(client: AsyncLedgerClient, tree_size: int = 0) -> ReadModels:
    """Read the whole log and arrange it here; what it says of the record, no server can change.

    Signatures and rules are not tried again, which is ``audit``'s.

    Args:
        client: The ledger.
        tree_size: How much to read; 0 for all under the latest checkpoint.

    Raises:
        VerificationError: The entries do not make the tree that the log signed.
    """
    models = ReadModels()
    async with aclosing(client.replay(tree_size)) as entries:
        models.apply([recorded_of(entry) async for entry in entries])
    return models


async def whole_stream(
    client: AsyncLedgerClient, name: str, tree_size: int = 0
) -> Sequence[Proved]:
    """Get a stream's facts as ``proved_stream`` does, and prove that it ends there.

    Raises:
        NotFoundError: There is no such stream.
        VerificationError: A fact is withheld, or one is not what the log holds.
    """
    size = await client.size_for(tree_size)
    listed = await client.proved_stream(name, size)
    models = await replica(client, size)
    _require_all(name, models.catalog.at(size).stream(name), listed)
    return listed


async def whole_collection(
    client: AsyncLedgerClient, collection: Collection, tree_size: int = 0
) -> Sequence[tuple[str, Sequence[Proved]]]:
    """List a collection's streams as ``proved_streams`` does, and prove that these are all.

    Raises:
        VerificationError: A stream or a fact is withheld, or one is not what the log holds.
    """
    size = await client.size_for(tree_size)
    async with aclosing(client.proved_streams(collection, size)) as streams:
        listed = [stream async for stream in streams]
    view = (await replica(client, size)).catalog.at(size)
    if [name for name, _ in listed] != list(view.streams(collection)):
        raise _withheld(collection.value)
    for name, facts in listed:
        _require_all(name, view.stream(name), facts)
    return listed


async def whole_timeline(
    client: AsyncLedgerClient, request: queries_pb2.ListTimelineRequest
) -> Sequence[Proved]:
    """List facts in the order of their dates, and prove that they are all that was asked for.

    Raises:
        LedgerError: The question cannot be asked.
        VerificationError: A fact is withheld, out of its order, or not about what was asked.
    """
    size = await client.size_for(request.tree_size)
    asked = queries_pb2.ListTimelineRequest()
    asked.CopyFrom(request)
    asked.tree_size = size
    async with aclosing(client.timeline(asked)) as rows:
        listed = [proved async for _, proved in rows]
    models = await replica(client, size)
    view = models.catalog.at(size)
    about = About.of(view, item=asked.item, destination=asked.destination.upper())
    indexes = models.timeline.indexes(
        size, first=_day(asked.from_day, date.min), last=_day(asked.to_day, date.max)
    )
    records = view.records()
    found = [records[index] for index in indexes]
    _require_all("timeline", [one for one in found if about.includes(one.fact)], listed)
    return listed


def _require_all(name: str, found: Iterable[Recorded], listed: Iterable[Proved]) -> None:
    """See that a list has exactly the entries that the whole log has, in their order."""
    if [one.index for one in found] != [proved.entry.index for proved in listed]:
        raise _withheld(name)


def _withheld(name: str) -> VerificationError:
    return VerificationError(
        f"The list of {name} is not what the whole log says: something is withheld, added or out "
        "of order.",
        field=name,
        rule="withheld",
    )


def _day(text: str, default: date) -> date:
    return parse_day(text) if text else default
