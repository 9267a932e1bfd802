"""Keys at the command line: rotated, delegated, revoked, recovered, by one or by k of n."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from ledger.client.pins import PIN_FILE, Pin
from ledger.logkeyfiles import NEXT_LOG_KEY_FILE
from ledger.signing.keyfiles import public_path, read_public_key
from tests.unit.cli.conftest import Command
from tests.unit.client.served import row
from tests.unit.signing.test_commandsigner import WRAPPER

COMPANY = ("--role", "company", "--party", "NVIDIA")
BY_ADA = ("--administrator", "ada", "--admin-key", "ada.pem")


def keygen(regledger: Command, name: str, *more: str | Path) -> str:
    """Make a key in ``<name>.pem``; gives its keyid."""
    made = regledger("keygen", f"{name}.pem", "--no-passphrase", *more)
    assert made.code == 0, made.err
    return made.out.strip()


@pytest.fixture
def shared(regledger: Command, tmp_path: Path) -> Path:
    """A ledger of three administrators, two of whom sign together; cyd's key is elsewhere."""
    for name in ("ada", "bo", "cyd"):
        keygen(regledger, name)
    who = ("ada=ada.pem", "bo=bo.pem", "cyd=cyd.pem.pub")
    named = [option for each in who for option in ("--administrator", each)]
    made = regledger("init", "shared", *named, "--threshold", "2", "--no-passphrase")
    assert made.code == 0, made.err
    return tmp_path / "shared"


@pytest.fixture
def company(regledger: Command, empty: Path) -> Path:
    """A ledger with one administrator and the company nvidia, whose key is ``nvidia.pem``."""
    keygen(regledger, "nvidia", "--author", "nvidia")
    assert regledger("enroll", "nvidia.pem.enroll.json", *COMPANY).code == 0
    return empty


def append_order(regledger: Command, fact_id: str, *signer: str) -> Any:
    """Sign and append an order of nvidia's."""
    Path("order.jsonl").write_text(json.dumps(row(fact_id)), encoding="utf-8")
    envelope = f"{fact_id}-{len(list(Path().iterdir()))}.envelope"
    signed = regledger("sign", "order.jsonl", "--author", "nvidia", *signer, "--out", envelope)
    return regledger("append", envelope) if signed.code == 0 else signed


def test_two_of_three_administrators_enroll_on_machines_of_their_own(
    regledger: Command, shared: Path
) -> None:
    assert not (shared / "keys" / "ada.pem").exists()
    keygen(regledger, "nvidia", "--author", "nvidia")
    request = "nvidia.pem.enroll.json"

    alone = regledger("enroll", request, *COMPANY, *BY_ADA)
    assert "administrators-threshold" in alone.err
    assert regledger("enroll", request, *COMPANY, *BY_ADA, "--out", "one.envelope").code == 0
    assert "administrators-threshold" in regledger("append", "one.envelope").err
    twice = regledger("sign", "--add-to", "one.envelope", "--key", "ada.pem", "--out", "x.envelope")
    assert "signature-twice" in twice.err
    added = regledger(
        "sign", "--add-to", "one.envelope", "--key", "cyd.pem", "--out", "two.envelope"
    )
    assert "nvidia is enrolled as company for NVIDIA" in added.err

    assert regledger("append", "two.envelope").code == 0
    assert append_order(regledger, "co-1", "--key", "nvidia.pem").code == 0


