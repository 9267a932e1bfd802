"""A ledger's folder, served by the real server inside this process, on a free loopback port.

So a command that names a folder goes the same way as one that names a server: over gRPC, through
the same checks, to a client that verifies.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import click

from ledger.bootstrap import Ledger, open_ledger
from ledger.errors import KeyFileError, StoreError
from ledger.log.policy import TrustPolicy
from ledger.logkeyfiles import LOG_KEY_FILE
from ledger.service.parts import Parts
from ledger.service.running import loop_factory
from ledger.service.server import Server
from ledger.settings import Address, Settings
from ledger.signing.keyfiles import read_private_key

_ANY_LOOPBACK_PORT: Final = Address("127.0.0.1", 0)
_NEEDS: Final = "passphrase"


_LOOK_EVERY_S: Final = 0.05

# The server's log is for operators; whoever types a command is told what went wrong by its end.
logging.getLogger("ledger").addHandler(logging.NullHandler())


@contextmanager
def serving(
    folder: Path, *, for_audit: bool = False, policy: TrustPolicy | None = None
) -> Iterator[str]:
    """Serve a folder for as long as the block runs; gives the address, ``host:port``.

    Args:
        folder: A ledger's folder.
        for_audit: Serve the log even if an entry no longer reads back, which keeps the read models
            from being built: an audit does not ask them.
        policy: The witnesses that are asked to cosign meanwhile; None asks nobody.

    Raises:
        SettingError: There is no ledger in the folder.
        KeyFileError: The log's key cannot be read.
        StoreError: The database is older than what was released, or does not agree with itself.
    """
    with _opened(folder, policy) as ledger:
        server = _ServerThread(ledger.parts, with_models=not for_audit)
        try:
            yield server.address
        finally:
            server.stop()


def log_passphrase(folder: Path) -> bytes | None:
    """What the log's key is encrypted with: the variable's, or asked for; None for a bare key.

    Raises:
        KeyFileError: The key cannot be read.
    """
    known = _known_passphrase()
    try:
        read_private_key(folder / LOG_KEY_FILE, passphrase=known)
    except KeyFileError as error:
        return _asked(folder, known, error)
    return known


def _opened(folder: Path, policy: TrustPolicy | None) -> Ledger:
    """Open the ledger, asking for the log key's pass phrase only if it is encrypted."""
    known = _known_passphrase()
    try:
        return open_ledger(folder, passphrase=known, policy=policy)
    except KeyFileError as error:
        passphrase = _asked(folder, known, error)
    return open_ledger(folder, passphrase=passphrase, policy=policy)


def _known_passphrase() -> bytes | None:
    known = Settings.from_environment().log_key_passphrase
    return known.get_secret_value().encode() if known else None


def _asked(folder: Path, known: bytes | None, error: KeyFileError) -> bytes:
    """Ask for the pass phrase at the terminal, if that may help; else the error stands."""
    if error.rule != _NEEDS or known is not None or not sys.stdin.isatty():
        raise error
    typed: str = click.prompt(f"Pass phrase of the log key of {folder}", hide_input=True, err=True)
    return typed.encode()


class _ServerThread:
    """The server on an event loop and thread of its own; it listens once constructed.

    Args:
        parts: The open ledger.
        with_models: Whether to listen only once the read models are built.

    Raises:
        SettingError: It cannot listen.
        StoreError: The read models cannot be built.
    """

    def __init__(self, parts: Parts, *, with_models: bool) -> None:
        self._parts = parts
        self._with_models = with_models
        self._listening: Future[tuple[str, Callable[[], object]]] = Future()
        self._thread = threading.Thread(target=self._run, name="ledger-server", daemon=True)
        self._thread.start()
        self.address, self._ask_to_stop = self._listening.result()

    def stop(self) -> None:
        """Let the calls under way end, and stop."""
        self._ask_to_stop()
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            try:
                runner.run(self._serve())
            except Exception as error:  # noqa: BLE001 - whoever waits for the address is told
                self._listening.set_exception(error)

    async def _serve(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        # The caller is this process and hangs up itself: there is nobody to wait for at the end.
        settings = Settings(listen=_ANY_LOOPBACK_PORT, http_listen=None, shutdown_grace_ms=0)
        server = Server(self._parts, settings)
        try:
            addresses = await server.start()
            if self._with_models:
                await self._models_are_built()
            stop = partial(loop.call_soon_threadsafe, stopped.set)
            self._listening.set_result((str(addresses.grpc), stop))
            await stopped.wait()
        finally:
            await server.stop()

    async def _models_are_built(self) -> None:
        """Wait for the read models, which are in memory and made anew from all entries.

        Raises:
            StoreError: An entry does not read back.
        """
        while True:
            reached = self._parts.progress.reached(self._parts.opened_size)
            try:
                return await asyncio.wait_for(reached, _LOOK_EVERY_S)
            except TimeoutError:
                failure = self._parts.failure()
            if failure is not None:
                raise StoreError(
                    f"The entries cannot be read: {failure} `regledger verify` says which one.",
                    rule="read-models",
                ) from failure
