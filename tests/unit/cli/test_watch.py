"""``watch``: one line for the answer, one for each change."""

from __future__ import annotations

import json

from ledger.cli.watch import line_of
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb
from tests.unit.cli.conftest import Command

Where = tuple[str, ...]
ASKED = ("H2O", "CN", "--as-of", "2025-07-20", "--known-at", "2025-07-29", "--exporter", "NVIDIA")


def change(*causes: str) -> pb.WatchLicenseStatusResponse:
    after = pb.GetLicenseStatusResponse(
        question=pb.Question(item="H20", destination="CN", as_of="2025-08-15"),
        requirement=axes_pb2.Requirement.LICENSE_REQUIRED,
        authorization=axes_pb2.Authorization.GRANTED_SCOPED,
        tree_size=271,
    )
    before = pb.LicenseStatusCell(
        requirement=axes_pb2.Requirement.LICENSE_REQUIRED,
        authorization=axes_pb2.Authorization.ASSURED_NOT_ISSUED,
    )
    changed = pb.LicenseStatusChanged(
        before=before, after=after, axes=["authorization"], causes=causes
    )
    return pb.WatchLicenseStatusResponse(changed=changed)


def test_once_prints_the_answer_as_it_is(regledger: Command, served_h20: Where) -> None:
    result = regledger("watch", *ASKED, "--once", *served_h20)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("[270] 2025-07-20  H20 to CN: LICENSE_REQUIRED, ")
    assert result.out.count("\n") == 1


def test_json_lines_tell_whole_answers(regledger: Command, served_h20: Where) -> None:
    line = regledger("watch", *ASKED, "--once", "-o", "jsonl", *served_h20).out
    answer = regledger("watch", *ASKED, "--once", "-o", "json", *served_h20).json()
    assert json.loads(line) == answer
    assert answer["initial"]["authorization"] == "ASSURED_NOT_ISSUED"


def test_a_change_names_its_axes_and_causes() -> None:
    assert line_of(change("grant-1", "rule-1")) == (
        "[271] 2025-08-15  H20 to CN: authorization ASSURED_NOT_ISSUED -> GRANTED_SCOPED; "
        "through grant-1, rule-1"
    )


def test_a_change_without_causes_names_none() -> None:
    assert line_of(change()).endswith("-> GRANTED_SCOPED")


def test_once_and_a_number_of_changes_exclude_each_other(
    regledger: Command, served_h20: Where
) -> None:
    assert regledger("watch", *ASKED, "--once", "--until-changes", "2", *served_h20).code == 2
