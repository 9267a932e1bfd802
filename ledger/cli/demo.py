"""``demo``: the whole way once, in a temporary folder: found, import, verify, ask, tamper."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from rich.console import RenderableType
from rich.text import Text

from ledger import casefile
from ledger.audit.served import verify_log
from ledger.cli.embedded import serving
from ledger.cli.founding import casefile_policy, enroll_registrar, found_with_keys
from ledger.cli.import_files import run_import
from ledger.cli.memo import aligned, heading, labeled
from ledger.cli.output import show
from ledger.cli.status_screen import asked, axes, deciding, headline, known_by
from ledger.cli.tampering import copy_and_change
from ledger.client.client import LedgerClient, Proved
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.client.importer import ImportReport
from ledger.client.pins import Pin
from ledger.codec.facts import event_type
from ledger.errors import StoreError, VerificationError
from ledger.v1 import queries_pb2

ITEM: Final = "H20"
ALIAS: Final = "H2O"
DESTINATION: Final = "CN"
EXPORTER: Final = "NVIDIA"
DAYS: Final = (
    ("2025-04-08", "2025-04-08"),
    ("2025-04-20", "2025-04-10"),
    ("2025-04-20", "2025-04-16"),
    ("2025-07-20", "2025-07-20"),
    ("2025-08-15", "2025-08-15"),
)
"""As of one day, as known on another: the story of the H20 in five questions."""

_TAMPERED_FACT: Final = "us-2025-04-09-nvda-h20-letter"
# A date on the wire has its length before it; the fact's id, which begins with the same day, not.
_TAMPERED_DAY: Final = (b"\x0a2025-04-09", b"\x0a2025-04-19")

_FAMILIES: Final = {
    "regulatory-action.v1": "regulatory actions",
    "company-order.v1": "company orders",
    "advocacy-submission.v1": "advocacy submissions",
    "claim.v1": "claims",
}


@click.command()
def demo() -> None:
    """Show it all once, in a temporary folder.

    The H20 file is signed, appended, proved, asked, and tampered with. This needs no server, no
    key and no file: everything happens in a temporary folder over a real gRPC server in this
    process, and is gone afterwards.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="regledger-demo-") as temporary:
        folder = Path(temporary) / "ledger"
        founded = found_with_keys(folder, policy=casefile_policy())
        with (
            serving(folder) as address,
            LedgerClient.connect(
                Connection(target=address), founded.pin, HeadsInMemory()
            ) as client,
        ):
            founding = client.proved(0)
            enrollment = enroll_registrar(client, founded)
            files = [casefile.path(name) for name in casefile.IMPORT_ORDER]
            report = run_import(client, founded.registrar, files)
            show(*_appended(client, founding, enrollment, report))
            show(*_answers(client))
            letter = client.proved(_TAMPERED_FACT)
            verify_log(client)
        show(*_tampering(Path(temporary), founded.pin, letter))
    show(*_next(time.monotonic() - began))


def _appended(
    client: LedgerClient, founding: Proved, enrollment: Proved, report: ImportReport
) -> Iterator[RenderableType]:
    """What went in, by kind, and what was verified of it."""
    counts = Counter(event_type(row.fact) for row, _ in report.appended)
    families = [(words, counts[event]) for event, words in _FAMILIES.items()]
    facts = sum(count for _, count in families)
    split = ", ".join(f"{count} {words}" for words, count in families)
    head = client.checkpoint()
    yield Text("The H20 file, signed and appended over gRPC", style="bold")
    yield Text("")
    yield aligned(
        [
            ("founding", "1", "an administrator and the log's key"),
            ("enrollment", "1", "a registrar, who transcribes public sources"),
            ("country groups", str(counts["group-membership.v1"]), "dated memberships"),
            (
                "items",
                str(counts["item-described.v1"]),
                "chips, with the parameters that rules test",
            ),
            ("coverage", str(counts["coverage-declared.v1"]), "what the record is meant to cover"),
            ("facts", str(facts), split),
        ],
        bold=1,
    )
    verified = len({founding.entry.index, enrollment.entry.index}) + len(report.appended)
    yield Text("")
    yield labeled(
        [
            ("verified here", f"{verified} receipts, each proved under a signed checkpoint"),
            ("tree size", str(head.size)),
            ("root hash", head.checkpoint.root.hex()),
            ("refused", str(len(report.refused))),
        ]
    )


def _answers(client: LedgerClient) -> Iterator[RenderableType]:
    yield heading(f"Could {EXPORTER} ship the {ITEM} to China?")
    for as_of, known_at in DAYS:
        yield from _block(_ask(client, ITEM, as_of, known_at))
    yield heading(f'A newspaper wrote "{ALIAS}"')
    yield from _block(_ask(client, ALIAS, *DAYS[-2]))


def _ask(
    client: LedgerClient, item: str, as_of: str, known_at: str
) -> queries_pb2.GetLicenseStatusResponse:
    question = queries_pb2.Question(
        item=item, destination=DESTINATION, exporter=EXPORTER, as_of=as_of, known_at=known_at
    )
    return client.status(queries_pb2.GetLicenseStatusRequest(question=question))


def _block(response: queries_pb2.GetLicenseStatusResponse) -> Iterator[RenderableType]:
    """One answer: the verdict, five axes, and the entries that decide."""
    yield Text("")
    yield headline(response)
    yield Text(asked(response), style="dim")
    yield axes(response)
    rows = [(f"[{entry.index}]", entry.fact_id, known_by(entry)) for entry in deciding(response)]
    yield aligned(rows or [("", "no entry decides this")])


def _tampering(temporary: Path, pin: Pin, letter: Proved) -> Iterator[RenderableType]:
    """Change one byte of the letter in a copy of the database, and look for it.

    Raises:
        StoreError: Nobody noticed, which would be a grave mistake in this program.
    """
    copy = temporary / "copy"
    old, new = _TAMPERED_DAY
    changed = copy_and_change(temporary / "ledger", copy, letter.entry.data, old, new)
    yield heading("Somebody changes one byte on the disk")
    yield Text("")
    yield labeled(
        [
            ("in a copy", f"{changed.name}: {old.decode().strip()} becomes {new.decode().strip()}"),
            ("of entry", f"[{letter.entry.index}] {_TAMPERED_FACT}"),
            ("verify", _finding(copy, pin)),
        ]
    )


def _finding(copy: Path, pin: Pin) -> str:
    with (
        serving(copy, for_audit=True) as address,
        LedgerClient.connect(Connection(target=address), pin, HeadsInMemory()) as client,
    ):
        try:
            verify_log(client)
        except VerificationError as error:
            return f"CAUGHT. {error.message}"
    raise StoreError("One byte of an entry was changed, and nobody noticed.", rule="tampering")


def _next(seconds: float) -> Iterator[RenderableType]:
    yield heading("What to type next")
    yield Text("")
    yield labeled(
        [
            ("make it yours", "regledger init --casefile h20"),
            ("ask", f"regledger status {ITEM} {DESTINATION} --as-of 2025-07-20 --exporter NVIDIA"),
            ("look around", "regledger timeline --item H20"),
            ("check it all", "regledger verify"),
        ]
    )
    yield Text(
        f"\nDone in {seconds:.1f} s. After `make demo`, regledger lies in .venv/bin. The record is "
        "public information and no legal advice.",
        style="dim",
    )
