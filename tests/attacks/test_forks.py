"""A log has one history: whoever keeps two, or goes back, is found out by those who remember."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ledger.cli.embedded import serving
from ledger.client.client import LedgerClient
from ledger.client.comparing import Comparing
from ledger.client.connection import Connection
from ledger.client.heads import HeadFile, HeadMemory, HeadsInMemory
from ledger.client.misbehavior import Kind, judge
from ledger.client.pins import Pin
from ledger.client.signer import Place, sign, state
from ledger.client.transport import finished
from ledger.client.trust import TrustedLog
from ledger.domain.statement import Anchor
from ledger.domain.vocabulary import Collection
from ledger.errors import (
    ForkError,
    LedgerError,
    MisbehaviorError,
    RollbackError,
    RuleError,
    VerificationError,
)
from ledger.v1 import log_pb2, queries_pb2
from tests.attacks.malice import Ask
from tests.builders import order
from tests.unit.client.logs import PIN, Log
from tests.unit.client.served import CLOCK_MS, Served, item_row, lying, row, served


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a fork, being served."""

    ledger: Served

    @property
    def pin(self) -> Pin:
        return self.ledger.founded.pin

    def client(self, memory: HeadMemory | None = None) -> LedgerClient:
        return self.ledger.connect(memory=memory)

    def seen(self, memory: HeadMemory) -> None:
        """Have somebody see the latest checkpoint."""
        with self.client(memory) as client:
            client.checkpoint()


@contextmanager
def side(ledger: Served, folder: Path, *orders: str) -> Iterator[Side]:
    """Serve a copy of a ledger, and append orders to it."""
    with serving(folder) as address:
        connection = Connection(target=address)
        with LedgerClient.connect(connection, ledger.founded.pin, HeadsInMemory()) as client:
            running = replace(ledger, folder=folder, address=address, client=client)
            for name in orders:
                running.import_rows(row(name))
            yield Side(running)


