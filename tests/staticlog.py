"""A ledger's log written out as static files, and a plain file server in front of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ledger.bootstrap import open_ledger
from ledger.log.layout import static_files


def write_static_log(ledger: Path, folder: Path) -> Path:
    """Write the log of a ledger's folder into another; returns that."""
    with open_ledger(ledger) as opened:
        reader = opened.parts.reader
        latest = reader.latest_checkpoint()
        files = static_files(
            latest.note,
            latest.tree_size,
            lambda start, end: [stored.entry for stored in reader.entries(start, end)],
            reader.tree_of(latest.tree_size),
        )
        for path, content in files:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
    return folder


class _Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Keep the test's output clean."""


@contextmanager
def file_server(folder: Path) -> Iterator[str]:
    """Serve a folder's files over HTTP; gives the URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
