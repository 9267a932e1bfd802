"""A license status as a person reads it: the answer, why, and what would change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from ledger.cli.memo import aligned, heading, labeled
from ledger.v1 import axes_pb2, facts_pb2, queries_pb2, shared_pb2

_Response = queries_pb2.GetLicenseStatusResponse

_HEADLINES: Final = {
    axes_pb2.Requirement.NO_RECORD: "the record says nothing",
    axes_pb2.Requirement.NO_LICENSE_REQUIRED: "no license is required, as far as the record goes",
    axes_pb2.Requirement.LICENSE_REQUIRED: "a license is required",
    axes_pb2.Requirement.DEFERRED: "a license will be required; compliance is deferred",
    axes_pb2.Requirement.STAYED: "a license requirement stands, and is stayed",
    axes_pb2.Requirement.CODIFIED_NOT_ENFORCED: "a license is required by a rule not enforced",
    axes_pb2.Requirement.INDETERMINATE: "whether a license is required turns on missing facts",
    axes_pb2.Requirement.NOT_SUBJECT_TO_EAR: "not subject to the export rules on record",
}
_BASIS: Final = {
    axes_pb2.Basis.PUBLIC: "as anyone could know it on",
    axes_pb2.Basis.ADDRESSEE: "as those told could know it on",
    axes_pb2.Basis.LEDGER: "as this ledger had recorded it by",
}
_OTHER: Final = {
    axes_pb2.Disposition.SUPERSEDED_BY: "superseded",
    axes_pb2.Disposition.NOT_YET_KNOWN: "not yet known",
    axes_pb2.Disposition.NOT_YET_EFFECTIVE: "not yet effective",
    axes_pb2.Disposition.ENDED: "ended",
    axes_pb2.Disposition.OUT_OF_SCOPE: "out of scope",
    axes_pb2.Disposition.NO_STATUS_EFFECT: "without effect on the status",
}


def status_screen(response: _Response, *, full: bool, footer: str) -> Iterator[RenderableType]:
    """The parts of the screen, in order.

    Args:
        response: The answer.
        full: Whether to list every entry that was considered, not only those that decide.
        footer: What was verified, in a sentence.
    """
    yield headline(response)
    yield Text(asked(response), style="dim")
    yield Text("")
    yield axes(response)
    yield from _why(response, full=full)
    yield from _turns_on(response)
    yield Text(f"\n{footer}", style="dim")


def headline(response: _Response) -> Text:
    """The answer in one line."""
    question = response.question
    item = response.item_version.name or question.item
    verdict = _HEADLINES.get(response.requirement, "no answer")
    also = "" if item.casefold() == question.item.casefold() else f' (asked as "{question.item}")'
    return Text(f"{item}{also} to {question.destination}: {verdict}.", style="bold")


def asked(response: _Response) -> str:
    """The rest of the question in one line."""
    question = response.question
    parties = [
        f"{role} {name}"
        for role, name in (
            ("exporter", question.exporter),
            ("consignee", question.consignee),
            ("consignee headquarters", question.consignee_headquarters),
            ("shipped from", question.shipped_from),
            ("end use", _end_use(question)),
        )
        if name
    ]
    if question.transaction != shared_pb2.TRANSACTION_UNSPECIFIED:
        kind = shared_pb2.Transaction.Name(question.transaction).removeprefix("TRANSACTION_")
        parties.append(kind.lower().replace("_", "-"))
    basis = _BASIS.get(question.basis, "as known on")
    affirmed = [f"affirmed: {'; '.join(question.affirmed)}"] if question.affirmed else []
    days = [f"as of {question.as_of}", f"{basis} {question.known_at}"]
    return ", ".join([*parties, *days, *affirmed])


def _end_use(question: queries_pb2.Question) -> str:
    if question.end_use == queries_pb2.END_USE_UNSPECIFIED:
        return ""
    name = queries_pb2.EndUse.Name(question.end_use).removeprefix("END_USE_")
    return name.lower().replace("_", " ")


def axes(response: _Response) -> RenderableType:
    """The five axes, never collapsed, and the side fact where there is one."""
    rows: list[tuple[str, str, str]] = [
        (
            "requirement",
            axes_pb2.Requirement.Value.Name(response.requirement),
            f"since {response.since}" if response.since else "",
        ),
        ("review policy", axes_pb2.ReviewPolicy.Value.Name(response.review_policy), ""),
        (
            "authorization",
            axes_pb2.Authorization.Value.Name(response.authorization),
            _joined(response.authorization_detail, response.authorization_scope),
        ),
        (
            "destination measure",
            axes_pb2.DestinationMeasure.Value.Name(response.destination_measure),
            response.measure_detail,
        ),
        ("evidence", _evidence(response), _weakest(response)),
    ]
    if response.commercial_condition > axes_pb2.CommercialCondition.NONE:
        condition = axes_pb2.CommercialCondition.Value.Name(response.commercial_condition)
        rows.append(("commercial condition", condition, response.condition_detail))
    return aligned(rows, bold=1)


def deciding(response: _Response) -> list[queries_pb2.ConsideredEntry]:
    """The entries that the answer rests on, in the answer's order."""
    return _with(response, axes_pb2.Disposition.APPLIED)


