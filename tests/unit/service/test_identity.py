from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from ledger.errors import SettingError
from ledger.service.identity import ANONYMOUS, Access, Caller, Identities

TOKEN = "thirty-two-random-bytes"  # noqa: S105 - it opens nothing
DIGEST = sha256(TOKEN.encode()).hexdigest()
FILE = f"""
# who may do what
reader     dashboard   token:{DIGEST}

submitter  importer    certificate:importer.ledger.example
operator   ops@example certificate:spiffe://ledger.example/ops
"""


def identities() -> Identities:
    return Identities.parse(FILE)


def test_a_token_gives_its_holder_the_access_of_its_line() -> None:
    caller = identities().identify(f"Bearer {TOKEN}", {})

    assert caller == Caller("dashboard", Access.READER)


def test_the_scheme_is_read_without_regard_to_case() -> None:
    assert identities().identify(f"bearer {TOKEN}", {}) is not None


@pytest.mark.parametrize(
    "authorization", ["Bearer wrong", "Bearer ", "", TOKEN, f"Basic {TOKEN}", f"Bearer {DIGEST}"]
)
def test_a_token_that_is_not_listed_is_nobody(authorization: str) -> None:
    assert identities().identify(authorization, {}) is None


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("x509_common_name", "importer.ledger.example", "importer"),
        ("x509_subject_alternative_name", "spiffe://ledger.example/ops", "ops@example"),
    ],
)
def test_a_certificate_is_known_by_a_name_in_it(kind: str, name: str, expected: str) -> None:
    caller = identities().identify(None, {kind: [b"other.example", name.encode()]})

    assert caller is not None
    assert caller.name == expected


def test_a_certificate_that_is_not_listed_is_nobody() -> None:
    assert identities().identify(None, {"x509_common_name": [b"stranger.example"]}) is None


def test_a_wrong_token_is_not_made_good_by_a_certificate() -> None:
    certificate = {"x509_common_name": [b"importer.ledger.example"]}

    assert identities().identify("Bearer wrong", certificate) is None


def test_showing_nothing_is_anonymous() -> None:
    assert identities().identify(None, {"transport_security_type": [b"ssl"]}) is ANONYMOUS


@pytest.mark.parametrize(
    "line",
    [
        "reader dashboard",
        f"none dashboard token:{DIGEST}",
        f"READER dashboard token:{DIGEST}",
        f"reader dashboard token:{TOKEN}",
        f"reader dashboard token:{DIGEST.upper()}",
        f"reader Dashboard token:{DIGEST}",
        "reader dashboard certificate:",
    ],
)
def test_a_line_of_another_form_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(SettingError) as caught:
        Identities.parse(f"# first\n{line}\n")

    assert caught.value.field == "LEDGER_TOKENS_FILE"
    assert caught.value.message.startswith("Line 2 ")
    assert TOKEN not in caught.value.message


def test_one_proof_cannot_stand_for_two_callers() -> None:
    with pytest.raises(SettingError, match="an earlier line"):
        Identities.parse(f"reader one token:{DIGEST}\noperator two token:{DIGEST}")


def test_the_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "identities"
    path.write_text(FILE)

    assert Identities.read(path) == identities()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "identities"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SettingError, match="cannot be read"):
        Identities.read(path)
