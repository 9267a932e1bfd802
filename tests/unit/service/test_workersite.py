"""What a supervisor makes of its workers' answers, and of none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.service.http import Request
from ledger.service.worker import Worker, WriterProcess, _reply
from ledger.service.workersite import WorkerSite, merged
from tests.simulator import on_loop


def test_each_family_stands_once_and_each_sample_says_whose_it_is() -> None:
    text = '# TYPE size gauge\nsize 3\n# TYPE calls counter\ncalls{method="a/b",status="OK"} 7\n'

    assert merged({"0": text, "1": text.replace("3", "4")}) == [
        "# TYPE size gauge",
        'size{worker="0"} 3',
        'size{worker="1"} 4',
        "# TYPE calls counter",
        'calls{worker="0",method="a/b",status="OK"} 7',
        'calls{worker="1",method="a/b",status="OK"} 7',
    ]


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/healthz", 200, b"0 of 2 workers run.\n"),
        ("/readyz", 503, b"No worker listens.\n"),
        ("/checkpoint", 503, b"No worker listens.\n"),
    ],
)
def test_without_workers_nobody_is_told_that_all_is_well(
    tmp_path: Path, path: str, status: int, body: bytes
) -> None:
    site = WorkerSite([Worker("0", tmp_path), Worker("1", tmp_path)], None)

    reply = on_loop(site.respond(Request("GET", path)))

    assert (reply.status, reply.body) == (status, body)


def test_the_writer_alone_is_told_the_log_keys_pass_phrase(tmp_path: Path) -> None:
    told = {
        process.name: process.variables.get("LEDGER_LOG_KEY_PASSPHRASE", "what the others are told")
        for process in (Worker("0", tmp_path), WriterProcess("writer", tmp_path))
    }

    assert told == {"0": "", "writer": "what the others are told"}


def test_a_server_that_stops_is_not_ready(tmp_path: Path) -> None:
    site = WorkerSite([Worker("0", tmp_path)], None)
    site.stopping = True

    assert on_loop(site.respond(Request("GET", "/readyz"))).body == b"The server is stopping.\n"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\n\r\nhow long",
        b"HTTP/1.1 999 Unheard\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_reply_that_was_cut_off_is_none(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        _reply(data)