@dataclass(frozen=True, slots=True)
class World:
    """One log's key, and several histories under it; the trunk is what all have in common."""

    trunk: Side
    mine: Side
    twin: Side
    longer: Side


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The trunk has 4 entries, two sides of a fork 5, and a third side 7."""
    folder = tmp_path_factory.mktemp("forked")
    with served(folder) as ledger:
        ledger.import_rows(item_row(), row("order-0"))
    copies = {name: folder / name for name in ("mine", "twin", "longer")}
    for copy in copies.values():
        shutil.copytree(ledger.folder, copy)
    with (
        side(ledger, ledger.folder) as trunk,
        side(ledger, copies["mine"], "order-mine") as mine,
        side(ledger, copies["twin"], "order-twin") as twin,
        side(ledger, copies["longer"], "order-a", "order-b", "order-c") as longer,
    ):
        yield World(trunk, mine, twin, longer)


def question() -> queries_pb2.Question:
    return queries_pb2.Question(item="H20", destination="CN", as_of="2025-08-01")


def envelope(ledger: Served, name: str, anchor: Anchor | None = None) -> bytes:
    """A new order by the registrar."""
    place = Place(
        ledger_id=ledger.client.ledger_id,
        expected_version=0,
        signed_at_ms=CLOCK_MS,
        anchor=anchor,
    )
    author = ledger.founded.registrar
    return sign(state(order(name), author.name, place), [author.signer])


ASKS: dict[str, Ask] = {
    "a checkpoint": lambda client: client.checkpoint(),
    "a receipt of what all have": lambda client: client.proved("order-0"),
    "a status": lambda client: client.status(
        queries_pb2.GetLicenseStatusRequest(question=question())
    ),
    "several statuses": lambda client: client.statuses(
        [queries_pb2.GetLicenseStatusRequest(question=question())]
    ),
    "a timeline": lambda client: list(client.timeline(queries_pb2.ListTimelineRequest())),
    "a stream": lambda client: client.proved_stream("orders/order-0"),
    "a collection": lambda client: list(client.proved_streams(Collection.ORDERS)),
    "a replay": lambda client: list(client.replay()),
    "the matrix": lambda client: Comparing(client).matrix(
        queries_pb2.ListLicenseStatusesRequest(question=queries_pb2.Question(as_of="2025-08-01"))
    ),
    "exposure": lambda client: Comparing(client).exposure(
        queries_pb2.GetOrderExposureRequest(question=question())
    ),
    "a watch": lambda client: next(Comparing(client).watch(question())),
}


def deceived(seen: Side, shown: Side, ask: Ask, memory: HeadMemory | None = None) -> LedgerError:
    """What somebody is told who has seen one side, and now is shown another."""
    memory = memory or HeadsInMemory()
    seen.seen(memory)
    remembered = memory.load()
    with shown.client(memory) as client, pytest.raises(MisbehaviorError) as found:
        ask(client)
    assert memory.load() == remembered
    return found.value


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_an_old_backup_is_a_rollback(world: World, ask: Ask) -> None:
    error = deceived(world.mine, world.trunk, ask)
    assert isinstance(error, RollbackError)
    assert judge(error.evidence, world.mine.pin).kind is Kind.ROLLBACK


def test_an_append_to_an_old_backup_is_found_out_by_its_receipt(
    world: World, tmp_path: Path
) -> None:
    shutil.copytree(world.trunk.ledger.folder, tmp_path / "backup")
    memory = HeadsInMemory()
    world.longer.seen(memory)
    with (
        side(world.trunk.ledger, tmp_path / "backup") as backup,
        backup.client(memory) as client,
        pytest.raises(MisbehaviorError),
    ):
        client.append(envelope(backup.ledger, "order-late"))


@pytest.mark.parametrize(
    "ask", [ask for name, ask in ASKS.items() if name != "a receipt of what all have"]
)
def test_two_roots_at_one_size_are_a_proved_fork(world: World, ask: Ask) -> None:
    error = deceived(world.mine, world.twin, ask)
    assert isinstance(error, ForkError)
    assert judge(error.evidence, world.mine.pin).kind is Kind.TWO_ROOTS


@pytest.mark.parametrize(
    "ask", [ask for name, ask in ASKS.items() if name != "a receipt of what all have"]
)
def test_a_fork_at_two_sizes_is_proved_too(world: World, ask: Ask) -> None:
    error = deceived(world.mine, world.longer, ask)
    assert isinstance(error, ForkError)
    verdict = judge(error.evidence, world.mine.pin)
    assert verdict.kind is Kind.OTHER_PREFIX
    assert (verdict.older.size, verdict.newer.size) == (5, 7)


def test_a_receipt_of_what_both_sides_have_is_no_contradiction(world: World) -> None:
    memory = HeadsInMemory()
    world.trunk.seen(memory)
    for shown in (world.mine, world.longer):
        with shown.client(HeadsInMemory()) as client:
            assert client.proved("order-0").entry.index == 3


def test_a_healed_fork_is_remembered(world: World, tmp_path: Path) -> None:
    """For a moment the other side was shown; everybody agrees again, but one who was there."""
    memory = HeadFile(tmp_path / "head.note")
    world.trunk.seen(memory)
    world.twin.seen(memory)
    error = deceived(world.twin, world.mine, lambda client: client.checkpoint(), memory)
    assert isinstance(error, ForkError)
    kept = Path(error.evidence_file).read_bytes()
    assert judge(kept, world.mine.pin).kind is Kind.TWO_ROOTS
    with world.twin.client(memory) as client:
        client.checkpoint()


def test_views_per_client_fall_apart_when_two_clients_meet(world: World) -> None:
    """Each is shown a history without fault; a receipt that one hands the other shows both."""
    with world.mine.client() as ada, world.longer.client() as bob:
        mine = ada.proved("order-mine")
        theirs = bob.proved("order-c")
        with pytest.raises(ForkError):
            ada.verified(theirs.receipt)
        with pytest.raises(MisbehaviorError):
            bob.verified(mine.receipt)


def test_views_per_client_fall_apart_in_one_memory(world: World, tmp_path: Path) -> None:
    memory = HeadFile(tmp_path / "head.note")
    with world.mine.client(memory) as ada:
        ada.checkpoint()
        with world.longer.client(memory) as bob, pytest.raises(ForkError):
            bob.checkpoint()


def test_a_view_that_is_shown_to_another_process_meanwhile_is_not_overwritten() -> None:
    """While one process waits for its proof, another one accepts the other side."""
    memory = HeadsInMemory()
    theirs = Log("theirs", forked_at=9)
    another = TrustedLog(PIN, memory, theirs)

    class Slow(Log):
        async def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
            if older == 7:
                await another.accept(theirs.note(15))
            return await super().consistency_proof(older, newer)

    mine = Slow("mine", forked_at=9)
    one = TrustedLog(PIN, memory, mine)
    finished(one.accept(mine.note(7)))
    finished(another.accept(theirs.note(7)))
    with pytest.raises(ForkError):
        finished(one.accept(mine.note(20)))
    assert memory.load() == theirs.note(15)


def test_an_anchor_on_the_other_side_is_not_taken(world: World) -> None:
    """An author who has seen one side cannot be carried over to the other."""
    with world.twin.client() as client:
        anchor = client.checkpoint().anchor
    here = world.mine.ledger
    with here.connect() as client, pytest.raises(RuleError) as found:
        client.validate_batch([envelope(here, "order-anchored", anchor)])
    assert found.value.rule == "anchor-root"
    with here.connect() as client:
        client.validate_batch([envelope(here, "order-anchored", client.anchor)])


def test_a_stale_checkpoint_is_a_rollback_to_whoever_saw_more(world: World) -> None:
    stale = finished(world.trunk.ledger.client.steps.calls.checkpoint(0))[0]

    def replay(method: str, reply: bytes) -> bytes:
        if method == "GetCheckpoint":
            return log_pb2.GetCheckpointResponse(checkpoint=stale).SerializeToString()
        return reply

    memory = HeadsInMemory()
    world.mine.seen(memory)
    with (
        lying(world.mine.ledger.address, replay) as address,
        world.mine.ledger.connect(address, memory) as client,
        pytest.raises(RollbackError),
    ):
        client.checkpoint()


Swap = Callable[[Pin, Pin], Pin]

SWAPS: dict[str, Swap] = {
    "all of it": lambda _, other: other,
    "the key": lambda pin, other: replace(pin, log_keys=other.log_keys),
    "the origin": lambda pin, other: replace(pin, origin=other.origin),
    "the ledger": lambda pin, other: replace(pin, ledger_id=other.ledger_id),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS.keys())
def test_a_server_that_is_another_on_reconnect_is_refused(
    world: World, stranger: Side, ask: Ask
) -> None:
    memory = HeadsInMemory()
    world.mine.seen(memory)
    ledger = replace(world.mine.ledger, address=stranger.ledger.address)
    with ledger.connect(memory=memory) as client, pytest.raises(VerificationError):
        ask(client)


@pytest.mark.parametrize("swap", SWAPS.values(), ids=SWAPS.keys())
def test_a_pin_that_names_another_is_refused_at_first_use(
    world: World, stranger: Side, swap: Swap
) -> None:
    pin = swap(world.mine.pin, stranger.pin)
    connection = Connection(target=world.mine.ledger.address)
    with pytest.raises(VerificationError):
        LedgerClient.connect(connection, pin, HeadsInMemory())


def test_a_memory_of_another_log_is_not_taken_for_this_one_s(world: World, stranger: Side) -> None:
    memory = HeadsInMemory()
    stranger.seen(memory)
    with pytest.raises(VerificationError):
        world.mine.client(memory)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    """Another ledger, with another origin and key, that has facts of the same names."""
    with served(tmp_path_factory.mktemp("stranger")) as ledger:
        ledger.import_rows(item_row(), row("order-0"), row("order-mine"))
        yield Side(ledger)
