"""The administrators of a founding: keys made here, brought along, or public halves alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.cli.keys import open_key
from ledger.client.signer import Author
from ledger.domain.authorship import Administrator
from ledger.errors import InputError, KeyFileError, SettingError
from ledger.signing.keyfiles import read_public_key
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import PublicKey

ADMINISTRATOR: Final = "administrator"


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the administrators.

    Attributes:
        name: The author id.
        public: The public key.
        signer: The private half, if it is here.
        is_new: Whether the key was made for the founding and is still to be stored.
    """

    name: str
    public: PublicKey
    signer: PrivateKey | None
    is_new: bool = False

    @classmethod
    def with_new_key(cls, name: str) -> Founder:
        """An administrator for whom a key is made."""
        key = PrivateKey.generate()
        return cls(name, key.public, key, is_new=True)

    @property
    def administrator(self) -> Administrator:
        """The administrator as the founding names it."""
        return Administrator(author=self.name, spki_der=self.public.spki_der)


def read_founders(given: Sequence[str]) -> tuple[Founder, ...]:
    """Read ``NAME``, for whom a key is made, or ``NAME=FILE`` with a private or public key file.

    Raises:
        KeyFileError: A file is neither.
    """
    return tuple(map(_founder, given or (ADMINISTRATOR,)))


def check_threshold(founders: Sequence[Founder], threshold: int | None) -> int:
    """How many sign together, which has to be said where there are several.

    Raises:
        SettingError: It is not said, or fewer private keys are here than must sign the founding.
    """
    if threshold is None and len(founders) > 1:
        raise SettingError(
            f"How many of the {len(founders)} administrators sign together? --threshold K.",
            field="threshold",
            rule="threshold-said",
        )
    wanted = 1 if threshold is None else threshold
    here = sum(founder.signer is not None for founder in founders)
    if here < wanted:
        raise SettingError(
            f"{wanted} administrators sign the founding, and the private keys of {here} are here.",
            field="administrator",
            rule="threshold-signs",
        )
    return wanted


def signing(founders: Sequence[Founder]) -> list[Author]:
    """Those who can sign here."""
    return [
        Author(founder.name, founder.signer) for founder in founders if founder.signer is not None
    ]


def _founder(given: str) -> Founder:
    name, equals, file = given.partition("=")
    if not equals:
        return Founder.with_new_key(name)
    path = Path(file)
    try:
        return Founder(name, read_public_key(path), None)
    except KeyFileError as no_public_key:
        try:
            key = open_key(path)
        except InputError as error:
            raise error from no_public_key
    return Founder(name, key.public, key)
