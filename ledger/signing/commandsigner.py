"""Signing by a command: a wrapper around a hardware module or a key service, whatever it is.

The protocol is as small as it can be. The command gets the message on stdin, to its end: the bytes
that are signed, unhashed, for an envelope its DSSE PAE. It writes the raw signature to stdout and
nothing else, 64 bytes of Ed25519 or the DER of ECDSA P-256 with SHA-256, and exits with 0. What it
says on stderr is repeated where it fails.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final, final

from ledger.errors import SignatureError, SignerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.signing.publickeys import PublicKey

TIMEOUT_S: Final = 60.0
"""How long a command may take: somebody may have to touch a device."""

_SAID_SIGNS_MAX: Final = 200


@final
class CommandSigner:
    """A private key behind a command; its signatures are verified before anybody sees them.

    Args:
        public: The public half.
        command: The program and its arguments; no shell is involved.
        timeout_s: Seconds that it may take.

    Raises:
        SignerError: There is no command.
    """

    def __init__(
        self, public: PublicKey, command: Sequence[str], *, timeout_s: float = TIMEOUT_S
    ) -> None:
        if not command:
            raise SignerError(
                "A signing command is a program and its arguments.",
                field="signer_command",
                rule="signer-command",
            )
        self._public = public
        self._command = tuple(command)
        self._timeout_s = timeout_s

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Have the command sign a message.

        Raises:
            SignerError: It cannot be run, fails, takes too long, or what it writes is not a
                signature of this key.
        """
        try:
            done = subprocess.run(  # noqa: S603 - running what the user names is the purpose
                self._command,
                input=message,
                capture_output=True,
                check=False,
                timeout=self._timeout_s,
            )
        except subprocess.TimeoutExpired as error:
            raise self._failed(f"did not sign within {self._timeout_s:g} s", "timeout") from error
        except OSError as error:
            raise self._failed(f"cannot be run ({error.strerror})", "command") from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()[:_SAID_SIGNS_MAX]
            raise self._failed(f"ended with {done.returncode}: {said or 'no word'}", "command")
        return checked(self._public, done.stdout, message, f"The command {self._command[0]}")

    def _failed(self, fault: str, rule: str) -> SignerError:
        return SignerError(
            f"The signing command {self._command[0]} {fault}.",
            field="signer_command",
            rule=f"signer-{rule}",
        )


def checked(public: PublicKey, signature: bytes, message: bytes, who: str) -> bytes:
    """Return a signature that somebody else made, once it is seen to be one of this key.

    Raises:
        SignerError: It is not.
    """
    try:
        public.verify(signature, message)
    except SignatureError as error:
        raise SignerError(
            f"{who} made {len(signature)} bytes that are not a signature by the key "
            f"{public.keyid}: another key, or not the raw form.",
            field="signer",
            rule="signer-signature",
        ) from error
    return signature
