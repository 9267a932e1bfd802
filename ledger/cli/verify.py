"""``verify``: receipts one by one, or the whole log, recomputed on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import RenderableType
from rich.text import Text

from ledger.audit.report import Report, attachment_json, odd_time_json
from ledger.audit.served import verify_log
from ledger.cli.audit_screen import attachments_and_times
from ledger.cli.clock import now_ms
from ledger.cli.memo import counted, heading, labeled
from ledger.cli.output import Format, output_option, print_json, print_rows, progress, show
from ledger.cli.proofs import instant, proof_row
from ledger.cli.session import session
from ledger.cli.summary import summary
from ledger.cli.times import timing_json, timing_rows
from ledger.cli.where import Where, where_options
from ledger.client.client import Proved
from ledger.client.receiptfiles import read_receipt, verify_offline
from ledger.client.timing import timing_alone
from ledger.errors import StoreError, UnavailableError, VerificationError
from ledger.log.policy import TrustPolicy


@click.command()
@click.argument(
    "receipts",
    nargs=-1,
    metavar="[RECEIPT]...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--offline", is_flag=True, help="Verify RECEIPTs by the pin alone, asking nobody.")
@output_option
@where_options
def verify(*, where: Where, output: Format, receipts: tuple[Path, ...], offline: bool) -> None:
    """Verify receipts, or the whole log.

    A RECEIPT file is verified by the pin, and against the history seen here. The whole log is
    read anew: every entry is hashed and the root compared with the signed checkpoint, every
    signature and rule is tried again, and the checkpoint must continue all seen before. A
    finding names the index of the first entry that does not hold, and the exit code is 3.
    """
    if receipts:
        _show_receipts(_verified(where, receipts, offline=offline), output)
        return
    if offline:
        message = "Give the RECEIPTs to verify offline."
        raise click.UsageError(message)
    report = _audited(where)
    if output is Format.TABLE:
        show(*_screen(report))
    else:
        print_json(_json(report))


def _audited(where: Where) -> Report:
    """Audit the log; a database that is refused because it contradicts itself is a finding too.

    Raises:
        VerificationError: Something does not hold.
        StoreError: The ledger cannot be read for another reason.
    """
    try:
        with session(where, for_audit=True) as (client, _), progress("verifying") as told:
            return verify_log(client, told)
    except UnavailableError:
        raise
    except StoreError as error:
        if not error.rule:
            raise
        raise VerificationError(error.message, field=error.field, rule=error.rule) from error


def _verified(where: Where, receipts: tuple[Path, ...], *, offline: bool) -> list[Proved]:
    if offline:
        target = where.resolved(offline=True)
        pin, policy, now_s = target.known_pin(), target.policy(), now_ms() // 1_000
        return [verify_offline(read_receipt(path), pin, policy, now_s=now_s) for path in receipts]
    with session(where, for_audit=True) as (client, target):
        client.checkpoint()
        policy = target.policy() or TrustPolicy()
        read = [read_receipt(path) for path in receipts]
        for receipt in read:
            # A receipt in a file has to hold as it is: a better one could be had from the server.
            policy.require_quorum(receipt.checkpoint, now_s=now_ms() // 1_000)
        return [client.verified(receipt) for receipt in read]


def _show_receipts(proved: list[Proved], output: Format) -> None:
    if output is not Format.TABLE:
        rows = [proof_row(one) | timing_json(timing_alone(one.entry)) for one in proved]
        print_rows(output, "verified", rows)
        return
    for one in proved:
        entry = one.entry
        show(
            Text(f"{entry.statement.fact_id} holds", style="bold"),
            labeled(
                [
                    ("says", summary(entry.fact)),
                    ("signed by", entry.statement.author),
                    ("index", str(entry.index)),
                    ("tree size", str(one.head.size)),
                    ("digest", entry.digest.hex()),
                    ("recorded", instant(entry.recorded_ms)),
                    *timing_rows(timing_alone(entry)),
                ]
            ),
        )


def _screen(report: Report) -> Iterator[RenderableType]:
    yield Text(f"The log holds: {counted(report.tree_size, 'entry', 'entries')}.", style="bold")
    yield Text("")
    yield labeled(
        [
            ("origin", report.pin.origin),
            ("root hash", report.root.hex()),
            ("checkpoint", "signed by the pinned key; continues every one seen here"),
            ("entries", "each is in the tree that was signed, at its index, and none is missing"),
            ("signatures", "every one verified, by a key that was valid at that index"),
            ("rules", "every statement was admissible where it stands"),
        ]
    )
    yield heading("Entries")
    yield labeled([(kind, f"{count:,}") for kind, count in report.tally.entries.most_common()])
    yield heading("Signed by")
    yield labeled([(author, f"{count:,}") for author, count in report.tally.authors.most_common()])
    yield from attachments_and_times(report)


def _json(report: Report) -> dict[str, object]:
    return {
        "origin": report.pin.origin,
        "tree_size": report.tree_size,
        "root_hash": report.root.hex(),
        "checkpoint": report.note.decode("utf-8"),
        "entries": dict(report.tally.entries),
        "authors": dict(report.tally.authors),
        "attachments": [attachment_json(status) for status in report.attachments],
        "odd_times_count": report.times.count,
        "odd_times": [odd_time_json(odd) for odd in report.times.odd],
    }
