from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from ledger.errors import InputError, RefusedError, VerificationError
from ledger.signing.timestamps import (
    TOKEN_BYTES_MAX,
    Query,
    check_reply,
    parse_roots,
    query,
    verify_timestamp,
)
from tests.authority import POLICY, TimeAuthority

NOTE = b"ledger.example/simulated\n2\nAAAA\n"
# TimeStampResp with PKIStatusInfo {rejection, "no"} and no token.
REJECTION = bytes.fromhex("300b3009020102300 40c026e6f".replace(" ", ""))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    return TimeAuthority(tmp_path_factory.mktemp("timestamps") / "authority")


@pytest.fixture(scope="module")
def asked() -> Query:
    return query(NOTE)


@pytest.fixture(scope="module")
def token(authority: TimeAuthority, asked: Query) -> bytes:
    return authority.reply(asked.data)


def rule_of(token: bytes, authority: TimeAuthority, content: bytes = NOTE) -> str:
    with pytest.raises(VerificationError) as found:
        verify_timestamp(token, content, parse_roots(authority.roots))
    return found.value.rule


def test_a_token_holds_by_the_root_alone_and_says_when(
    authority: TimeAuthority, asked: Query, token: bytes
) -> None:
    check_reply(token, asked)

    stamp = verify_timestamp(token, NOTE, parse_roots(authority.roots))

    assert abs(stamp.time - datetime.now(UTC)) < timedelta(hours=1)
    assert (stamp.accuracy, stamp.policy) == (timedelta(seconds=1), POLICY)
    assert (stamp.authority, stamp.serial) == ("CN=signer", 2)


def test_an_authority_need_not_say_how_good_its_clock_is(tmp_path: Path, asked: Query) -> None:
    vague = TimeAuthority(tmp_path / "vague", accuracy="")

    assert (
        verify_timestamp(vague.reply(asked.data), NOTE, parse_roots(vague.roots)).accuracy is None
    )


def test_fractions_of_a_second_are_not_lost(tmp_path: Path, asked: Query) -> None:
    """Somewhere in a second, as openssl tells of the same token; it leaves out zeros at the end."""
    fine = TimeAuthority(tmp_path / "fine", accuracy="clock_precision_digits = 6")
    token = fine.reply(asked.data)

    stamp = verify_timestamp(token, NOTE, parse_roots(fine.roots))

    said = fine.openssl("-reply", "-in", "reply", "-text").stdout
    (told,) = re.findall(r"Time stamp: .*:\d\d(?:\.(\d+))? ", said)
    assert stamp.time.microsecond == int(told.ljust(6, "0"))


def test_openssl_reads_the_same_token(authority: TimeAuthority, token: bytes) -> None:
    (authority.folder / "token").write_bytes(token)
    (authority.folder / "note").write_bytes(NOTE)

    verified = authority.openssl("-verify", "-in", "token", "-data", "note", "-CAfile", "root.pem")

    assert "Verification: OK" in verified.stdout


def test_a_token_over_other_bytes_does_not_hold(authority: TimeAuthority, token: bytes) -> None:
    assert rule_of(token, authority, NOTE + b"\n") == "timestamp-imprint"


def test_another_root_does_not_vouch_for_it(tmp_path: Path, token: bytes) -> None:
    assert rule_of(token, TimeAuthority(tmp_path / "other")) == "timestamp-signature"


def test_a_certificate_for_something_else_stamps_nothing(tmp_path: Path, asked: Query) -> None:
    signer = TimeAuthority(tmp_path / "web")
    token = signer.reply(asked.data)
    server = TimeAuthority(tmp_path / "server", usage=ExtendedKeyUsageOID.SERVER_AUTH)
    refused = server.openssl("-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "r")

    # Openssl's own authority will not even sign with it; the chain of another one is no help.
    assert refused.returncode != 0
    assert rule_of(token, server) == "timestamp-signature"


def test_a_signer_that_was_not_valid_then_stamps_nothing(tmp_path: Path, asked: Query) -> None:
    early = (timedelta(days=-8), timedelta(days=-7))
    expired = TimeAuthority(tmp_path / "expired", valid=early)

    assert rule_of(expired.reply(asked.data), expired) == "timestamp-signature"


def flips(data: bytes, places: Sequence[int]) -> list[bytes]:
    return [data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :] for at in places]


def test_a_garbled_reply_never_fails_in_a_way_of_its_own(
    authority: TimeAuthority, asked: Query, token: bytes
) -> None:
    roots = parse_roots(authority.roots)
    cut = [token[:at] + token[at + 5 :] for at in range(0, len(token), 9)]
    for garbled in (*flips(token, range(0, 300, 2)), *cut):
        with suppress(VerificationError, RefusedError):
            check_reply(garbled, asked)
        with suppress(VerificationError):
            verify_timestamp(garbled, NOTE, roots)


def test_a_changed_token_holds_only_where_no_signature_covers_it(
    authority: TimeAuthority, token: bytes
) -> None:
    """What may change is version and algorithm of the wrapping, which verifiers do not read."""
    roots = parse_roots(authority.roots)
    held = 0
    for changed in flips(token, range(0, len(token), 3)):
        try:
            stamp = verify_timestamp(changed, NOTE, roots)
        except VerificationError:
            continue
        held += 1
        assert stamp == verify_timestamp(token, NOTE, roots)
    assert held <= 8


def test_the_reply_to_another_question_is_found_out(token: bytes) -> None:
    with pytest.raises(VerificationError) as found:
        check_reply(token, query(NOTE))

    assert found.value.rule == "timestamp-nonce"


def test_the_authority_s_refusal_is_told(asked: Query) -> None:
    with pytest.raises(RefusedError, match="refuses: no"):
        check_reply(REJECTION, asked)


def test_a_refusal_is_no_token(authority: TimeAuthority) -> None:
    assert rule_of(REJECTION, authority) == "timestamp-status"


@pytest.mark.parametrize("data", [b"", b"<html>", bytes(TOKEN_BYTES_MAX + 1)])
def test_what_is_no_token_is_refused(authority: TimeAuthority, data: bytes) -> None:
    assert rule_of(data, authority) == "timestamp-form"


def test_without_roots_nothing_holds(token: bytes) -> None:
    with pytest.raises(InputError):
        verify_timestamp(token, NOTE, [])
    with pytest.raises(InputError):
        parse_roots(b"no certificates")
