"""Zip files in one spelling: stored members, one after the other, and nothing else.

Of all that a zip file may say, only names and contents are left to say here: no compression, no
times, no comments, no extra fields, no gaps. So the same members make the same bytes, any zip tool
reads them, and a reader that writes again what it has read, and compares, has looked at every byte.

Format: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16
(its end), without ZIP64: at most 65,535 members and 4 GiB.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import BinaryIO, Final, NamedTuple, final
from zlib import crc32

from ledger.errors import InputError

MEMBERS_MAX: Final = 0xFFFF
BYTES_MAX: Final = 0xFFFFFFFF
NAME_BYTES_MAX: Final = 128

_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_VERSION: Final = 20
_MADE_BY_UNIX: Final = (3 << 8) | _VERSION
_REGULAR_0644: Final = 0o100644 << 16
_MIDNIGHT: Final = 0
_1980_01_01: Final = (0 << 9) | (1 << 5) | 1
"""The first day that the format can name; nothing here depends on a day."""


class Member(NamedTuple):
    """A file in the archive: its name, CRC-32, length in bytes, and where its header begins."""

    name: str
    crc: int
    length: int
    offset: int

    def local_header(self) -> bytes:
        """What stands in front of its content."""
        name = self.name.encode("ascii")
        return (
            _LOCAL.pack(
                b"PK\x03\x04",
                _VERSION,
                0,
                0,
                _MIDNIGHT,
                _1980_01_01,
                self.crc,
                self.length,
                self.length,
                len(name),
                0,
            )
            + name
        )

    def central_header(self) -> bytes:
        """Its line in the directory at the end."""
        name = self.name.encode("ascii")
        return (
            _CENTRAL.pack(
                b"PK\x01\x02",
                _MADE_BY_UNIX,
                _VERSION,
                0,
                0,
                _MIDNIGHT,
                _1980_01_01,
                self.crc,
                self.length,
                self.length,
                len(name),
                0,
                0,
                0,
                0,
                _REGULAR_0644,
                self.offset,
            )
            + name
        )

    @property
    def end(self) -> int:
        """Where the next member begins."""
        return self.offset + len(self.local_header()) + self.length


@final
class ZipWriter:
    """Writes members one after the other; ``finish`` ends the file.

    Args:
        file: A file that is empty.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: list[Member] = []
        self._at = 0

    def add(self, name: str, content: bytes) -> None:
        """Write one member.

        Raises:
            InputError: The archive would become too large.
        """
        member = Member(name, crc32(content), len(content), self._at)
        if len(self._members) >= MEMBERS_MAX or member.end > BYTES_MAX:
            raise InputError(
                f"A bundle has at most {MEMBERS_MAX} members and 4 GiB; export an older tree size.",
                field="bundle",
                rule="bundle-size",
            )
        self._file.write(member.local_header())
        self._file.write(content)
        self._members.append(member)
        self._at = member.end

    def finish(self) -> None:
        """Write the directory."""
        self._file.write(_directory(self._members, self._at))


@final
class ZipReader:
    """Reads what ``ZipWriter`` wrote, and nothing else.

    Args:
        file: The file, open for reading.

    Raises:
        InputError: It is no such file: not a byte of headers or directory may differ.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        length = file.seek(0, 2)
        self.members = self._members(length)
        start = self.members[-1].end if self.members else 0
        directory = _directory(list(self.members), start)
        if self._read(start, length - start) != directory or len(directory) != length - start:
            raise _refused("its directory is not written as a bundle's is", "bundle-directory")
        self._by_name = {member.name: member for member in self.members}
        if len(self._by_name) != len(self.members):
            raise _refused("it has a member twice", "bundle-member-twice")

    def read(self, name: str) -> bytes:
        """A member's content.

        Raises:
            InputError: There is none of that name, or its bytes are not those it was written with.
        """
        header, content = self._parts(name)
        member = self._by_name[name]
        if header != member.local_header():
            raise _refused(f"the header of {name} is not its own", "bundle-member-header")
        if len(content) != member.length or crc32(content) != member.crc:
            raise _refused(f"the bytes of {name} are not those that were written", "bundle-crc")
        return content

    def salvage(self, name: str) -> bytes:
        """What stands in a member's place, sound or not: to say what of it is damaged.

        Raises:
            InputError: There is none of that name.
        """
        return self._parts(name)[1]

    def _parts(self, name: str) -> tuple[bytes, bytes]:
        member = self._by_name.get(name)
        if member is None:
            raise _refused(f"{name} is missing", "bundle-member-missing")
        length = len(member.local_header())
        data = self._read(member.offset, length + member.length)
        return data[:length], data[length:]

    def _members(self, length: int) -> Sequence[Member]:
        """Read the directory leniently; the constructor writes it again and compares."""
        end = self._read(length - _END.size, _END.size) if length >= _END.size else b""
        if not end.startswith(b"PK\x05\x06"):
            raise _refused("it does not end as a zip file without comment", "bundle-form")
        _, _, _, _, count, size, start, _ = _END.unpack(end)
        directory = self._read(start, size) if start + size <= length else b""
        members: list[Member] = []
        at = offset = 0
        for _ in range(count):
            if at + _CENTRAL.size > len(directory):
                raise _refused("its directory ends early", "bundle-directory")
            fields = _CENTRAL.unpack_from(directory, at)
            crc, size_of, name_length = fields[7], fields[8], fields[10]
            at += _CENTRAL.size
            name = _name(directory[at : at + name_length])
            at += name_length
            member = Member(name, crc, size_of, offset)
            members.append(member)
            offset = member.end
        return tuple(members)

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        return self._file.read(length)


def _directory(members: list[Member], start: int) -> bytes:
    lines = b"".join(member.central_header() for member in members)
    count = len(members)
    return lines + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(lines), start, 0)


def _name(raw: bytes) -> str:
    if not 0 < len(raw) <= NAME_BYTES_MAX or not raw.isascii():
        raise _refused("it has a member whose name is none", "bundle-member-name")
    return raw.decode("ascii")


def _refused(fault: str, rule: str) -> InputError:
    return InputError(f"This is not a bundle: {fault}.", field="bundle", rule=rule)
