"""The way to a server: address, TLS, identity, deadlines and retries.

Off this machine a connection is always encrypted, and a token never travels in the clear.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

import grpc
import grpc.aio

from ledger.errors import SettingError

UNIX_PREFIX: Final = "unix:"
MESSAGE_BYTES_MAX: Final = 17 * 2**20
"""Longest message received: a bundle of 256 entries of 65,535 bytes is a little over 16 MiB."""

# Every rpc may be repeated: an append that was committed is answered with its first receipt.
_SERVICE_CONFIG: Final = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{}],
                "retryPolicy": {
                    "maxAttempts": 4,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "2s",
                    "backoffMultiplier": 3,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What it takes to reach a server.

    Attributes:
        target: ``host:port``, ``[IPv6]:port`` or ``unix:<path>``.
        ca: The certificates in PEM that vouch for the server; None trusts the system's.
        certificate: The client's certificate chain in PEM, for mTLS.
        certificate_key: Its private key in PEM.
        token: A bearer token, or "".

    Raises:
        SettingError: The target is not of that form, or a certificate stands without its key.
    """

    target: str
    ca: bytes | None = None
    certificate: bytes | None = None
    certificate_key: bytes | None = None
    token: str = ""

    def __post_init__(self) -> None:
        if not self._names_an_address:
            raise SettingError(
                f"{self.target!r} is not an address: host:port, [IPv6]:port or unix:<path>.",
                field="server",
                rule="address",
            )
        if (self.certificate is None) != (self.certificate_key is None):
            raise SettingError(
                "A client certificate and its key go together.", field="tls_cert", rule="tls"
            )

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine."""
        if self.target.startswith(UNIX_PREFIX):
            return True
        host = self.target.rpartition(":")[0].strip("[]")
        try:
            return host == "localhost" or ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def is_encrypted(self) -> bool:
        """Whether TLS is spoken: always, but for a local server without certificates."""
        return not self.is_local or self.ca is not None or self.certificate is not None

    @property
    def _names_an_address(self) -> bool:
        if self.target.startswith(UNIX_PREFIX):
            return len(self.target) > len(UNIX_PREFIX)
        host, colon, port = self.target.rpartition(":")
        plain = ":" not in host or (host.startswith("[") and host.endswith("]"))
        return bool(colon and host and plain) and port.isascii() and port.isdigit()

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What every call carries: the token."""
        return (("authorization", f"Bearer {self.token}"),) if self.token else ()

    def open(self) -> grpc.Channel:
        """Open a channel; nothing is sent before the first call."""
        if self.is_encrypted:
            return grpc.secure_channel(self.target, self._credentials(), self._options)
        return grpc.insecure_channel(self.target, self._options)

    def open_on_loop(self) -> grpc.aio.Channel:
        """Open a channel that belongs to the running event loop."""
        if self.is_encrypted:
            return grpc.aio.secure_channel(self.target, self._credentials(), self._options)
        return grpc.aio.insecure_channel(self.target, self._options)

    @property
    def _options(self) -> tuple[tuple[str, int | str], ...]:
        return (
            ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
            ("grpc.enable_retries", 1),
            ("grpc.service_config", _SERVICE_CONFIG),
            # A proxy between a client and its loopback server is never meant.
            ("grpc.enable_http_proxy", 0 if self.is_local else 1),
        )

    def _credentials(self) -> grpc.ChannelCredentials:
        return grpc.ssl_channel_credentials(
            root_certificates=self.ca,
            private_key=self.certificate_key,
            certificate_chain=self.certificate,
        )
