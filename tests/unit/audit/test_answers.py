"""A given answer is derived again; one that leaves out or alters anything comes out otherwise."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf import json_format

from ledger.audit.auditing import Options, audit
from ledger.audit.report import Report
from ledger.bootstrap import database_of
from ledger.client.derivation import ANSWER_BYTES_MAX, GivenAnswer
from ledger.client.pins import PIN_FILE, Pin
from ledger.domain.vocabulary import Requirement
from ledger.errors import InputError
from ledger.v1 import axes_pb2, queries_pb2
from tests import builders
from tests.simulator import Simulator
from tests.unit.store.builders import LedgerFolder, tamper

DAY = "2025-08-15"
Response = queries_pb2.GetLicenseStatusResponse


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Response, Response]:
    """A ledger's folder, an answer from it, and one with proofs at an earlier size."""
    with Simulator(tmp_path_factory.mktemp("answered")) as service:
        service.append_all([builders.coverage(), builders.item()])
        asks = builders.license_requirement("rule-1#ask")
        service.append(builders.action("rule-1", provisions=(asks,)))
        size = service.tree_size()
        first = service.ask("H20", "CN", as_of=DAY, known_at=DAY)
        service.append(builders.claim("claim-1"))
        request = queries_pb2.GetLicenseStatusRequest(
            question=first.question,
            tree_size=size,
            include_proofs=True,
            include_not_yet_known=True,
        )
        second = service.query.GetLicenseStatus(request)
        return service.directory, first, second


def audited(answered: tuple[Path, Response, Response], *given: Response) -> Report:
    """The report on the folder, with answers to derive again."""
    folder = answered[0]
    answers = [
        GivenAnswer.parse(f"answer-{place}.json", _json(response))
        for place, response in enumerate(given)
    ]
    with database_of(folder / "ledger.sqlite3") as source:
        options = Options(processes=1, answers=answers)
        return audit(source, Pin.read(folder / PIN_FILE), options)


def _json(response: Response) -> bytes:
    return json_format.MessageToJson(response, preserving_proto_field_name=True).encode()


def test_an_answer_as_it_was_given_comes_out_the_same(
    answered: tuple[Path, Response, Response],
) -> None:
    report = audited(answered, *answered[1:])
    assert list(report.findings) == []
    assert [(one.name, one.tree_size, one.holds) for one in report.answers] == [
        ("answer-0.json", 5, True),
        ("answer-1.json", 5, True),
    ]
    assert answered[1].requirement == _value("LICENSE_REQUIRED")
    assert report.answers[0].question == "H20 to CN, as of 2025-08-15, known at 2025-08-15"
    assert any("withheld" in sentence for sentence in report.proves)


def _value(name: str) -> axes_pb2.Requirement.Value.ValueType:
    return axes_pb2.Requirement.Value.Value(Requirement(name).value)


def withhold(response: Response) -> None:
    del response.considered[0]


def another_status(response: Response) -> None:
    response.requirement = _value("NO_LICENSE_REQUIRED")


def another_engine(response: Response) -> None:
    response.engine_version = "0"


def another_root(response: Response) -> None:
    response.tree_size -= 1


def another_proof(response: Response) -> None:
    for entry in response.considered:
        if entry.inclusion_proof:
            entry.inclusion_proof[0] = bytes(32)


def of_the_future(response: Response) -> None:
    response.tree_size = 500
    response.checkpoint = b""


def of_another_item(response: Response) -> None:
    response.question.item = "B200"


def invented_entry(response: Response) -> None:
    response.considered[0].index = 999


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (withhold, "answer-differs"),
        (another_status, "answer-differs"),
        (another_engine, "engine-version"),
        (another_root, "root-hash"),
        (another_proof, "inclusion-proof"),
        (of_the_future, "complete-node"),
        (of_another_item, "item-on-record"),
        (invented_entry, "complete-node"),
    ],
)
def test_an_answer_that_was_changed_does_not(
    answered: tuple[Path, Response, Response], change: Callable[[Response], None], rule: str
) -> None:
    response = Response()
    response.CopyFrom(answered[2])
    change(response)
    report = audited(answered, response)
    assert [(one.where, one.rule) for one in report.findings] == [("answer answer-0.json", rule)]
    assert [one.holds for one in report.answers] == [False]


def test_the_difference_is_named(answered: tuple[Path, Response, Response]) -> None:
    response = Response()
    response.CopyFrom(answered[1])
    another_status(response)
    (finding,) = audited(answered, response).findings
    assert "requirement comes out otherwise" in finding.message


def test_entries_that_do_not_read_derive_nothing(
    answered: tuple[Path, Response, Response], tmp_path: Path
) -> None:
    shutil.copytree(answered[0], tmp_path / "copy")
    tamper(
        LedgerFolder(tmp_path / "copy"),
        "UPDATE stored_events SET state = X'0102' WHERE originator_id = 'claims/claim-1'",
    )
    response = Response()
    response.CopyFrom(answered[1])
    response.tree_size = 6
    report = audited((tmp_path / "copy", *answered[1:]), response)
    assert "stored-entry" in {one.rule for one in report.findings}


def test_a_file_that_holds_no_answer_is_refused(
    answered: tuple[Path, Response, Response],
) -> None:
    undated = Response()
    undated.CopyFrom(answered[1])
    undated.question.as_of = ""
    for content in (b"{", b'{"strange": 1}', b"\xff", bytes(ANSWER_BYTES_MAX + 1), _json(undated)):
        with pytest.raises(InputError) as refused:
            GivenAnswer.parse("a.json", content)
        assert refused.value.rule == "answer-form"
