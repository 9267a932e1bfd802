"""The log's own keys in a ledger's folder, safe against a crash at any point of a change.

| file | what it is |
| --- | --- |
| ``log.pem`` | the key that signs checkpoints |
| ``log.next.pem`` | the next one, from before it is announced until it takes the first's place |

Exactly these states can occur, and the record decides which of them it is:

1. ``log.pem`` alone signs; a ``log.next.pem`` may lie ready, and is not announced yet.
2. The next key is announced: both sign.
3. The old key is retired: ``log.next.pem`` signs, and takes the place of ``log.pem`` when the
   ledger is opened next. That is one renaming: there is no moment without the key that signs.

Everything else is refused: a key that must sign and is missing, or a key of another ledger.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ledger.client.administration import with_log_keys
from ledger.client.pins import PIN_FILE, Pin
from ledger.domain.keyring import Keyring
from ledger.errors import SettingError, StoreError
from ledger.signing.keyfiles import read_private_key, write_private_key
from ledger.signing.privatekeys import PrivateKey

LOG_KEY_FILE: Final = "log.pem"
NEXT_LOG_KEY_FILE: Final = "log.next.pem"


def read_log_keys(folder: Path, passphrase: bytes | None) -> tuple[PrivateKey, ...]:
    """The log's keys that are held here: the one of ``log.pem``, and the next if there is one.

    Raises:
        KeyFileError: A file cannot be read.
    """
    keys = [read_private_key(folder / LOG_KEY_FILE, passphrase=passphrase)]
    if (folder / NEXT_LOG_KEY_FILE).exists():
        keys.append(read_private_key(folder / NEXT_LOG_KEY_FILE, passphrase=passphrase))
    return tuple(keys)


def next_log_key(folder: Path, passphrase: bytes | None) -> PrivateKey:
    """The next key of the log: the one that lies ready, or a new one, which is kept first.

    Raises:
        KeyFileError: The file cannot be read or written.
    """
    path = folder / NEXT_LOG_KEY_FILE
    if path.exists():
        return read_private_key(path, passphrase=passphrase)
    key = PrivateKey.generate()
    write_private_key(path, key, passphrase=passphrase, unencrypted=passphrase is None)
    return key


def settle_log_keys(
    folder: Path, keyring: Keyring, held: Sequence[PrivateKey]
) -> tuple[PrivateKey, ...]:
    """See which state the folder is in, and let the next key take its place once it signs alone.

    Args:
        folder: The ledger's folder.
        keyring: What the record says of the log's keys.
        held: What ``read_log_keys`` gave.

    Returns:
        The keys that are held now, that of ``log.pem`` first.

    Raises:
        SettingError: A key that must sign is not here, or ``log.pem`` is of another ledger.
        StoreError: The file cannot be put in its place.
    """
    ever = {key.keyid for key in keyring.log_keys}
    signing = {key.keyid for key in keyring.log_keys if key.until_size is None}
    here = [key.public.keyid for key in held]
    if here[0] not in ever or not signing <= set(here):
        raise SettingError(
            f"{LOG_KEY_FILE} and {NEXT_LOG_KEY_FILE} are not the keys that sign for this log.",
            field="directory",
            rule="one-ledger",
        )
    if here[0] in signing:
        return tuple(held)
    try:
        (folder / NEXT_LOG_KEY_FILE).replace(folder / LOG_KEY_FILE)
        sync(folder)
    except OSError as error:
        raise StoreError(
            f"{NEXT_LOG_KEY_FILE} cannot take the place of {LOG_KEY_FILE}: {error.strerror}.",
            rule="log-key-file",
        ) from error
    return tuple(held[1:])


def settle_pin(folder: Path, pin: Pin, keyring: Keyring) -> Pin:
    """Bring the folder's pin up to date with the record, in one step; gives the pin.

    Raises:
        StoreError: It cannot be written.
    """
    known = with_log_keys(pin, keyring)
    if known.to_json() == pin.to_json():
        return pin
    draft = folder / f".{PIN_FILE}.draft"
    try:
        draft.write_text(known.to_json(), encoding="utf-8")
        sync(draft)
        draft.replace(folder / PIN_FILE)
        sync(folder)
    except OSError as error:
        raise StoreError(
            f"{PIN_FILE} cannot be written: {error.strerror}.", rule="pin-file"
        ) from error
    return known


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
