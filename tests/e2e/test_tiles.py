"""The log as static files over HTTP, and the same bytes by gRPC, from a real server."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.client.connection import MESSAGE_BYTES_MAX
from ledger.log.checkpoint import open_checkpoint
from ledger.log.layout import static_files
from ledger.log.tiles import ENTRY_BYTES_MAX, TILE_WIDTH, TilePath, encode_bundle, tile_paths
from ledger.service import bridges, server
from ledger.v1 import log_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import CALL_S, FOUNDED_SIZE, Simulator

SIZE = 300
IMMUTABLE = "public, max-age=31536000, immutable"
BINARY = "application/octet-stream"


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A log that is just over one tile wide, in two batches."""
    with Simulator(tmp_path_factory.mktemp("tiles")) as simulator:
        simulator.append_all([builders.order(f"order-{n}") for n in range(FOUNDED_SIZE, 256)])
        simulator.append_all([builders.order(f"order-{n}") for n in range(256, SIZE)])
        yield simulator


@pytest.fixture(scope="module")
def wire(world: Simulator) -> Iterator[http.client.HTTPConnection]:
    """One connection for all requests."""
    address = world.addresses.http
    assert address is not None
    connection = http.client.HTTPConnection(address.host, address.port, timeout=CALL_S)
    yield connection
    connection.close()


def ask(wire: http.client.HTTPConnection, path: str, method: str = "GET") -> Answer:
    wire.request(method, path)
    reply = wire.getresponse()
    return Answer(reply.status, dict(reply.getheaders()), reply.read())


def expected(world: Simulator) -> dict[str, bytes]:
    reader = world.opened.parts.reader
    return dict(
        static_files(
            reader.latest_checkpoint().note,
            SIZE,
            lambda start, end: [stored.entry for stored in reader.entries(start, end)],
            reader.tree_of(SIZE),
        )
    )


def test_every_file_of_the_log_is_served_byte_for_byte(
    world: Simulator, wire: http.client.HTTPConnection
) -> None:
    files = expected(world)

    assert len(files) == 6
    for path, content in files.items():
        assert ask(wire, f"/{path}").body == content == ask(wire, f"/{path}").body


def test_the_checkpoint_is_the_log_s_and_is_not_to_be_kept(
    world: Simulator, wire: http.client.HTTPConnection
) -> None:
    answer = ask(wire, "/checkpoint")

    opened = open_checkpoint(answer.body, origin=world.pin.origin, verifiers=world.pin.log_keys)
    assert (answer.status, opened.size) == (200, SIZE)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["tile/0/000", "tile/entries/001.p/44", "tile/1/000.p/1"])
def test_a_tile_may_be_kept_for_ever(wire: http.client.HTTPConnection, path: str) -> None:
    answer = ask(wire, f"/{path}")

    assert answer.status == 200
    assert answer.headers["Content-Type"] == BINARY
    assert answer.headers["Cache-Control"] == IMMUTABLE
    assert answer.headers["Content-Length"] == str(len(answer.body))


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000", "tile/entries/000"])
def test_head_says_the_same_without_the_bytes(wire: http.client.HTTPConnection, path: str) -> None:
    head, get = ask(wire, f"/{path}", "HEAD"), ask(wire, f"/{path}")

    assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")


@pytest.mark.parametrize("width", [1, 2, 43, 44])
def test_a_partial_tile_of_every_width_up_to_the_present_one_is_served(
    wire: http.client.HTTPConnection, width: int
) -> None:
    whole = ask(wire, "/tile/0/001.p/44").body

    assert ask(wire, f"/tile/0/001.p/{width}").body == whole[: 32 * width]


def test_a_partial_tile_stays_after_its_tile_is_full(wire: http.client.HTTPConnection) -> None:
    assert ask(wire, "/tile/0/000.p/255").body == ask(wire, "/tile/0/000").body[:-32]
    assert ask(wire, "/tile/entries/000").body.startswith(ask(wire, "/tile/entries/000.p/2").body)


