"""An audit's report as a screen that reads like a memo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.console import RenderableType
from rich.text import Text

from ledger.audit.report import Report, became
from ledger.cli.memo import aligned, counted, heading, labeled

_SHOWN: Final = 50
"""Findings on a screen; JSON and page have them all."""


def screen(report: Report) -> Iterator[RenderableType]:
    """The report, most important first."""
    yield Text(_verdict(report), style="bold")
    yield Text("")
    yield labeled(_identity(report))
    yield from _findings(report)
    yield heading("Checked")
    yield labeled([(what, f"{count:,}") for what, count in report.checked])
    yield heading("Entries")
    yield labeled([(kind, f"{count:,}") for kind, count in report.tally.entries.most_common()])
    yield heading("Keys")
    yield labeled(
        [
            (
                key.author,
                f"{counted(report.tally.signatures[key.keyid], 'signature')} by {key.keyid[:16]}…, "
                f"{key.role.value}, valid from index {key.valid_from_index:,}"
                + (f" to {key.revoked_at_index:,}" if key.revoked_at_index is not None else ""),
            )
            for key in report.keys
        ]
    )
    if report.answers:
        yield heading("Answers derived again")
        yield labeled(
            [
                ("the same" if one.holds else "OTHERWISE", f"{one.name}: {one.question}")
                for one in report.answers
            ]
        )
    yield from _stamps(report)
    yield from attachments_and_times(report)
    if report.holds:
        yield heading("This proves")
        yield aligned([("-", sentence) for sentence in report.proves])
    yield heading("This does not prove")
    yield aligned([("-", sentence) for sentence in report.proves_not])


def _stamps(report: Report) -> Iterator[RenderableType]:
    """When which entries existed, as authorities say."""
    if report.stamps is None or not report.stamps.held:
        return
    yield heading("Time stamps")
    held = report.stamps.held[-_SHOWN:]
    if len(held) < len(report.stamps.held):
        left = len(report.stamps.held) - len(held)
        yield Text(f"  {left:,} of smaller trees: -o json or --html has them.")
    yield aligned(
        [
            (
                counted(stamp.tree_size, "entry", "entries"),
                f"by {stamp.time}",
                f"{stamp.token.authority}; {stamp.remark}".removesuffix("; "),
            )
            for stamp in held
        ]
    )


def attachments_and_times(report: Report) -> Iterator[RenderableType]:
    """What has become of documents, and which entries bear an odd time."""
    if report.attachments:
        yield heading("Attachments")
        rows = [
            (
                f"[{one.attachment.index}]",
                one.attachment.fact_id,
                f"{one.attachment.named.commitment.hex()[:16]}… {became(one, report.kind)}",
            )
            for one in report.attachments
        ]
        yield aligned(rows)
    if report.times.count:
        yield heading("Odd times")
        odd = report.times.odd[:_SHOWN]
        yield aligned([(f"[{one.index}]", one.fact_id, one.said) for one in odd])
        if report.times.count > _SHOWN:
            yield Text(f"  and {report.times.count - _SHOWN:,} more: -o json has them.")


def _verdict(report: Report) -> str:
    entries = counted(report.tree_size, "entry", "entries")
    if report.holds:
        return f"The log holds: {entries}."
    return f"The log does not hold: {counted(report.findings.count, 'finding')} in {entries}."


def _identity(report: Report) -> Iterator[tuple[str, str]]:
    yield report.kind, report.name
    yield "origin", report.pin.origin
    yield "ledger id", report.pin.ledger_id.hex()
    yield "pin", "given to this audit" if report.pin_given else "came with what was audited"
    yield "root hash", report.root.hex()
    if report.remembered:
        size = counted(report.remembered, "entry", "entries")
        yield "held against", f"the checkpoint of {size} that was verified here before"
    if report.resumed_from:
        size = counted(report.resumed_from, "entry", "entries")
        yield "resumed", f"{size} were examined by an earlier audit of yours, and hashed again now"


def _findings(report: Report) -> Iterator[RenderableType]:
    if report.holds:
        return
    yield heading("Findings")
    told = list(report.findings)
    yield aligned([(one.place, one.rule, one.message) for one in told[:_SHOWN]])
    if report.findings.count > _SHOWN:
        yield Text(f"  and {report.findings.count - _SHOWN:,} more: -o json or --html has them.")
