"""RFC 3161 time-stamp tokens: somebody else's word for when a checkpoint existed.

``recorded_ms`` is the log's own word. A token over the note of a checkpoint is that of an
authority which knows nothing of the log: it signs a digest and its own time. Everything in the
tree under that checkpoint existed by then, whatever the log says later.

A token is kept as the whole reply in DER (TimeStampResp, section 2.4.2), so that ``openssl ts
-verify -in TOKEN -data NOTE -CAfile ROOTS`` reads it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client import (
    VerificationError as TokenError,
)

from ledger.errors import InputError, RefusedError, VerificationError
from ledger.signing.der import DerError, content_at, with_set_in_order

TOKEN_BYTES_MAX: Final = 64 * 1024
"""The longest reply that is read: a token with a chain of certificates has 2 to 10 KiB."""

_SHA256_OID: Final = "2.16.840.1.101.3.4.2.1"
_GRANTED: Final = 0
_REFUSED_FROM: Final = 2
# In TimeStampResp: the token, its content, the SignedData in that, and there the certificates.
_CERTIFICATES: Final = (1, 1, 0, 3)
_CERTIFICATES_TAG: Final = 0xA0
# In the same SignedData: the TSTInfo, as bytes; and in that one, its genTime.
_INFO: Final = (1, 1, 0, 2, 1, 0)
_GEN_TIME: Final = (4,)
_FRACTION: Final = re.compile(rb"\.([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Query:
    """A question to an authority.

    Attributes:
        data: TimeStampReq in DER, to be sent as ``application/timestamp-query``.
        nonce: What the reply must repeat, so that it is no old one.
        digest: SHA-256 of what is to be stamped.
    """

    data: bytes
    nonce: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What a token says.

    Attributes:
        time: When the authority saw the digest (UTC), to the microsecond where it is told so.
        accuracy: How far off its clock may be, as it states; None if it states nothing.
        authority: The subject of the certificate that signed.
        policy: The authority's policy, an OID in dotted form.
        serial: The token's number, unique with the authority.
    """

    time: datetime
    accuracy: timedelta | None
    authority: str
    policy: str
    serial: int


def query(content: bytes) -> Query:
    """Ask for a time stamp of some bytes, with a fresh nonce and the authority's certificate."""
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    return Query(request.as_bytes(), request.nonce or 0, sha256(content).digest())


def check_reply(data: bytes, asked: Query) -> None:
    """See that a reply answers a question; who signed it is not verified by that.

    Raises:
        RefusedError: The authority refuses, and says why.
        VerificationError: It is no reply, or the reply to another question.
    """
    response = _parse(data)
    if response.status >= _REFUSED_FROM:
        said = "; ".join(response.status_string) or f"status {response.status}"
        raise RefusedError(
            f"The time-stamping authority refuses: {said}.", field="tsa", rule="timestamp-refused"
        )
    with _readable():
        nonce = response.tst_info.nonce
    if nonce != asked.nonce:
        raise VerificationError(
            "The reply is to another question: its nonce is not the one that was sent.",
            field="nonce",
            rule="timestamp-nonce",
        )
    _covers(response, asked.digest)


def verify_timestamp(token: bytes, content: bytes, roots: Sequence[x509.Certificate]) -> Timestamp:
    """Verify a token over some bytes, offline.

    The authority's certificate must lead to one of the roots, have been valid at the token's
    time, and be for time-stamping alone (section 2.3). Whether it was revoked is not asked.

    Args:
        token: TimeStampResp in DER.
        content: What was stamped.
        roots: The certificates that are trusted.

    Raises:
        InputError: There are no roots.
        VerificationError: The token does not parse, is over other bytes, or does not lead to a
            root.
    """
    if not roots:
        raise InputError("Without root certificates no token holds.", field="roots", rule="roots")
    response = _parse(token)
    digest = sha256(content).digest()
    _covers(response, digest)
    try:
        VerifierBuilder(roots=list(roots)).build().verify(response, digest)
    except (TokenError, ValueError) as error:
        raise VerificationError(
            f"The time stamp does not hold: {error}.", field="token", rule="timestamp-signature"
        ) from error
    with _readable():
        return _told(response, token)


def parse_roots(pem: bytes) -> list[x509.Certificate]:
    """Read the root certificates that are trusted.

    Raises:
        InputError: There are none.
    """
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise InputError(
            "The file of roots holds no certificates in PEM.", field="roots", rule="roots"
        ) from error


def _parse(data: bytes) -> TimeStampResponse:
    """Read a reply.

    DER orders the members of a set; many an authority sends its certificates, which no signature
    covers, in another order, and the parser is strict.

    Raises:
        VerificationError: It is none.
    """
    with _readable():
        if len(data) > TOKEN_BYTES_MAX:
            message = f"it has more than {TOKEN_BYTES_MAX} bytes"
            raise DerError(message)
        return decode_timestamp_response(with_set_in_order(data, _CERTIFICATES, _CERTIFICATES_TAG))


@contextmanager
def _readable() -> Iterator[None]:
    """The library reads a reply part by part, each when it is asked for.

    Raises:
        VerificationError: A part does not parse.
    """
    try:
        yield
    except ValueError as error:
        raise VerificationError(
            f"This is no time-stamp reply: {error}.", field="token", rule="timestamp-form"
        ) from error


def _covers(response: TimeStampResponse, digest: bytes) -> None:
    """See that a granted token is over a digest.

    Raises:
        VerificationError: It is not granted, or is over another.
    """
    if response.status != _GRANTED:
        raise VerificationError(
            f"The time stamp was not granted as asked: status {response.status}.",
            field="token",
            rule="timestamp-status",
        )
    with _readable():
        imprint = response.tst_info.message_imprint
        same = (imprint.hash_algorithm.dotted_string, imprint.message) == (_SHA256_OID, digest)
    if not same:
        raise VerificationError(
            "The time stamp is over other bytes.", field="token", rule="timestamp-imprint"
        )


def _told(response: TimeStampResponse, token: bytes) -> Timestamp:
    info = response.tst_info
    accuracy = info.accuracy
    stated = None
    if accuracy is not None:
        stated = timedelta(
            seconds=accuracy.seconds or 0,
            milliseconds=accuracy.millis or 0,
            microseconds=accuracy.micros or 0,
        )
    return Timestamp(
        time=info.gen_time.replace(microsecond=_microsecond(token)),
        accuracy=stated,
        authority=_authority(response),
        policy=info.policy.dotted_string,
        serial=info.serial_number,
    )


def _microsecond(token: bytes) -> int:
    """The fraction of a token's time (section 2.4.2), which the library leaves out."""
    fraction = _FRACTION.search(content_at(content_at(token, _INFO), _GEN_TIME))
    return int(fraction[1].ljust(6, b"0")) if fraction else 0


def _authority(response: TimeStampResponse) -> str:
    """The subject of the certificate by which the token was verified."""
    (signer,) = response.signed_data.signer_infos
    embedded = map(x509.load_der_x509_certificate, response.signed_data.certificates)
    return next(
        certificate.subject.rfc4514_string()
        for certificate in embedded
        if (certificate.issuer, certificate.serial_number) == (signer.issuer, signer.serial_number)
    )
