"""What one run of the suite works with: the servers, the client process and the statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench import servers
from tests.bench.load import Load, Sample, client_process, drive
from tests.bench.servers import Ours, Running
from tests.bench.statements import Envelopes


@dataclass(frozen=True, slots=True)
class Bench:
    """The parts of a run.

    Attributes:
        folder: Where everything lies.
        rounds: How often each measurement is repeated.
        ledger: Our ledger.
        ours: Our server.
        echo: The echo on our stack.
        umadb: UmaDB's server.
        envelopes: Statements to append.
        client: The process that sends.
    """

    folder: Path
    rounds: int
    ledger: Ours
    ours: Running
    echo: Running
    umadb: Running
    envelopes: Envelopes
    client: ProcessPoolExecutor

    def drive(
        self, server: Running, method: str, requests: Sequence[bytes], in_flight: int
    ) -> Sample:
        """Have the client process send requests."""
        return self.client.submit(drive, Load(server.target, method, requests, in_flight)).result()

    def drive_echo(self, request: bytes, reply_bytes: int, count: int, in_flight: int) -> Sample:
        """Have the client process send one request over and over to the echo."""
        return self.drive(self.echo, f"/bench.Echo/{reply_bytes}", [request] * count, in_flight)


@contextmanager
def opened(folder: Path, rounds: int) -> Iterator[Bench]:
    """Found a ledger and start all servers, in a folder that exists."""
    with ExitStack() as stack:
        ledger = servers.found(folder)
        yield Bench(
            folder=folder,
            rounds=rounds,
            ledger=ledger,
            ours=stack.enter_context(servers.ours(ledger, folder)),
            echo=stack.enter_context(servers.echo(folder)),
            umadb=stack.enter_context(servers.umadb(folder)),
            envelopes=Envelopes(ledger),
            client=stack.enter_context(client_process()),
        )
