"""Files that commands read and write, and how a failure is told."""

from __future__ import annotations

from pathlib import Path

from ledger.errors import InputError


def read_file(path: Path) -> bytes:
    """Read a file.

    Raises:
        InputError: It cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise _failed(path, "read", error) from error


def files_in(folder: Path, suffix: str) -> list[Path]:
    """The files of a folder whose names end in something, by name.

    Raises:
        InputError: It cannot be listed.
    """
    try:
        return sorted(
            path for path in folder.iterdir() if path.name.endswith(suffix) and path.is_file()
        )
    except OSError as error:
        raise _failed(folder, "listed", error) from error


def write_new_file(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file that must not be there yet; ``mode`` is what the umask leaves of it.

    Raises:
        InputError: It is there, or cannot be written.
    """
    try:
        path.touch(mode, exist_ok=False)
        path.write_bytes(content)
    except OSError as error:
        raise _failed(path, "written", error) from error


def write_file(path: Path, content: bytes) -> None:
    """Write a file, in place of one that may be there, in a folder that is made if need be.

    Raises:
        InputError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise _failed(path, "written", error) from error


def _failed(path: Path, done: str, error: OSError) -> InputError:
    return InputError(f"{path} cannot be {done}: {error.strerror}.", field="file", rule="file")
