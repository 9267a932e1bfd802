"""Signing by a command: a real program that holds a real key."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ledger.errors import SignerError
from ledger.signing.commandsigner import CommandSigner
from ledger.signing.keyfiles import write_private_key
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm

MESSAGE = b"a message\x00\nof bytes" * 1_000
WRAPPER = """\
import sys
from pathlib import Path
from ledger.signing.keyfiles import read_private_key
key = read_private_key(Path(sys.argv[1]), passphrase=None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read()))
"""


def wrapped(path: Path, key: PrivateKey) -> list[str]:
    """A command that signs with a key in a file."""
    write_private_key(path, key, passphrase=None, unencrypted=True)
    return [sys.executable, "-c", WRAPPER, str(path)]


def fault(signer: CommandSigner) -> tuple[str, str]:
    with pytest.raises(SignerError) as caught:
        signer.sign(MESSAGE)
    return caught.value.rule, caught.value.message


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_command_signs(tmp_path: Path, algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm)
    signer = CommandSigner(key.public, wrapped(tmp_path / "key.pem", key))

    signer.public.verify(signer.sign(MESSAGE), MESSAGE)


def test_a_command_with_another_key_is_found_out(tmp_path: Path) -> None:
    command = wrapped(tmp_path / "key.pem", PrivateKey.generate())

    rule, message = fault(CommandSigner(PrivateKey.generate().public, command))

    assert rule == "signer-signature"
    assert "another key" in message


@pytest.mark.parametrize(
    ("program", "rule", "said"),
    [
        pytest.param("print('c2ln')", "signer-signature", "5 bytes", id="text"),
        pytest.param("", "signer-signature", "0 bytes", id="nothing"),
        pytest.param(
            "import sys; sys.exit('the token is not in its slot')",
            "signer-command",
            "the token is not in its slot",
            id="a failure with a reason",
        ),
        pytest.param("raise SystemExit(7)", "signer-command", "7: no word", id="without one"),
    ],
)
def test_a_command_that_does_not_sign_is_told(program: str, rule: str, said: str) -> None:
    public = PrivateKey.generate().public
    found, message = fault(CommandSigner(public, [sys.executable, "-c", program]))

    assert found == rule
    assert said in message


def test_a_command_that_takes_too_long_is_ended() -> None:
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]

    rule, message = fault(CommandSigner(PrivateKey.generate().public, sleeping, timeout_s=0.5))

    assert rule == "signer-timeout"
    assert "within 0.5 s" in message


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    signer = CommandSigner(PrivateKey.generate().public, [str(tmp_path / "nowhere")])

    assert fault(signer)[0] == "signer-command"


def test_no_command_is_no_signer() -> None:
    with pytest.raises(SignerError) as caught:
        CommandSigner(PrivateKey.generate().public, [])
    assert caught.value.field == "signer_command"
