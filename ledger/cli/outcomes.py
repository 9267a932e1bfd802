"""Submissions against what was then done: what each asked, of whom, and who answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from ledger.cli.cells import message_row
from ledger.cli.differences import own_day
from ledger.cli.memo import counted, labeled
from ledger.cli.output import Format, print_rows, show
from ledger.cli.summary import money, summary
from ledger.client.client import Proved
from ledger.client.comparing import Outcome
from ledger.domain.facts import Fact, ReportedFact
from ledger.v1 import queries_pb2


def show_outcomes(found: Iterable[Outcome], output: Format) -> None:
    """Print submissions with what was then done."""
    if output is Format.TABLE:
        show(*_screen(list(found)))
    else:
        print_rows(output, "outcomes", (message_row(outcome.told) for outcome in found))


def _screen(found: Sequence[Outcome]) -> Iterator[RenderableType]:
    for place, outcome in enumerate(found):
        entry = outcome.proved.entry
        day = own_day(entry.fact) or "no day"
        gap = "\n" if place else ""
        yield Text(f"{gap}{day}  [{entry.index}]  {entry.fact.id}", style="bold")
        yield labeled([*_asked(entry.fact), *_done(outcome)], width=len("afterwards"))
    answered = sum(1 for outcome in found if outcome.told.answered_by)
    yield Text(
        f"\n{counted(len(found), 'submission')}, {answered} answered on record; each, and each act "
        "named, is proved to be in the log. That an act came later says nothing about why.",
        style="dim",
    )


def _asked(fact: Fact) -> Iterator[tuple[str, str]]:
    if not isinstance(fact, ReportedFact):
        return
    yield "by", _signed(fact)
    yield "of", fact.addressed_to or ", ".join(fact.addressees) or "nobody named"
    if fact.requested_outcome is not None:
        yield "asked", f"{fact.requested_outcome.kind.value}: {fact.requested_outcome.text}"
    else:
        yield "asked", "no outcome on record"
    if fact.money is not None:
        yield "spent", money(fact.money)
    for place, relation in enumerate(fact.relates_to):
        yield "" if place else "about", f"{relation.relation.value.replace('_', ' ')} {relation.id}"


def _signed(fact: ReportedFact) -> str:
    kind = fact.subtype.replace("_", " ")
    count = fact.signatories.stated_count if fact.signatories else None
    return f"{fact.actor}, {kind}" + (
        f", {counted(count, 'signatory', 'signatories')}" if count else ""
    )


def _done(outcome: Outcome) -> Iterator[tuple[str, str]]:
    told = outcome.told
    if not told.answered_by:
        yield "answered", "nothing on record"
    yield from _acts("answered", told.answered_by, outcome.acts)
    yield from _acts("afterwards", told.afterwards, outcome.acts)


def _acts(
    label: str,
    responses: Sequence[queries_pb2.SubmissionResponse],
    acts: Mapping[str, Proved],
) -> Iterator[tuple[str, str]]:
    for place, response in enumerate(responses):
        entry = acts[response.fact_id].entry
        how = response.how.replace("_", " ")
        text = (
            f"{own_day(entry.fact)} [{entry.index}] {response.fact_id} {how}: {summary(entry.fact)}"
        )
        yield "" if place else label, text
