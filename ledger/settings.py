"""Settings: the only reader of the environment.

Every setting is one variable, ``LEDGER_`` and its name in capitals. What is not set has the default
written here; what is set wrongly is refused with the variable's name and the form it takes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, NamedTuple, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from ledger.errors import SettingError

PREFIX: Final = "LEDGER_"
_PORT_MAX: Final = 65_535
UNIX: Final = "unix:"
"""What stands before the path of a Unix socket."""


class LogFormat(StrEnum):
    """How a log line is written: for machines, or for a person at a terminal."""

    JSON = "json"
    TEXT = "text"


class Part(StrEnum):
    """Which of a server's processes this is, where a supervisor started it."""

    WORKER = "worker"
    WRITER = "writer"


class Address(NamedTuple):
    """Where to listen: a host name or IP address, and a TCP port; port 0 takes any free one.

    A Unix socket has ``unix:`` and its path for a host, and port 0.
    """

    host: str
    port: int

    @property
    def is_unix(self) -> bool:
        """Whether it is a socket in the file system."""
        return self.host.startswith(UNIX)

    @property
    def path(self) -> str:
        """Where a Unix socket lies."""
        return self.host.removeprefix(UNIX)

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.is_unix or self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        if self.is_unix:
            return self.host
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read ``host:port``, ``[IPv6]:port`` or ``unix:<path>``.

    Raises:
        SettingError: The text is neither.
    """
    if text.startswith(UNIX) and len(text) > len(UNIX):
        return Address(text, 0)
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        colon = ""
    digits = port.isascii() and port.isdigit()
    if not (host and colon and digits) or int(port) > _PORT_MAX:
        raise SettingError(
            f"{text!r} is not an address: host:port, [IPv6]:port or unix:<path>.",
            field="address",
            rule="address",
        )
    return Address(host, int(port))


def _address(value: object) -> object:
    if isinstance(value, str):
        try:
            return parse_address(value)
        except SettingError as error:
            raise ValueError(error.message) from error
    return value


def _address_or_off(value: object) -> object:
    return None if value == "off" else _address(value)


_ListenAddress = Annotated[Address, BeforeValidator(_address)]
_OptionalAddress = Annotated[Address | None, BeforeValidator(_address_or_off)]


class Settings(BaseModel):
    """What the server is told. Each field's description is the form that its variable takes."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    directory: Path | None = Field(None, description="the path of the ledger's folder")
    database: SecretStr | None = Field(
        None, min_length=1, description="postgresql://role@host:port/database"
    )
    read_only: bool = Field(
        default=False, description="true for a replica, which appends nothing, or false"
    )
    listen: _ListenAddress = Field(
        Address("127.0.0.1", 7443), description="host:port, [IPv6]:port or unix:<path>, for gRPC"
    )
    http_listen: _OptionalAddress = Field(
        Address("127.0.0.1", 7480),
        description="host:port, [IPv6]:port or unix:<path> for health, metrics and tiles, or off",
    )
    http_publish: bool | None = Field(
        None,
        description="true or false: whether everybody who reaches the HTTP port may read the log",
    )
    witness_policy: Path | None = Field(
        None, description="the path of a C2SP tlog-policy file of the witnesses that are asked"
    )
    tls_cert: Path | None = Field(None, description="the path of a certificate chain in PEM")
    tls_key: Path | None = Field(None, description="the path of the certificate's key in PEM")
    tls_client_ca: Path | None = Field(
        None, description="the path of the CA certificates in PEM that vouch for clients"
    )
    tokens_file: Path | None = Field(
        None, description="the path of a file of identities, one a line: access name proof"
    )
    key_passphrase: SecretStr | None = Field(
        None, min_length=1, description="the pass phrase of an author's key file"
    )
    log_key_passphrase: SecretStr | None = Field(
        None, min_length=1, description="the pass phrase of the log's key file"
    )
    message_bytes_max: int = Field(
        5 * 2**20, ge=2**20, le=2**28, description="a whole number of bytes from 1 MiB to 256 MiB"
    )
    metadata_bytes_max: int = Field(
        16 * 2**10, ge=2**10, le=2**20, description="a whole number of bytes from 1 KiB to 1 MiB"
    )
    concurrent_streams_max: int = Field(
        256, ge=1, le=10_000, description="a whole number of calls a connection, 1 to 10000"
    )
    calls_under_way_max: int = Field(
        4_096, ge=1, le=100_000, description="a whole number of calls in all, 1 to 100000"
    )
    calls_per_second_max: int = Field(
        10_000, ge=1, le=1_000_000, description="a whole number of calls a second and caller"
    )
    deadline_ms_max: int = Field(
        60_000, ge=100, le=3_600_000, description="whole milliseconds, 100 to 3600000"
    )
    stream_deadline_ms_max: int = Field(
        600_000, ge=100, le=86_400_000, description="whole milliseconds, 100 to 86400000"
    )
    connection_age_ms_max: int = Field(
        600_000, ge=1_000, le=86_400_000, description="whole milliseconds, 1000 to 86400000"
    )
    handshake_timeout_ms: int = Field(
        10_000, ge=100, le=120_000, description="whole milliseconds, 100 to 120000"
    )
    shutdown_grace_ms: int = Field(
        10_000, ge=0, le=600_000, description="whole milliseconds, 0 to 600000"
    )
    workers: int = Field(
        0,
        ge=0,
        le=64,
        description="a whole number of processes beside the one that writes, 1 to 64, "
        "or 0 for one that does all",
    )
    part: Part | None = Field(
        None, description="worker or writer, where a supervisor started the process"
    )
    writer: Path | None = Field(
        None, description="the path of the writer's Unix socket, where a supervisor made it"
    )
    core: int | None = Field(
        None, ge=0, le=4_095, description="the number of a processor core, 0 to 4095"
    )
    tick_ms: int = Field(20, ge=1, le=1_000, description="whole milliseconds, 1 to 1000")
    log_format: LogFormat = Field(LogFormat.JSON, description="json or text")

    @model_validator(mode="after")
    def _is_safe_to_serve(self) -> Self:
        open_to_others = not self.listen.is_loopback
        reach = f"{self.listen} can be reached from elsewhere"
        refusals = (
            (
                (self.tls_cert is None) != (self.tls_key is None),
                "tls_key",
                "LEDGER_TLS_CERT and LEDGER_TLS_KEY go together: set both, or neither.",
            ),
            (
                self.tls_client_ca is not None and self.tls_cert is None,
                "tls_client_ca",
                "LEDGER_TLS_CLIENT_CA needs LEDGER_TLS_CERT and LEDGER_TLS_KEY.",
            ),
            (
                self.tls_client_ca is not None and self.tokens_file is None,
                "tokens_file",
                "LEDGER_TLS_CLIENT_CA needs LEDGER_TOKENS_FILE: it says what a certificate allows.",
            ),
            (
                open_to_others and self.tls_cert is None,
                "tls_cert",
                f"{reach}: set LEDGER_TLS_CERT and LEDGER_TLS_KEY, or listen on 127.0.0.1.",
            ),
            (
                open_to_others and self.tokens_file is None,
                "tokens_file",
                f"{reach}: LEDGER_TOKENS_FILE has to say who may do what.",
            ),
        )
        for broken, name, message in refusals:
            if broken:
                raise SettingError(message, field=variable_of(name), rule="safe-to-serve")
        return self

    @property
    def publishes(self) -> bool:
        """Whether the log's tiles are served over HTTP, which asks nobody who they are.

        Unless it is said, only where gRPC asks nobody either.
        """
        return self.tokens_file is None if self.http_publish is None else self.http_publish

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Settings:
        """Read settings from variables such as ``LEDGER_LISTEN``; an empty one is not set.

        Raises:
            SettingError: A variable's value is not of the form it takes, or two contradict each
                other; ``field`` is the variable's name.
        """
        named = {name: variables.get(variable_of(name), "") for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in named.items() if value})
        except ValidationError as error:
            name = str(error.errors(include_url=False, include_input=False)[0]["loc"][0])
            raise _malformed(name, named[name]) from error

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings of this process.

        Raises:
            SettingError: As ``of`` does.
        """
        return cls.of(os.environ)

    def environment(self, **changed: object) -> dict[str, str]:
        """The environment of a process with the same settings, but for those that are changed."""
        fields = type(self).model_fields
        others = {
            name: value
            for name, value in os.environ.items()
            if name not in {variable_of(field) for field in fields}
        }
        values = {name: getattr(self, name) for name in fields} | changed
        return others | {variable_of(name): _text(value) for name, value in values.items()}


def variable_of(name: str) -> str:
    """The variable that sets the field of this name."""
    return PREFIX + name.upper()


def _text(value: object) -> str:
    """A value in the form that its variable takes; what is not set is empty."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _malformed(name: str, value: str) -> SettingError:
    """The refusal of one variable; what may be a secret is never repeated."""
    form = Settings.model_fields[name].description
    secret = name == "database" or name.endswith("passphrase")
    said = "" if secret else f", not {value!r}"
    return SettingError(
        f"{variable_of(name)} takes {form}{said}.", field=variable_of(name), rule="setting-form"
    )
