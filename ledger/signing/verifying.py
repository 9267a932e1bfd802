"""All the signatures on one message: every one must hold, each by a different key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.domain.statement import SIGNATURES_MAX
from ledger.errors import SignatureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.signing.publickeys import PublicKey


def verify_all(message: bytes, signatures: Sequence[tuple[PublicKey, bytes]]) -> None:
    """Check every signature on a message; there is no threshold short of all.

    A signature that is carried but not verified would be read as an endorsement by whoever looks
    at the record later.

    Args:
        message: The bytes signed, for an envelope its PAE.
        signatures: 1 to 64 pairs of key and signature, each by a different key.

    Raises:
        SignatureError: None or too many, a key twice, or a signature that does not verify: the
            message names its keyid, ``field`` its place.
    """
    if not 1 <= len(signatures) <= SIGNATURES_MAX:
        raise SignatureError(
            f"A statement has 1 to {SIGNATURES_MAX} signatures, not {len(signatures)}.",
            field="signatures",
            rule="signature-count",
        )
    seen: set[str] = set()
    for place, (key, _) in enumerate(signatures):
        if key.keyid in seen:
            raise SignatureError(
                f"The key {key.keyid} signed twice.",
                field=f"signatures[{place}].keyid",
                rule="signature-twice",
            )
        seen.add(key.keyid)
    for place, (key, signature) in enumerate(signatures):
        try:
            key.verify(signature, message)
        except SignatureError as error:
            raise SignatureError(
                error.message, field=f"signatures[{place}].sig", rule=error.rule
            ) from error
