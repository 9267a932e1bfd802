"""What binds an append: the processor time of every process and thread, and what nobody can avoid.

Run as ``python -m tests.bench.binding``. The suite's loads on the suite's servers; beside them an
echo on the same stack, and UmaDB. Two cores do no more than two seconds of work in a second: what
all processes take for a statement, halved, is the least time between two of them, however well the
work is divided.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.client.calls import batched
from ledger.signing.privatekeys import PrivateKey
from ledger.v1 import services_pb2
from tests.bench import limits, peers
from tests.bench.appends import APPEND, APPEND_BATCH, APPEND_STREAM
from tests.bench.bench import Bench, opened
from tests.bench.load import Sample
from tests.bench.servers import Running
from tests.bench.streams import exchange

STATEMENTS: Final = 4_000
_BATCH: Final = 100
_WINDOW: Final = 64
_REPLY_BYTES: Final = 900


@dataclass(frozen=True, slots=True)
class Load:
    """A load that can be run.

    Attributes:
        name: In words.
        server: The process that is asked, with those that it started.
        run: Sends all its statements; gives how many a second.
    """

    name: str
    server: Running
    run: Callable[[], float]


def main() -> int:
    """Measure and print."""
    sys.stdout.write(f"load {os.getloadavg()[0]:.1f}\n")
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), 1) as bench:
        loads = list(_loads(bench))
        for load in loads:
            sys.stdout.write(f"{_measured(bench, load)}\n")
        sys.stdout.write(f"{_floor(bench)}\n")
    return 0


def _loads(bench: Bench) -> Iterator[Load]:
    """Every load, with its statements made before anything is measured."""
    envelopes = bench.envelopes.take(_BATCH)
    request = services_pb2.AppendRequest(envelope=envelopes[0]).SerializeToString()
    for k in (1, 16, 64):
        theirs = peers.appends(STATEMENTS, envelopes)
        ours = bench.envelopes.appends(STATEMENTS)
        runs = {
            "echo": (bench.echo, f"/bench.Echo/{_REPLY_BYTES}", [request] * STATEMENTS),
            "UmaDB": (bench.umadb, peers.APPEND, theirs),
            "Append": (bench.ours, APPEND, ours),
        }
        for name, (server, method, requests) in runs.items():
            run = partial(bench.drive, server, method, requests, k)
            yield Load(f"{name}, {k} in flight", server, partial(_rate, run, 1))
    batches = bench.envelopes.batches(STATEMENTS // _BATCH, _BATCH)
    yield Load(
        f"AppendBatch of {_BATCH}",
        bench.ours,
        partial(_rate, partial(bench.drive, bench.ours, APPEND_BATCH, batches, 4), _BATCH),
    )
    streamed = [
        services_pb2.AppendStreamRequest(envelopes=some).SerializeToString()
        for some in batched(bench.envelopes.take(STATEMENTS))
    ]
    yield Load("AppendStream", bench.ours, partial(_stream, bench, streamed))


def _rate(run: Callable[[], Sample], statements: int) -> float:
    """How many statements a second, of so many a call."""
    return statements * run().rate


def _stream(bench: Bench, requests: Sequence[bytes]) -> float:
    seconds, _ = bench.client.submit(
        exchange, bench.ours.target, APPEND_STREAM, requests, _WINDOW
    ).result()
    return STATEMENTS / seconds


def _measured(bench: Bench, load: Load) -> str:
    """The rate, what each process took for a statement, and what two cores could do at most."""
    client = bench.client.submit(os.getpid).result()
    processes = {**_named(load.server), client: "client"}
    before = {pid: _seconds_of_threads(pid) for pid in processes}
    rate = load.run()
    total, said = 0.0, []
    for pid, name in processes.items():
        after = _seconds_of_threads(pid)
        taken = sorted(
            (1e6 / STATEMENTS * (seconds - before[pid].get(thread, 0.0)))
            for thread, seconds in after.items()
        )
        total += sum(taken)
        busiest = "+".join(f"{each:.0f}" for each in reversed(taken) if each >= 1)
        said.append(f"{name} {sum(taken):.0f} ({busiest})")
    most = 2e6 / total
    return f"{load.name:24} {rate:7,.0f}/s of {most:7,.0f}  us each: {', '.join(said)}"


def _named(server: Running) -> dict[int, str]:
    """A server's processes, and what each of them does."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    named = {int(child): _part_of(child) for child in children}
    return named or {pid: "server"}


def _part_of(pid: str) -> str:
    variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    parts = [each.partition(b"=")[2] for each in variables if each.startswith(b"LEDGER_PART=")]
    return parts[0].decode() if parts else "server"


def _seconds_of_threads(pid: int) -> dict[str, float]:
    """Processor time of each thread that there is, by its number."""
    found = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            nanoseconds = (task / "schedstat").read_text(encoding="ascii").split()[0]
        except OSError:
            continue
        found[task.name] = int(nanoseconds) / 1e9
    return found


def _floor(bench: Bench) -> str:
    """What a single append cannot do without, each measured by itself: the sum is its floor."""
    request = bytes(limits.MESSAGE_BYTES)
    key = Ed25519PrivateKey.generate()
    signature = key.sign(request)
    public = PrivateKey(key).public
    parts = {
        "an echo": bench.drive_echo(request, _REPLY_BYTES, STATEMENTS // 10, 1).rate,
        "a commit": limits.commits(bench.folder),
        "its signature verified": limits.rate_of(lambda: public.verify(signature, request)),
        "a checkpoint signed": limits.rate_of(lambda: key.sign(request)),
    }
    said = ", ".join(f"{name} {1e6 / rate:.0f}" for name, rate in parts.items())
    least = sum(1e6 / rate for rate in parts.values())
    return f"a single append: {said}: {least:.0f} us, {1e6 / least:,.0f}/s without a line of ours"


if __name__ == "__main__":
    sys.exit(main())
