"""What stands where a ledger is written to, in a process that only reads.

A replica has no log key and signs nothing; it shows the notes that were signed elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from ledger.errors import RefusedError
from ledger.store.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.store.intake import Done
    from ledger.store.vault import Document


class ReadOnly:
    """The way in, and it is closed."""

    def submit(self, envelopes: Sequence[bytes], done: Done) -> NoReturn:  # noqa: ARG002 - as an appender is asked
        """Refuse to append.

        Raises:
            RefusedError: Always.
        """
        raise _refusal()

    def append(self, envelope: bytes) -> NoReturn:  # noqa: ARG002 - as an appender is asked
        """Refuse to append.

        Raises:
            RefusedError: Always.
        """
        raise _refusal()

    def validate(self, envelopes: Sequence[bytes]) -> NoReturn:  # noqa: ARG002 - as a validator is asked
        """Refuse to say what an append would come to: here it would come to nothing.

        Raises:
            RefusedError: Always.
        """
        raise _refusal()


class ReadOnlyVault(Vault):
    """Documents that lie in a replica's folder, and no further ones."""

    def destroy(self, commitment: bytes) -> None:
        """Destroy a copy, if there is one: nobody puts one here meanwhile, so nothing is locked.

        Raises:
            StoreError: The key cannot be overwritten or removed.
        """
        if self.has_traces(commitment):
            super().destroy(commitment)

    def put(self, document: Document, *, check: Callable[[], None]) -> NoReturn:  # noqa: ARG002 - as a vault is asked
        """Refuse to store a document.

        Raises:
            RefusedError: Always.
        """
        raise _refusal()


def _refusal() -> RefusedError:
    return RefusedError(
        "This server only reads: send what is to be recorded to one that writes.",
        rule="read-only",
    )
