"""Signing by what ``securesystemslib`` reaches: key services of clouds, PKCS#11 modules, files.

A URI names the private key: ``awskms:``, ``gcpkms:``, ``azurekms:``, ``hv:``, ``hsm:``,
``file2:``. The library is an extra, ``signers``, and is imported when a URI is used; a scheme may
need further packages, of which the library says which. Whatever signs, its signatures are verified
before anybody sees them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, final

from cryptography.hazmat.primitives.serialization import load_der_public_key

from ledger.errors import SignerError
from ledger.signing.commandsigner import checked

if TYPE_CHECKING:
    from ledger.signing.publickeys import PublicKey


@final
class UriSigner:
    """A private key that a URI names.

    Args:
        public: The public half.
        uri: Names the private half, as ``securesystemslib`` has it.

    Raises:
        SignerError: The extra is not installed, the scheme is not known, or the key cannot be
            reached or is another one.
    """

    def __init__(self, public: PublicKey, uri: str) -> None:
        self._public = public
        self._scheme = uri.partition(":")[0]
        # Any: the library is imported only here, and its classes are not ours to name.
        self._signer: Any = self._reached(uri)

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Have the key sign a message.

        Raises:
            SignerError: It does not, or what comes back is not a signature of this key.
        """
        try:
            signature = bytes.fromhex(self._signer.sign(message).signature)
        except Exception as error:  # each backend fails by errors of its own
            raise self._failed(error) from error
        return checked(self._public, signature, message, f"The {self._scheme} key")

    def _reached(self, uri: str) -> Any:
        try:
            library = import_module("securesystemslib.signer")
        except ImportError as error:
            raise SignerError(
                "Signing by a URI needs the extra signers: pip install 'regulatory-ledger[signers]'"
                ".",
                field="signer",
                rule="signer-extra",
            ) from error
        try:
            key = library.SSlibKey.from_crypto(load_der_public_key(self._public.spki_der))
            return library.Signer.from_priv_key_uri(uri, key)
        except Exception as error:  # each backend fails by errors of its own
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> SignerError:
        return SignerError(
            f"The {self._scheme} key does not sign: {type(error).__name__}: {error}",
            field="signer",
            rule="signer-uri",
        )
