"""The limit that no call can beat: the same server stack and stages, and nothing behind them.

``python -m tests.bench.echo`` serves ``/bench.Echo/<size>``, which answers with so many bytes, on a
free port that it prints.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc

from ledger.service import logs
from ledger.service.calls import Pipeline
from ledger.service.identity import Access
from ledger.service.interceptors import stages
from ledger.service.metrics import Metrics
from ledger.service.running import keep_to_core, loop_factory
from ledger.service.server import _options
from ledger.settings import Settings
from tests.bench.servers import CORE


class _Everything(dict[str, Access]):
    """Every method is for readers."""

    def get(self, key: str, default: Any = None) -> Access:  # noqa: ARG002 - dict's
        return Access.READER


class _Echo(grpc.GenericRpcHandler):
    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any]:
        reply = bytes(int(details.method.rpartition("/")[2]))

        async def answer(request: bytes, context: Any) -> bytes:  # noqa: ARG001
            return reply

        behavior: Callable[[bytes, Any], Awaitable[bytes]] = answer
        return grpc.unary_unary_rpc_method_handler(behavior)


async def main() -> None:
    """Serve until killed."""
    keep_to_core(CORE)
    settings = Settings.from_environment()
    logs.configure(settings.log_format)
    surroundings = stages(settings, identities=None, access=_Everything(), metrics=Metrics())
    server = grpc.aio.server(interceptors=[Pipeline(surroundings)], options=_options(settings))
    server.add_generic_rpc_handlers((_Echo(),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"Serving gRPC on 127.0.0.1:{port}", flush=True)  # noqa: T201 - read by the bench
    await server.wait_for_termination()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(main())