def _with(
    response: _Response, disposition: axes_pb2.Disposition.Value.ValueType
) -> list[queries_pb2.ConsideredEntry]:
    return [entry for entry in response.considered if entry.disposition == disposition]


def known_by(entry: queries_pb2.ConsideredEntry) -> str:
    """How well an entry is known, and who answers for it."""
    return _joined(_certainty(entry), _grade(entry), _attribution(entry))


def _entry(entry: queries_pb2.ConsideredEntry) -> tuple[str, Text]:
    """One entry: where it stands, what it is, how well it is known, and what it does here."""
    text = Text(entry.fact_id, style="bold")
    for line in (entry.citation, known_by(entry), entry.reason):
        if line:
            text.append(f"\n{line}", style="not bold")
    return f"[{entry.index}]", text


def _why(response: _Response, *, full: bool) -> Iterator[RenderableType]:
    applied = deciding(response)
    yield heading("Why")
    if not applied:
        yield labeled([("", "No entry on record decides this.")])
    else:
        yield aligned([_entry(entry) for entry in applied])
    opposed = _with(response, axes_pb2.Disposition.CONFLICTING)
    if opposed:
        yield heading("Against each other")
        yield aligned([_entry(entry) for entry in opposed])
    told_of = {axes_pb2.Disposition.APPLIED, axes_pb2.Disposition.CONFLICTING}
    others = [entry for entry in response.considered if entry.disposition not in told_of]
    if full:
        for disposition, words in _OTHER.items():
            chosen = [entry for entry in others if entry.disposition == disposition]
            if chosen:
                yield heading(f"Considered, {words}")
                yield aligned([(f"[{e.index}]", e.fact_id, e.reason) for e in chosen])
    elif others:
        counts = Counter(entry.disposition for entry in others)
        told = ", ".join(
            f"{counts[kind]} {words}" for kind, words in _OTHER.items() if counts[kind]
        )
        yield Text("")
        yield labeled([("also considered", f"{told} (--all lists them)")])


def _turns_on(response: _Response) -> Iterator[RenderableType]:
    rows: list[tuple[str, str]] = []
    rows += _listed("missing facts", response.missing)
    rows += _listed("assumed", response.assumed)
    rows += _listed("warnings", response.notes)
    rows += _listed("conflicts", map(_conflict, response.conflicts))
    rows += _listed("exceptions", map(_offer, response.exceptions))
    if response.next_change.date:
        change = response.next_change
        facts = ", ".join(change.fact_ids)
        rows.append(("next change", f"{change.date}: {change.description} ({facts})"))
    if rows:
        yield Group(heading("What would change it"), labeled(rows))


def _listed(label: str, texts: Iterable[str]) -> list[tuple[str, str]]:
    return [(label if place == 0 else "", text) for place, text in enumerate(texts)]


def _conflict(conflict: queries_pb2.Conflict) -> str:
    """What is in conflict, with the entries that its own words leave unnamed."""
    unnamed = [fact_id for fact_id in conflict.fact_ids if fact_id not in conflict.about]
    return f"{conflict.about} ({', '.join(unnamed)})" if unnamed else conflict.about


def _offer(offered: queries_pb2.OfferedException) -> str:
    needs = "; ".join(offered.unaffirmed)
    return f"{offered.code}, once affirmed: {needs}" if needs else f"{offered.code} is available"


def _evidence(response: _Response) -> str:
    if response.evidence == axes_pb2.Evidence.UNSPECIFIED:
        return "NONE"
    return axes_pb2.Evidence.Value.Name(response.evidence)


def _weakest(response: _Response) -> str:
    count = len(deciding(response))
    return f"the weakest of {count} deciding entries" if count > 1 else ""


def _certainty(entry: queries_pb2.ConsideredEntry) -> str:
    if entry.certainty == facts_pb2.CERTAINTY_UNSPECIFIED:
        return ""
    name = facts_pb2.Certainty.Name(entry.certainty)
    return name.removeprefix("CERTAINTY_").lower().replace("_", " ")


def _grade(entry: queries_pb2.ConsideredEntry) -> str:
    if entry.grade == shared_pb2.GRADE_UNSPECIFIED:
        return ""
    return shared_pb2.Grade.Name(entry.grade).removeprefix("GRADE_").lower()


def _attribution(entry: queries_pb2.ConsideredEntry) -> str:
    delegate = f", by the delegate {entry.delegate_keyid[:12]}…" if entry.delegate_keyid else ""
    return entry.attribution.replace("_", " ").lower() + delegate


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
