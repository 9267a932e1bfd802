"""A time-stamping authority for tests: certificates of its own, and ``openssl ts`` behind HTTP."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY: Final = "1.2.3.4.1"
_DEADLINE_S: Final = 60
_CONFIGURATION: Final = f"""\
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = signer.pem
certs = chain.pem
signer_key = signer.key
signer_digest = sha256
default_policy = {POLICY}
digests = sha256
ess_cert_id_alg = sha256
"""


class TimeAuthority:
    """A root, an intermediate below it, and a signer for time-stamping, in a folder.

    Args:
        folder: Where ``openssl ts`` finds everything.
        usage: What the signer's certificate is for.
        valid: When the signer's certificate is valid, relative to now.
        accuracy: What is said of the clock; empty says nothing.
    """

    def __init__(
        self,
        folder: Path,
        *,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
        valid: tuple[timedelta, timedelta] = (timedelta(days=-1), timedelta(days=1)),
        accuracy: str = "accuracy = secs:1",
    ) -> None:
        folder.mkdir()
        self.folder = folder
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
        always = (timedelta(days=-9), timedelta(days=9))
        root = _certificate("root", keys[0], "root", keys[0], always, ca=True)
        middle = _certificate("middle", keys[1], "root", keys[0], always, ca=True)
        signer = _certificate("signer", keys[2], "middle", keys[1], valid, usage=usage)
        self.roots = root.public_bytes(Encoding.PEM)
        (folder / "root.pem").write_bytes(self.roots)
        (folder / "chain.pem").write_bytes(middle.public_bytes(Encoding.PEM))
        (folder / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
        (folder / "signer.key").write_bytes(
            keys[2].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        (folder / "tsa.cnf").write_text(_CONFIGURATION + accuracy, encoding="utf-8")
        (folder / "serial").write_text("01\n", encoding="utf-8")

    def reply(self, query: bytes) -> bytes:
        """Stamp what a query asks for; what ``openssl ts`` makes of it."""
        (self.folder / "query").write_bytes(query)
        self.openssl("-reply", "-config", "tsa.cnf", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def openssl(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run ``openssl ts`` in the folder."""
        return subprocess.run(
            ["openssl", "ts", *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_DEADLINE_S,
        )

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Answer queries over HTTP; gives the URL."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path != "/tsr":
                    self.send_error(404)
                    return
                assert self.headers["Content-Type"] == "application/timestamp-query"
                body = authority.reply(asked)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing is said on stderr."""

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/tsr"
            finally:
                server.shutdown()
                thread.join()


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    valid: tuple[timedelta, timedelta],
    *,
    ca: bool = False,
    usage: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + valid[0])
        .not_valid_after(now + valid[1])
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca,
                key_cert_sign=ca,
                crl_sign=ca,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(issuer_key, SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
