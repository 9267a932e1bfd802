from __future__ import annotations

import json

import pytest

from ledger.client.attachmentfiles import attachments_from_file, attachments_to_file
from ledger.client.attachments import attach
from ledger.errors import InputError

LETTER = attach(b"Dear Secretary", "text/plain")
MEMBER = {"media_type": "text/plain", "salt": "A" * 43 + "=", "content": "RGVhcg=="}


def test_documents_and_salts_travel_in_one_file() -> None:
    attachments = [LETTER, attach(bytes(range(256)), "application/octet-stream")]

    assert attachments_from_file(attachments_to_file(attachments)) == attachments


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], ""),
        ({}, ""),
        ({"attachments": {}}, ""),
        ({"attachments": [MEMBER, "letter"]}, "attachments[1]"),
        ({"attachments": [{"salt": "", "content": ""}]}, "attachments[0]"),
        ({"attachments": [MEMBER | {"commitment": ""}]}, "attachments[0]"),
        ({"attachments": [MEMBER | {"content": "RGVh cg=="}]}, "attachments[0]"),
        ({"attachments": [MEMBER | {"content": 5}]}, "attachments[0]"),
        ({"attachments": [MEMBER | {"media_type": "text"}]}, "attachments[0]"),
    ],
)
def test_what_is_no_such_file_is_refused_by_its_place(body: object, field: str) -> None:
    with pytest.raises(InputError) as refused:
        attachments_from_file(json.dumps(body).encode())

    assert (refused.value.rule, refused.value.field) == ("attachments-file", field)


def test_neither_other_formats_nor_salts_of_other_lengths_are_taken() -> None:
    with pytest.raises(InputError, match="not JSON"):
        attachments_from_file(b"\xff")
    with pytest.raises(InputError, match="32 bytes"):
        attachments_from_file(json.dumps({"attachments": [MEMBER | {"salt": ""}]}).encode())
