from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from ledger.errors import NotFoundError, VersionConflictError
from ledger.service.access import ACCESS
from ledger.service.calls import Call, Context, Stage
from ledger.service.identity import Access, Identities
from ledger.service.interceptors import (
    authenticating,
    authorizing,
    capping_deadlines,
    limiting,
    logging_and_counting,
    mapping_errors,
    stages,
)
from ledger.service.limits import Places, RateLimit
from ledger.service.metrics import Metrics
from ledger.settings import Settings
from tests.unit.service.served import call, path, play, refused, reply_stream, serving, unary

TOKENS = {name: f"the token of the {name}" for name in ("reader", "submitter")}
IDENTITIES = Identities.parse(
    "\n".join(
        f"{name} {name}-1 token:{sha256(t.encode()).hexdigest()}" for name, t in TOKENS.items()
    )
)
ROWS = {
    path("Echo"): Access.READER,
    path("Submit"): Access.SUBMITTER,
    path("Open"): Access.NONE,
}


def bearing(name: str) -> dict[str, Any]:
    return {"metadata": (("authorization", f"Bearer {TOKENS.get(name, name)}"),)}


async def echo(request: StringValue, _: Context) -> StringValue:
    return request


async def not_found(_: StringValue, __: Context) -> StringValue:
    raise NotFoundError("There is none.", field="name", rule="stream-on-record")


async def stale(_: StringValue, __: Context) -> StringValue:
    raise VersionConflictError("Stale.", expected=1, actual=2)


async def broken(_: StringValue, __: Context) -> StringValue:
    raise RuntimeError("the database password is hunter2")


async def times_out(_: StringValue, __: Context) -> StringValue:
    raise TimeoutError


async def patient(_: StringValue, __: Context) -> StringValue:
    await asyncio.Event().wait()
    return StringValue()


async def endless(request: StringValue, _: Context) -> AsyncIterator[StringValue]:
    while True:
        yield request
        await asyncio.sleep(0.001)


METHODS = {
    "Echo": unary(echo),
    "Submit": unary(echo),
    "Open": unary(echo),
    "Unlisted": unary(echo),
    "NotFound": unary(not_found),
    "Stale": unary(stale),
    "Broken": unary(broken),
    "TimesOut": unary(times_out),
    "Patient": unary(patient),
    "Endless": reply_stream(endless),
}


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture
def lines() -> Iterator[list[logging.LogRecord]]:
    handler = Lines()
    logger = logging.getLogger("ledger.calls")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield handler.records
    logger.removeHandler(handler)
    logger.setLevel(level)


def refusal_of(surroundings: Sequence[Stage], method: str, **more: Any) -> tuple[str, str, str]:
    async def scene() -> tuple[str, str, str]:
        async with serving(surroundings, METHODS) as channel:
            return await refused(channel, method, **more)

    return play(scene())


def answer_of(surroundings: Sequence[Stage], method: str, **more: Any) -> str:
    async def scene() -> str:
        async with serving(surroundings, METHODS) as channel:
            return await call(channel, method, "hello", **more)

    return play(scene())


def test_an_error_of_ours_leaves_with_its_code_and_rule() -> None:
    assert refusal_of([mapping_errors], "NotFound") == (
        "NOT_FOUND",
        "There is none.",
        "stream-on-record",
    )
    assert refusal_of([mapping_errors], "Stale") == ("ABORTED", "Stale.", "expected-version")


def test_any_other_error_leaves_without_its_text_and_is_logged_with_it(
    lines: list[logging.LogRecord],
) -> None:
    code, details, _ = refusal_of([mapping_errors], "Broken")

    assert code == "INTERNAL"
    assert "hunter2" not in details
    (record,) = lines
    assert record.exc_info is not None
    assert "hunter2" in str(record.exc_info[1])


@pytest.mark.parametrize(
    ("method", "status", "rule"),
    [("Echo", "OK", ""), ("NotFound", "NOT_FOUND", "stream-on-record"), ("Broken", "INTERNAL", "")],
)
def test_each_call_is_one_line_and_one_count(
    method: str, status: str, rule: str, lines: list[logging.LogRecord]
) -> None:
    metrics = Metrics()
    surroundings = [mapping_errors, logging_and_counting(metrics, clock=iter([1.0, 1.5]).__next__)]
    if status == "OK":
        answer_of(surroundings, method)
    else:
        refusal_of(surroundings, method)

    (line,) = [vars(record) for record in lines if record.msg == "call"]
    assert line["method"] == path(method)[1:]
    assert (line["status"], line["rule"], line["duration_ms"]) == (status, rule, 500.0)
    assert json.dumps(line["peer"]).startswith('"ipv4:127.0.0.1:')
    text = metrics.text({})
    labels = f'grpc_method="{path(method)[1:]}",grpc_status="{status}"'
    assert f"grpc_server_call_duration_seconds_count{{{labels}}} 1" in text


def test_a_refused_call_is_logged_with_the_code_it_was_given(
    lines: list[logging.LogRecord],
) -> None:
    surroundings = [
        mapping_errors,
        logging_and_counting(Metrics(), clock=lambda: 0.0),
        authenticating(IDENTITIES),
    ]
    refusal_of(surroundings, "Echo", **bearing("nobody's token"))

    assert [vars(record)["status"] for record in lines] == ["UNAUTHENTICATED"]


