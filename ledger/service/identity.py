"""Who calls: a client certificate or a bearer token, and the access that a file gives its holder.

The file has one identity a line, ``access name proof``: access is reader, submitter or operator,
and proof is ``token:<hex SHA-256 of the token>`` or ``certificate:<a name in it>``, a subject
alternative name or else the common name. Tokens stand there only by their digests, so the file
lets nobody in; a token should be 32 random bytes or more, since a digest keeps no weak secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from ledger.errors import SettingError

_LINE = re.compile(
    r"(reader|submitter|operator)\s+([a-z0-9][a-z0-9._@-]{0,63})\s+"
    r"(token:[0-9a-f]{64}|certificate:\S+)"
)
_FIELD: Final = "LEDGER_TOKENS_FILE"
_RULE: Final = "identities"
_NAMES_IN_CERTIFICATE: Final = ("x509_subject_alternative_name", "x509_common_name")


class Access(IntEnum):
    """What a caller may do; each includes those before it."""

    NONE = 0
    READER = 1
    SUBMITTER = 2
    OPERATOR = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever calls, by the name that logs and limits know."""

    name: str
    access: Access


ANONYMOUS: Final = Caller("", Access.NONE)
"""A caller that showed nothing; it may ask for the server's health and no more."""

LOCAL: Final = Caller("local", Access.SUBMITTER)
"""Everybody, where the server listens on loopback without identities."""


@dataclass(frozen=True, slots=True)
class Identities:
    """The callers that a file lists, each by its proof as it stands there."""

    callers: Mapping[str, Caller]

    @classmethod
    def parse(cls, text: str) -> Identities:
        """Read the lines of an identity file; empty ones and those after ``#`` say nothing.

        Raises:
            SettingError: A line is not of the form above, or a proof stands there twice.
        """
        callers: dict[str, Caller] = {}
        for number, line in enumerate(text.splitlines(), start=1):
            stripped = line.strip()
            if not stripped or stripped.startswith("#"):
                continue
            proof, caller = _parse_line(stripped, number)
            if proof in callers:
                raise _malformed(number, "its proof stands on an earlier line already")
            callers[proof] = caller
        return cls(callers)

    @classmethod
    def read(cls, path: Path) -> Identities:
        """Read an identity file.

        Raises:
            SettingError: It cannot be read, or is not one.
        """
        try:
            return cls.parse(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(
                f"The file of identities {path} cannot be read.", field=_FIELD, rule=_RULE
            ) from error

    def identify(
        self, authorization: str | None, certificate: Mapping[str, Iterable[bytes]]
    ) -> Caller | None:
        """Find out who shows this; a token, where there is one, decides alone.

        Args:
            authorization: The call's ``authorization`` metadata.
            certificate: The properties of a certificate that the TLS layer has verified.

        Returns:
            The caller; ``ANONYMOUS`` if nothing is shown, None if what is shown is not known.
        """
        if authorization is not None:
            scheme, _, token = authorization.partition(" ")
            digest = sha256(token.strip().encode("utf-8", "replace")).hexdigest()
            return self.callers.get(f"token:{digest}") if scheme.lower() == "bearer" else None
        names = [
            name.decode("utf-8", "replace")
            for kind in _NAMES_IN_CERTIFICATE
            for name in certificate.get(kind, ())
        ]
        known = [caller for name in names if (caller := self.callers.get(f"certificate:{name}"))]
        return next(iter(known), None) if names else ANONYMOUS


def _parse_line(line: str, number: int) -> tuple[str, Caller]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise _malformed(
            number, "it is not access, name, and token:<SHA-256 in hex> or certificate:<name>"
        )
    access, name, proof = match.groups()
    return proof, Caller(name, Access[access.upper()])


def _malformed(number: int, fault: str) -> SettingError:
    return SettingError(
        f"Line {number} of the file of identities does not do: {fault}.", field=_FIELD, rule=_RULE
    )
