"""A client that demands witnesses gets nothing that their quorum does not cover."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.client.receiptfiles import verify_offline
from ledger.errors import SettingError, VerificationError
from ledger.log.note import SignedNote
from ledger.log.policy import TrustPolicy
from ledger.service import witnessing
from ledger.v1 import queries_pb2
from tests import builders
from tests.simulator import REGISTRAR, Simulator
from tests.unit.log.builders import signer_of
from tests.witnessed import Policed, cosigner, policed

ONE = "quorum w1\n"
BOTH = "group g all w1 w2\nquorum g\n"
STRANGER = f"witness s {cosigner('stranger').key.vkey()}\nquorum s\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Policed]:
    """Two witnesses, of whom the server takes one to be enough; the second does not answer."""
    folder = tmp_path_factory.mktemp("quorum")
    with policed(folder, ["w1", "w2"], ONE, absent=["w2"]) as made:
        yield made


@pytest.fixture(scope="module")
def service(world: Policed) -> Iterator[Simulator]:
    with world.service() as simulator:
        yield simulator


@contextmanager
def client_of(service: Simulator, policy: TrustPolicy | None) -> Iterator[LedgerClient]:
    connection = Connection(target=str(service.addresses.grpc))
    with LedgerClient.connect(connection, service.pin, HeadsInMemory(), policy) as client:
        yield client


def order(service: Simulator) -> bytes:
    return service.envelope(builders.order(f"order-{service.tree_size()}"), REGISTRAR)


def stricter(world: Policed) -> TrustPolicy:
    """The same witnesses, of whom both are demanded."""
    text = world.policy_file.read_text(encoding="utf-8").replace(ONE, BOTH)
    return TrustPolicy.parse(text.encode())


def test_an_append_comes_back_with_a_receipt_that_carries_the_quorum(
    world: Policed, service: Simulator
) -> None:
    with client_of(service, world.policy) as client:
        proved = client.append(order(service))

    world.policy.require_quorum(proved.receipt.checkpoint)
    assert verify_offline(proved.receipt, world.pin, world.policy).entry == proved.entry
    assert proved.head.note == proved.receipt.checkpoint


def test_whatever_is_asked_for_is_covered_by_the_quorum(world: Policed, service: Simulator) -> None:
    service.append(builders.item("H20"))
    with client_of(service, world.policy) as client:
        (proved,) = client.append_batch([order(service)])
        head = client.checkpoint()
        assert head.size == proved.entry.index + 1
        world.policy.require_quorum(client.proved(0).receipt.checkpoint)
        request = queries_pb2.GetLicenseStatusRequest(
            question=queries_pb2.Question(item="H20", destination="CN")
        )
        assert client.status(request).tree_size == head.size


def test_the_client_of_an_event_loop_demands_the_same(world: Policed, service: Simulator) -> None:
    async def scene() -> bytes:
        connection = Connection(target=str(service.addresses.grpc))
        memory = HeadsInMemory()
        async with await AsyncLedgerClient.connect(
            connection, world.pin, memory, world.policy
        ) as client:
            return (await client.append(order(service))).receipt.checkpoint

    world.policy.require_quorum(asyncio.run(scene()))


def test_without_a_policy_the_receipt_is_the_stored_one(service: Simulator) -> None:
    with client_of(service, None) as client:
        proved = client.append(order(service))

    assert len(SignedNote.parse(proved.receipt.checkpoint).signatures) == 1


@pytest.mark.parametrize("demanded", ["both", "a stranger"])
def test_below_the_quorum_nothing_is_shown(
    world: Policed, service: Simulator, demanded: str
) -> None:
    policy = stricter(world) if demanded == "both" else TrustPolicy.parse(STRANGER.encode())

    with pytest.raises(VerificationError) as caught, client_of(service, policy):
        pass

    assert caught.value.rule == "quorum"


def test_a_server_without_witnesses_is_below_every_quorum(tmp_path: Path) -> None:
    with Simulator(tmp_path) as service:
        policy = TrustPolicy.parse(STRANGER.encode())
        with pytest.raises(VerificationError) as caught, client_of(service, policy):
            pass

    assert caught.value.rule == "quorum"
    assert "no policy of witnesses" in caught.value.message


def test_witnesses_that_fall_behind_do_not_cover_what_is_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with policed(tmp_path, ["w1"], ONE) as made:
        with made.service() as service, client_of(service, made.policy) as client:
            client.append(order(service))
        monkeypatch.setattr(witnessing, "WAIT_S", 0.05)
        # The witnesses are there no more, and what they said before still is.
        policy = made.policy
        lone = made.policy_file.read_text(encoding="utf-8").rsplit(" http", 1)[0]
        made.policy_file.write_text(f"{lone}\n{ONE}", encoding="utf-8")
        with made.service() as service:
            with client_of(service, policy) as client:
                assert client.proved(0).entry.index == 0
            service.append(builders.order("order-unseen"))
            with client_of(service, policy) as client:
                with pytest.raises(VerificationError) as newer:
                    client.checkpoint()
                with pytest.raises(VerificationError) as receipt:
                    client.proved("order-unseen")

    assert (newer.value.rule, receipt.value.rule) == ("quorum", "quorum")
    assert "its witnesses know of" in newer.value.message


def test_a_receipt_below_the_quorum_does_not_hold_by_itself_and_is_exchanged_online(
    world: Policed, service: Simulator
) -> None:
    plain = service.append(builders.order("order-of-a-file"))

    with client_of(service, world.policy) as client:
        exchanged = client.verified(plain)
    with pytest.raises(VerificationError) as offline:
        verify_offline(plain, world.pin, world.policy)

    assert offline.value.rule == "quorum"
    world.policy.require_quorum(exchanged.receipt.checkpoint)
    assert exchanged.receipt.entry == plain.entry


def test_a_policy_for_another_log_is_refused_at_once(service: Simulator) -> None:
    other = TrustPolicy.parse(
        f"log {signer_of('other.example').key.vkey()}\nquorum none\n".encode()
    )

    with pytest.raises(SettingError) as caught, client_of(service, other):
        pass

    assert caught.value.rule == "policy-log"