def test_a_call_that_its_client_gives_up_is_logged_as_cancelled(
    lines: list[logging.LogRecord],
) -> None:
    entered, left = asyncio.Event(), asyncio.Event()

    async def waits(_: StringValue, __: Context) -> StringValue:
        entered.set()
        await asyncio.Event().wait()
        return StringValue()

    @asynccontextmanager
    async def noticing(_: Call) -> AsyncIterator[None]:
        try:
            yield
        finally:
            left.set()

    async def scene() -> None:
        surroundings = [noticing, logging_and_counting(Metrics(), clock=lambda: 0.0)]
        async with serving(surroundings, {"Waits": unary(waits)}) as channel:
            under_way = channel.unary_unary(path("Waits"))(b"")
            await entered.wait()
            under_way.cancel()
            await left.wait()

    play(scene())

    assert vars(lines[0])["status"] == "CANCELLED"


def names_seen(identities: Identities | None, **more: Any) -> list[str]:
    seen: list[str] = []

    @asynccontextmanager
    async def noting(call: Call) -> AsyncIterator[None]:
        seen.append(call.caller.name)
        yield

    answer_of([authenticating(identities), noting], "Echo", **more)
    return seen


def test_a_caller_is_known_by_its_token() -> None:
    assert names_seen(IDENTITIES, **bearing("reader")) == ["reader-1"]


def test_a_caller_that_shows_nothing_is_anonymous() -> None:
    assert names_seen(IDENTITIES) == [""]


def test_without_identities_everybody_is_local() -> None:
    assert names_seen(None, **bearing("whatever")) == ["local"]


def test_an_unknown_token_is_turned_away() -> None:
    code, _, rule = refusal_of([authenticating(IDENTITIES)], "Open", **bearing("unknown"))

    assert (code, rule) == ("UNAUTHENTICATED", "caller-known")


GATE = [authenticating(IDENTITIES), authorizing(ROWS)]


@pytest.mark.parametrize(
    ("method", "who"),
    [("Echo", "reader"), ("Echo", "submitter"), ("Submit", "submitter"), ("Open", "reader")],
)
def test_enough_access_lets_in(method: str, who: str) -> None:
    assert answer_of(GATE, method, **bearing(who)) == "hello"


def test_an_open_method_asks_for_nothing() -> None:
    assert answer_of(GATE, "Open") == "hello"


@pytest.mark.parametrize(
    ("method", "who", "code", "rule"),
    [
        ("Submit", "reader", "PERMISSION_DENIED", "access"),
        ("Unlisted", "submitter", "PERMISSION_DENIED", "access"),
    ],
)
def test_too_little_access_keeps_out(method: str, who: str, code: str, rule: str) -> None:
    refused_code, _, refused_rule = refusal_of(GATE, method, **bearing(who))

    assert (refused_code, refused_rule) == (code, rule)


@pytest.mark.parametrize("method", ["Echo", "Submit", "Unlisted"])
def test_an_anonymous_caller_is_asked_for_its_identity(method: str) -> None:
    code, details, rule = refusal_of(GATE, method)

    assert (code, rule) == ("UNAUTHENTICATED", "caller-named")
    assert "token" in details


def test_who_may_not_call_is_turned_away_before_the_request_is_parsed() -> None:
    async def scene() -> grpc.StatusCode:
        async with serving([mapping_errors, *GATE], METHODS) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary(path("Echo"))(b"\xff\xff")
            return caught.value.code()

    assert play(scene()) is grpc.StatusCode.UNAUTHENTICATED


def test_a_call_without_a_deadline_ends_at_the_cap() -> None:
    code, details, rule = refusal_of([mapping_errors, capping_deadlines(20, 9_000)], "Patient")

    assert (code, rule) == ("DEADLINE_EXCEEDED", "deadline")
    assert "20 ms" in details


def test_a_stream_has_a_cap_of_its_own() -> None:
    async def scene() -> grpc.StatusCode:
        async with serving([mapping_errors, capping_deadlines(9_000, 20)], METHODS) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                async for _ in channel.unary_stream(path("Endless"))(b""):
                    pass
            return caught.value.code()

    assert play(scene()) is grpc.StatusCode.DEADLINE_EXCEEDED


def test_a_timeout_of_another_kind_is_not_taken_for_the_cap() -> None:
    code, _, _ = refusal_of([mapping_errors, capping_deadlines(9_000, 9_000)], "TimesOut")

    assert code == "INTERNAL"


def limits(*, places: int = 9, rate: int = 9) -> list[Stage]:
    return [limiting(Places(places), RateLimit(rate, clock=lambda: 0.0))]


def test_too_many_calls_a_second_are_turned_away() -> None:
    async def scene() -> tuple[str, str, str]:
        async with serving(limits(rate=2), METHODS) as channel:
            await call(channel, "Echo")
            await call(channel, "Echo")
            return await refused(channel, "Echo")

    code, _, rule = play(scene())
    assert (code, rule) == ("RESOURCE_EXHAUSTED", "rate-limit")


def test_too_many_calls_at_once_are_turned_away_until_one_ends() -> None:
    async def scene() -> tuple[tuple[str, str, str], str]:
        async with serving(limits(places=1, rate=10**6), METHODS) as channel:
            held = channel.unary_stream(path("Endless"))(StringValue(value="x").SerializeToString())
            await held.read()
            turned_away = await refused(channel, "Echo")
            held.cancel()
            while True:
                try:
                    return turned_away, await call(channel, "Echo", "after")
                except grpc.aio.AioRpcError:
                    await asyncio.sleep(0.001)

    (code, _, rule), after = play(scene())
    assert (code, rule) == ("RESOURCE_EXHAUSTED", "calls-under-way")
    assert after == "after"


def test_the_stages_of_a_server_are_these_in_this_order() -> None:
    made = stages(
        Settings.of({}), identities=None, access=ACCESS, metrics=Metrics(), clock=lambda: 0.0
    )

    names = [stage.__qualname__.partition(".")[0] for stage in made]
    assert names == [
        "mapping_errors",
        "logging_and_counting",
        "authenticating",
        "authorizing",
        "capping_deadlines",
        "limiting",
    ]
