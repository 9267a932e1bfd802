"""The report as one HTML page to file: no script, nothing from elsewhere, fit to be printed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from html import escape
from typing import Final

from ledger.audit.findings import NOWHERE
from ledger.audit.report import Report, became, moment

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57606a; --line: #d0d7de;
  --paper: #ffffff; --good: #1a7f37; --bad: #b42318; --wash: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #9aa4af; --line: #3a424c;
  --paper: #0d1117; --good: #4ac26b; --bad: #ff8a80; --wash: #161b22; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 60rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 Georgia, "Times New Roman", serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; padding-bottom: .25rem;
  border-bottom: 1px solid var(--line); }
p { margin: .4rem 0; } .dim { color: var(--dim); }
.verdict { margin: 1.5rem 0; padding: .9rem 1.1rem; border: 1px solid var(--line);
  border-left: .4rem solid var(--good); background: var(--wash); font-size: 1.1rem; }
.verdict.bad { border-left-color: var(--bad); }
.verdict strong { color: var(--good); } .verdict.bad strong { color: var(--bad); }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th, td { padding: .3rem .75rem .3rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: normal; }
td code.rule { overflow-wrap: normal; white-space: nowrap; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: .85em/1.45 ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace;
  overflow-wrap: anywhere; }
pre { padding: .75rem; background: var(--wash); border: 1px solid var(--line);
  white-space: pre-wrap; }
ul { margin: .4rem 0; padding-left: 1.2rem; } li { margin: .3rem 0; }
footer { margin-top: 3rem; padding-top: .75rem; border-top: 1px solid var(--line);
  color: var(--dim); font-size: .88rem; }
@page { size: A4; margin: 18mm 16mm; }
@media print { :root { color-scheme: light; --ink: #000; --dim: #444; --line: #bbb; --paper: #fff;
  --good: #1a7f37; --bad: #b42318; --wash: #fff; }
  body { max-width: none; padding: 0; font-size: 10.5pt; } thead { display: table-header-group; }
  h2 { break-after: avoid; } tr, .verdict, li { break-inside: avoid; } }
"""


def page(report: Report) -> str:
    """Write the page; whatever comes from the ledger is escaped."""
    title = f"Audit of {report.pin.origin}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="dim">{escape(report.kind)} {_code(report.name)}, {moment(report.ended_ms)}</p>',
        _verdict(report),
        _findings(report),
        _identity(report),
        _section("What was checked", _checked(report)),
        _section("Entries", _counts(("Event type", "Entries"), report.tally.entries.most_common())),
        _section("Keys whose signatures were verified", _keys(report)),
        _answers(report),
        _stamps(report),
        _attachments(report),
        _odd_times(report),
        _section("What this proves", _list(report.proves)) if report.holds else "",
        _section("What this does not prove", _list(report.proves_not)),
        _section("The checkpoint", f"<pre>{escape(report.note.decode('utf-8', 'replace'))}</pre>"),
        _footer(report),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )


def _verdict(report: Report) -> str:
    if report.holds:
        return (
            f'<div class="verdict"><strong>The log holds.</strong> {report.tree_size:,} entries '
            "were read, and nothing was found that does not follow from them.</div>"
        )
    count = report.findings.count
    noun = "finding" if count == 1 else "findings"
    return (
        f'<div class="verdict bad"><strong>The log does not hold.</strong> {count:,} {noun} in '
        f"{report.tree_size:,} entries.</div>"
    )


def _findings(report: Report) -> str:
    if report.holds:
        return ""
    rows = [
        (
            "" if one.index == NOWHERE else f"{one.index:,}",
            escape(one.where),
            f'<code class="rule">{escape(one.rule)}</code>',
            escape(one.message),
        )
        for one in report.findings
    ]
    left = report.findings.count - len(rows)
    more = f'<p class="dim">{left:,} more are not told here.</p>' if left else ""
    table = _table(("Index", "Where", "Rule", "What does not hold"), rows, numbers={0})
    return _section("Findings, by index", table + more)