def test_two_of_three_revoke_and_recover(regledger: Command, shared: Path) -> None:
    both = (*BY_ADA, "--admin-key", "bo.pem")
    done = regledger("revoke", "registrar", "--reason", "Lost.", *both)
    assert done.code == 0
    assert "a key of registrar is revoked: Lost.\n" in done.err
    keygen(regledger, "again", "--author", "registrar")
    role = ("--role", "registrar", "--party", "registrar")
    recovery = ("enroll", "again.pem.enroll.json", *role, *BY_ADA, "--expected-version", "2")
    assert regledger(*recovery, "--out", "one.envelope").code == 0
    regledger("sign", "--add-to", "one.envelope", "--key", "cyd.pem", "--out", "two.envelope")
    assert regledger("append", "two.envelope").code == 0

    history = regledger("author", "registrar", "-o", "json").json()
    assert [key["revoked_at_index"] for key in history["keys"]] == [2, None]
    assert [entry["index"] for entry in history["entries"]] == [1, 2, 3]
    assert (shared / "keys" / "registrar.pem").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--administrator", "ada", "--administrator", "bo"), "--threshold K"),
        (("--administrator", "ada=ada.pem.pub"), "private keys of 0 are here"),
        (("--administrator", "ada=nowhere.pem"), "nowhere.pem"),
        (("--administrator", "ada", "--threshold", "2"), "private keys of 1 are here"),
        (("--administrator", "Ada!"), "author"),
    ],
)
def test_a_founding_that_could_not_sign_is_refused(
    regledger: Command, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    keygen(regledger, "ada")

    refused = regledger("init", "new", *options, "--no-passphrase")

    assert refused.code in {1, 2}
    assert said in refused.err
    assert not (tmp_path / "new").exists()


def test_an_author_rotates_its_key(regledger: Command, company: Path) -> None:
    assert company.exists()
    new = keygen(regledger, "new")
    options = ("--author", "nvidia", "--key", "nvidia.pem", "--not-after", "2999-01-01")
    rotated = regledger("rotate", "new.pem", *options, "-o", "json")
    assert rotated.json()["appended"][0]["version"] == 2

    assert "key-revoked" in append_order(regledger, "co-1", "--key", "nvidia.pem").err
    assert append_order(regledger, "co-1", "--key", "new.pem").code == 0
    shown = regledger("author", "nvidia")
    assert new in shown.out
    assert "2999-01-01" in shown.out
    assert "nvidia replaces its key" in shown.out


def test_a_delegates_key_signs_within_its_limits_and_is_named(
    regledger: Command, company: Path
) -> None:
    feed = keygen(regledger, "feed", "--delegate-of", "nvidia")
    limits = ("--kind", "company_order", "--stream", "orders", "--until", "2999-01-01")
    request = "feed.pem.delegate.json"
    done = regledger("delegate", request, *limits, "--key", "nvidia.pem")
    assert done.code == 0, done.err
    assert append_order(regledger, "co-1", "--key", "feed.pem").code == 0

    shown = regledger("show", "co-1", "-o", "json").json()["facts"][0]["provenance"]
    assert (shown["author"], shown["attribution"]) == ("nvidia", "FIRST_PARTY")
    assert shown["delegate_keyid"] == feed
    answer = regledger("author", "nvidia", "--receipts", "receipts")
    assert "delegated by" in answer.out
    assert len(list(Path("receipts").iterdir())) == 2

    own = ("--reason", "Done.", "--own", "--key", "nvidia.pem")
    assert regledger("revoke", "nvidia", feed[:12], *own).code == 0
    assert "key-revoked" in append_order(regledger, "co-2", "--key", "feed.pem").err
    assert regledger("verify", "--ledger", company).code == 0


def test_a_request_for_another_ledger_or_purpose_is_refused(
    regledger: Command, company: Path
) -> None:
    keygen(regledger, "feed", "--delegate-of", "nvidia", "--ledger-id", "00" * 32)
    limits = ("--kind", "company_order", "--stream", "orders", "--until", "2999-01-01")
    stray = regledger("delegate", "feed.pem.delegate.json", *limits, "--key", "nvidia.pem")
    assert "other-ledger" in stray.err
    wrong = regledger("delegate", "nvidia.pem.enroll.json", *limits, "--key", "nvidia.pem")
    assert "possession" in wrong.err
    both = regledger("keygen", "x.pem", "--author", "a1", "--delegate-of", "b1")
    assert both.code == 2
    assert company.exists()


def test_limits_that_are_none_are_refused_by_their_field(regledger: Command, company: Path) -> None:
    keygen(regledger, "feed", "--delegate-of", "nvidia", "--ledger", company)
    everywhere = ("--kind", "claim", "--stream", "authors", "--until", "2999-01-01")
    refused = regledger("delegate", "feed.pem.delegate.json", *everywhere, "--key", "nvidia.pem")
    assert refused.code == 1
    assert "streams[0]" in refused.err


def test_a_key_that_is_not_there_or_not_the_only_one_is_told(
    regledger: Command, company: Path
) -> None:
    assert "0 keys" in regledger("revoke", "nvidia", "ffff", "--reason", "x").err
    keygen(regledger, "second", "--author", "nvidia", "--ledger", company)
    assert regledger("enroll", "second.pem.enroll.json", *COMPANY).code == 0
    assert "2 keys of its own" in regledger("revoke", "nvidia", "--reason", "x").err
    assert regledger("author", "nobody").code == 1


def test_the_logs_key_changes_in_two_steps(regledger: Command, empty: Path) -> None:
    pin = empty / PIN_FILE
    shutil.copy(pin, "old.json")
    early = regledger("rotate-log-key", "--retire")
    assert "retires-the-old-log-key" in early.err
    done = regledger("rotate-log-key")
    assert done.code == 0, done.err
    assert len(Pin.read(pin).log_keys) == 2
    again = regledger("rotate-log-key")
    assert "log-key-rotation-under-way" in again.err

    assert regledger("rotate-log-key", "--retire").code == 0
    assert not (empty / NEXT_LOG_KEY_FILE).exists()
    assert [key.until_size for key in Pin.read(pin).log_keys] == [3, None]
    assert regledger("verify", "--pin", "old.json").code == 0
    assert regledger("audit", "--pin", "old.json").code == 0
    assert regledger("fsck").code == 0
    assert regledger("export", "log.bundle").code == 0
    assert regledger("audit", "log.bundle", "--pin", "old.json").code == 0


def test_who_learned_the_logs_new_key_verifies_offline_by_the_old_pin(
    regledger: Command, empty: Path
) -> None:
    shutil.copy(empty / PIN_FILE, "old.json")
    for step in ((), ("--retire",)):
        assert regledger("rotate-log-key", *step).code == 0
    assert regledger("author", "administrator", "--receipts", "early").code == 0
    keygen(regledger, "late", "--author", "late")
    assert regledger("enroll", "late.pem.enroll.json", *COMPANY).code == 0
    assert regledger("author", "late", "--receipts", "late").code == 0
    (late,) = Path("late").iterdir()
    offline = ("verify", "--offline", "--pin", "old.json", late)
    assert regledger(*offline).code == 3

    assert regledger("verify", "--pin", "old.json").code == 0
    assert regledger(*offline).code == 0
    (early,) = Path("early").iterdir()
    assert regledger("verify", "--offline", "--pin", "old.json", early).code == 0


def test_the_change_of_the_logs_key_is_signed_by_as_many_as_the_founding_asks(
    regledger: Command, shared: Path
) -> None:
    assert regledger("rotate-log-key", *BY_ADA, "--out", "one.envelope").code == 0
    regledger("sign", "--add-to", "one.envelope", "--key", "cyd.pem", "--out", "two.envelope")
    assert regledger("append", "two.envelope").code == 0

    retired = regledger("rotate-log-key", "--retire", *BY_ADA, "--admin-key", "bo.pem")
    assert retired.code == 0, retired.err
    assert len(Pin.read(shared / PIN_FILE).log_keys) == 2


def test_the_logs_key_changes_where_it_lies(regledger: Command) -> None:
    away = regledger("rotate-log-key", "--server", "127.0.0.1:1")
    assert away.code == 2
    assert "--ledger DIR" in away.err


def test_a_command_or_a_key_service_signs(regledger: Command, company: Path) -> None:
    assert company.exists()
    Path("wrapper.py").write_text(WRAPPER, encoding="utf-8")
    public = ("--public-key", "nvidia.pem.pub")
    command = ("--signer-command", f"{sys.executable} wrapper.py nvidia.pem", *public)
    assert append_order(regledger, "co-1", *command).code == 0
    assert append_order(regledger, "co-2", "--signer", "file2:nvidia.pem", *public).code == 0

    key = read_public_key(public_path(Path("nvidia.pem"))).keyid
    shown = regledger("author", "nvidia", "-o", "json").json()
    assert [each["keyid"] for each in shown["keys"]] == [key]


@pytest.mark.parametrize(
    ("signer", "rule", "code"),
    [
        (("--signer-command", "true"), "signer-public-key", 2),
        (("--signer-command", "'", "--public-key", "nvidia.pem.pub"), "signer-command", 2),
        (("--signer-command", "true", "--public-key", "nvidia.pem.pub"), "signer-signature", 1),
        (("--key", "nvidia.pem", "--signer", "file2:x"), "signer-named-twice", 2),
    ],
)
def test_a_signer_that_does_not_do_is_told(
    regledger: Command, company: Path, signer: tuple[str, ...], rule: str, code: int
) -> None:
    assert company.exists()
    refused = append_order(regledger, "co-1", *signer)

    assert refused.code == code
    assert rule in refused.err
