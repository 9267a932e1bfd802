"""The report as JSON and as a page: what was checked and found, and nothing from elsewhere."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ledger.audit import findings as findings_module
from ledger.audit.answers import Rederived
from ledger.audit.auditing import Options
from ledger.audit.findings import NOWHERE, Finding, Findings
from ledger.audit.page import page
from ledger.audit.report import Report
from tests.unit.audit.ledgers import SignedLog, audited, with_bad_signature
from tests.unit.store.builders import order, revocation

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def holding() -> Report:
    """The report on a log that holds."""
    log = SignedLog.of(order(1), revocation("registrar"))
    return audited(log, Options(processes=1, pin_given=True, remembered=log.checkpoint(3)))


@pytest.fixture(scope="module")
def broken() -> Report:
    """The report on one that does not."""
    return audited(SignedLog.of(with_bad_signature(order(1)), with_bad_signature(order(2))))


class _Tags(HTMLParser):
    """Sees that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not {"src", "href", "style", "onload"} & {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(text: str) -> set[str]:
    """The tags of a page that is well formed."""
    parser = _Tags()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser.seen


def test_a_page_says_what_was_checked_with_which_keys_and_what_it_proves(holding: Report) -> None:
    text = page(holding)
    assert "script" not in tags(text)
    for said in (
        "The log holds.",
        holding.root.hex(),
        holding.pin.ledger_id.hex(),
        holding.pin.log_keys[0].vkey(),
        *(key.keyid for key in holding.keys),
        "2 to 3",
        "company-order.v1",
        "What this does not prove",
        "prefers-color-scheme: dark",
        "@media print",
        "the checkpoint of 3 entries verified here before",
        "given to this audit",
    ):
        assert said in text
    assert "Findings" not in text
    assert re.search(r"https?:|url\(|@import", text) is None


def test_a_page_names_each_finding_by_its_index(broken: Report) -> None:
    text = page(broken)
    tags(text)
    assert "The log does not hold.</strong> 2 findings in 4 entries" in text
    assert text.count('<code class="rule">signature</code>') == 2
    assert "What this proves" not in text
    assert "came with the source" in text


def test_what_comes_from_a_ledger_is_escaped(holding: Report) -> None:
    found = Findings()
    found.add(Finding(NOWHERE, EVIL, EVIL, EVIL))
    answer = Rederived(EVIL, EVIL, 1, EVIL, holds=False)
    text = page(replace(holding, name=EVIL, findings=found, answers=(answer,), note=EVIL.encode()))
    assert "script" not in tags(text)
    assert "<strong>otherwise</strong>" in text
    assert "1 finding in" in text


def test_an_audit_that_went_on_says_so(holding: Report) -> None:
    text = page(replace(holding, resumed_from=2, resumed_of_ms=1_000))
    assert "The first 2 entries were examined by an audit that was there on 1970" in text


def test_more_findings_than_are_kept_are_counted(
    holding: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings_module, "FINDINGS_KEPT", 2)
    found = Findings()
    found.extend(Finding(index, "entry", "rule", "It does not hold.") for index in range(5))
    report = replace(holding, findings=found)
    assert "3 more are not told here" in page(report)
    assert (report.to_json()["findings_count"], len(report.to_json()["findings"])) == (5, 2)


def test_json_has_the_whole_report(holding: Report, broken: Report) -> None:
    told = json.loads(json.dumps(holding.to_json()))
    assert (told["holds"], told["findings"]) == (True, [])
    assert told["checked"]["signatures"] == 4
    assert told["run"]["held_against_checkpoint_of"] == 3
    assert told["keys"][1]["revoked_at_index"] == 3
    assert told["ledger"]["pin_given"]
    told = json.loads(json.dumps(broken.to_json()))
    assert [(one["index"], one["rule"]) for one in told["findings"]] == [
        (2, "signature"),
        (3, "signature"),
    ]
    assert told["proves"] == []
    assert replace(broken, checkpoint=None).to_json()["checkpoint"]["tree_size"] is None


def test_a_finding_as_an_error_names_its_entry_or_what_was_looked_at() -> None:
    at_entry = Finding(7, "entry", "signature", "No.").as_error()
    assert (at_entry.field, at_entry.rule) == ("entries[7]", "signature")
    nowhere = Finding(NOWHERE, "head", "head-mismatch", "No.")
    assert (nowhere.as_error().field, nowhere.place) == ("head", "head")
    assert Finding(7, "row", "row-author", "No.").place == "row 7"
