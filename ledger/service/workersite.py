"""What a supervisor answers over HTTP, by asking its workers.

Health and readiness are those of the whole; metrics are every worker's, told apart by a label; the
log's own paths are passed on to whichever worker is next.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import count
from typing import Final, final

from ledger.service.http import Reply, Request, not_allowed, plain
from ledger.service.worker import Worker, WriterProcess

_SAMPLE: Final = re.compile(
    r"(?P<name>[A-Za-z_:][A-Za-z0-9_:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)"
)
_METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@final
class WorkerSite:
    """The paths.

    Args:
        workers: Those that are asked.
        writer: Who writes for them; None for a replica's.
    """

    def __init__(self, workers: Sequence[Worker], writer: WriterProcess | None) -> None:
        self._workers = workers
        self._writer = writer
        self._turns = count()
        self.stopping = False

    async def respond(self, request: Request) -> Reply:
        """Answer GET and HEAD."""
        if request.method not in {"GET", "HEAD"}:
            return not_allowed("GET, HEAD")
        match request.path:
            case "/healthz":
                return plain(
                    HTTPStatus.OK, f"{self._running()} of {len(self._workers)} workers run."
                )
            case "/readyz":
                return await self._readyz()
            case "/metrics":
                return await self._metrics()
            case _:
                return await self._passed_on(request.path)

    def _running(self) -> int:
        return sum(worker.runs for worker in self._workers)

    async def _readyz(self) -> Reply:
        """Ready while all that listen are; the kernel sends nobody to one that does not."""
        if self.stopping:
            return plain(HTTPStatus.SERVICE_UNAVAILABLE, "The server is stopping.")
        replies = (await self._all("/readyz")).values()
        for reply in replies:
            if reply.status != HTTPStatus.OK:
                return reply
        if not replies:
            return plain(HTTPStatus.SERVICE_UNAVAILABLE, "No worker listens.")
        return plain(HTTPStatus.OK, f"{len(replies)} of {len(self._workers)} workers take calls.")

    async def _metrics(self) -> Reply:
        replies = await self._all("/metrics")
        own = [
            "# TYPE ledger_workers gauge",
            f"ledger_workers {self._running()}",
            "# TYPE ledger_worker_starts_total counter",
            *(
                f'ledger_worker_starts_total{{worker="{worker.name}"}} {worker.starts}'
                for worker in self._workers
            ),
            *self._writer_metrics(),
        ]
        texts = {name: reply.body.decode() for name, reply in replies.items()}
        body = "\n".join([*own, *merged(texts)]) + "\n"
        return Reply(HTTPStatus.OK, body.encode(), _METRICS_TYPE)

    def _writer_metrics(self) -> list[str]:
        if self._writer is None:
            return []
        return [
            "# TYPE ledger_writer gauge",
            f"ledger_writer {int(self._writer.runs)}",
            "# TYPE ledger_writer_starts_total counter",
            f"ledger_writer_starts_total {self._writer.starts}",
        ]

    async def _passed_on(self, path: str) -> Reply:
        for _ in self._workers:
            worker = self._workers[next(self._turns) % len(self._workers)]
            if reply := await worker.ask(path):
                return reply
        return plain(HTTPStatus.SERVICE_UNAVAILABLE, "No worker listens.")

    async def _all(self, path: str) -> dict[str, Reply]:
        """What each of those that listen answers."""
        replies = await asyncio.gather(*(worker.ask(path) for worker in self._workers))
        return {
            worker.name: reply
            for worker, reply in zip(self._workers, replies, strict=True)
            if reply is not None
        }


def merged(texts: Mapping[str, str]) -> list[str]:
    """Metrics of several workers as one text's lines, each family once, each sample labeled.

    Args:
        texts: Prometheus' text format 0.0.4, by the worker's name.
    """
    families: dict[str, list[str]] = {}
    for worker, text in texts.items():
        family: list[str] = []
        for line in text.splitlines():
            if line.startswith("#"):
                family = families.setdefault(line, [])
            elif sample := _SAMPLE.fullmatch(line):
                labels = ",".join(filter(None, (f'worker="{worker}"', sample["labels"])))
                family.append(f"{sample['name']}{{{labels}}} {sample['value']}")
    return [line for head, samples in families.items() for line in (head, *samples)]