@pytest.mark.parametrize(
    "path",
    [
        "/tile/0/001",
        "/tile/0/001.p/45",
        "/tile/0/002.p/1",
        "/tile/1/000",
        "/tile/1/000.p/2",
        "/tile/1/001.p/1",
        "/tile/2/000.p/1",
        "/tile/63/000.p/1",
        "/tile/64/000.p/1",
        "/tile/entries/001",
        "/tile/entries/001.p/45",
        "/tile/entries/000.p/256",
        "/tile/entries/000.p/0",
        "/tile/entries/000.p/01",
        "/tile/0/0",
        "/tile/00/000",
        "/tile/0/x000/000",
        "/tile/0/000/",
        "/tile/0/000?x=1",
        "/tile/0/%30%30%30",
        "/tile/0/../0/000",
        "//tile/0/000",
        "/tile/",
        "/tile",
        "/checkpoint/",
        "/Checkpoint",
        "/tile/0/x036/x028/x797/x018/x963/x967/000",
    ],
)
def test_what_the_log_does_not_have_is_not_found_and_may_come(
    wire: http.client.HTTPConnection, path: str
) -> None:
    answer = ask(wire, path)

    assert (answer.status, answer.body) == (404, b"Not Found\n")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/checkpoint", "/tile/0/000"])
def test_nothing_of_the_log_is_written_over_http(
    wire: http.client.HTTPConnection, path: str
) -> None:
    answer = ask(wire, path, "POST")

    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_grpc_gives_the_same_bytes(world: Simulator) -> None:
    files = expected(world)

    for tile in tile_paths(SIZE):
        if tile.level is None:
            wanted = pb.GetEntryBundleRequest(index=tile.index, width=tile.width)
            content = world.log.GetEntryBundle(wanted, timeout=CALL_S).bundle
        else:
            asked = pb.GetTileRequest(level=tile.level, index=tile.index, width=tile.width)
            content = world.log.GetTile(asked, timeout=CALL_S).tile
        assert content == files[str(tile)]


def test_no_width_means_a_whole_tile_over_grpc(world: Simulator) -> None:
    tile = world.log.GetTile(pb.GetTileRequest(), timeout=CALL_S).tile
    bundle = world.log.GetEntryBundle(pb.GetEntryBundleRequest(), timeout=CALL_S).bundle

    assert (tile, bundle) == tuple(
        expected(world)[str(path)] for path in (TilePath(0, 0), TilePath(None, 0))
    )


@pytest.mark.parametrize(
    ("request_of", "code", "rule"),
    [
        (pb.GetTileRequest(index=1), "NOT_FOUND", "tile-in-tree"),
        (pb.GetTileRequest(level=63, width=1), "NOT_FOUND", "tile-in-tree"),
        (pb.GetTileRequest(level=64), "INVALID_ARGUMENT", "tile-path"),
        (pb.GetTileRequest(width=257), "INVALID_ARGUMENT", "tile-path"),
        (pb.GetTileRequest(index=2**64 - 1), "INVALID_ARGUMENT", "tile-path"),
    ],
)
def test_a_tile_that_is_not_there_is_refused_over_grpc(
    world: Simulator, request_of: pb.GetTileRequest, code: str, rule: str
) -> None:
    refusal = refusal_of(world.log.GetTile, request_of)

    assert (refusal.code, refusal.rule) == (code, rule)


def test_a_bundle_that_is_not_there_is_refused_over_grpc(world: Simulator) -> None:
    refusal = refusal_of(world.log.GetEntryBundle, pb.GetEntryBundleRequest(index=1))

    assert (refusal.code, refusal.rule) == ("NOT_FOUND", "tile-in-tree")


def test_a_server_that_cannot_look_says_so(
    wire: http.client.HTTPConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridges, "WAITING_MAX", 0)

    assert ask(wire, "/checkpoint").status == 503


@pytest.mark.parametrize(("publish", "status"), [("", 404), ("false", 404), ("true", 200)])
def test_where_grpc_asks_who_is_there_the_log_is_published_only_if_that_is_said(
    tmp_path: Path, publish: str, status: int
) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"reader ann token:{'0' * 64}\n", encoding="utf-8")
    variables = {"LEDGER_TOKENS_FILE": str(tokens), "LEDGER_HTTP_PUBLISH": publish}

    with Simulator(tmp_path, enrolled=False, **variables) as simulator:
        address = simulator.addresses.http
        assert address is not None
        wire = http.client.HTTPConnection(address.host, address.port, timeout=CALL_S)
        answers = [
            ask(wire, path).status for path in ("/healthz", "/checkpoint", "/tile/0/000.p/1")
        ]
        wire.close()

    assert answers == [200, status, status]


def test_the_largest_bundle_fits_into_a_message() -> None:
    largest = encode_bundle([b"x" * ENTRY_BYTES_MAX] * TILE_WIDTH)

    message = pb.GetEntryBundleResponse(bundle=largest).ByteSize()
    assert message < min(server._REPLY_BYTES_MAX, MESSAGE_BYTES_MAX)