def _identity(report: Report) -> str:
    vouches = "given to this audit" if report.pin_given else "came with the source"
    rows = [
        ("Origin", _code(report.pin.origin)),
        ("Ledger id", _code(report.pin.ledger_id.hex())),
        *(("Log key", _code(key.vkey())) for key in report.pin.log_keys),
        ("Pin", escape(vouches)),
        ("Tree size", f"{report.tree_size:,}"),
        ("Root hash", _code(report.root.hex())),
    ]
    if report.remembered:
        rows.append(
            (
                "Held against",
                f"the checkpoint of {report.remembered:,} entries verified here before",
            )
        )
    return _section("The ledger", _table(("", ""), rows))


def _checked(report: Report) -> str:
    return _counts(("What", "How many"), report.checked)


def _keys(report: Report) -> str:
    rows = []
    for record in report.keys:
        end = record.revoked_at_index
        rows.append(
            (
                escape(record.author),
                escape(record.role.value),
                f"{record.valid_from_index:,} to {'now' if end is None else f'{end:,}'}",
                f"{report.tally.signatures[record.keyid]:,}",
                _code(record.keyid),
            )
        )
    return _table(("Author", "Role", "Valid at index", "Signatures", "Key id"), rows, numbers={3})


def _answers(report: Report) -> str:
    if not report.answers:
        return ""
    rows = [
        (
            escape(answer.name),
            escape(answer.question),
            f"{answer.tree_size:,}",
            "the same, byte for byte" if answer.holds else "<strong>otherwise</strong>",
        )
        for answer in report.answers
    ]
    return _section(
        "Answers derived again", _table(("File", "Question", "Tree size", "Came out"), rows)
    )


def _stamps(report: Report) -> str:
    if report.stamps is None or not report.stamps.held:
        return ""
    rows = [
        (
            f"{stamp.tree_size:,}",
            escape(stamp.time),
            escape(stamp.token.authority),
            escape(stamp.name),
            escape(stamp.remark),
        )
        for stamp in report.stamps.held
    ]
    head = ("Tree size", "Existed by", "Authority", "Stamp", "Not shown")
    return _section("Time stamps", _table(head, rows, numbers={0}))


def _attachments(report: Report) -> str:
    if not report.attachments:
        return ""
    rows = [
        (
            f"{one.attachment.index:,}",
            _code(one.attachment.fact_id),
            _code(one.attachment.named.commitment.hex()),
            escape(became(one, report.kind)),
        )
        for one in report.attachments
    ]
    return _section(
        "Attachments", _table(("Index", "Fact", "Commitment", "Document"), rows, numbers={0})
    )


def _odd_times(report: Report) -> str:
    if not report.times.count:
        return ""
    rows = [
        (
            f"{odd.index:,}",
            _code(odd.fact_id),
            moment(odd.signed_at_ms),
            moment(odd.recorded_ms),
            escape(odd.said),
        )
        for odd in report.times.odd
    ]
    left = report.times.count - len(rows)
    more = f'<p class="dim">{left:,} more are not told here.</p>' if left else ""
    note = "<p class=\"dim\">A statement's own time is its author's word, and breaks no rule.</p>"
    head = ("Index", "Fact", "Signed, it says", "Recorded", "What is odd")
    return _section("Odd times", note + _table(head, rows, numbers={0}) + more)


def _footer(report: Report) -> str:
    run = report.to_json()["run"]
    resumed = (
        f" The first {report.resumed_from:,} entries were examined by an audit that was there on "
        f"{moment(report.resumed_of_ms)}, and hashed again by this one."
        if report.resumed_from
        else ""
    )
    return (
        f"<footer><p>{escape(run['tool'])}, determination engine {escape(run['engine_version'])}, "
        f"{run['processes']} process(es). Began {run['began']}, ended {run['ended']}.{resumed} "
        "This is no legal advice.</p></footer>"
    )


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _counts(head: Sequence[str], rows: Iterable[tuple[str, int]]) -> str:
    return _table(head, [(escape(name), f"{count:,}") for name, count in rows], numbers={1})


def _table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: Container[int] = (),
) -> str:
    """A table; without a head where no column has a name. The cells are HTML."""

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f'<{tag} class="n">{cell}</{tag}>' if place in numbers else f"<{tag}>{cell}</{tag}>"
            for place, cell in enumerate(row)
        )

    top = f"<thead><tr>{cells('th', head)}</tr></thead>" if any(head) else ""
    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table>{top}<tbody>\n{body}\n</tbody></table>"


def _list(sentences: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(one)}</li>" for one in sentences) + "</ul>"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"
