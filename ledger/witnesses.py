"""Witnessing, put together: a witness of our own.

Concrete files, sockets and clocks enter here, as in ``bootstrap``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from ledger.client.pins import Pin
from ledger.errors import SettingError
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.service.running import run_until_signal
from ledger.service.witness import Witness, WitnessServer
from ledger.settings import Address
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.store.witnessstate import WitnessState


def serve_witness(
    key: PrivateKey,
    name: str,
    pins: Sequence[Pin],
    *,
    state: Path,
    listen: Address,
    started: Callable[[Address, VerifierKey], None],
    clock: Callable[[], int],
) -> None:
    """Witness logs until SIGTERM or SIGINT.

    Args:
        key: What cosigns, an Ed25519 key that signs nothing else.
        name: The witness's name, by custom a URL without its scheme.
        pins: The logs that it knows.
        state: The file in which it remembers what it cosigned last.
        listen: Where it is asked.
        started: Told where it listens, and the key to verify it by.
        clock: When a cosignature is made, in milliseconds since 1970 (UTC).

    Raises:
        NoteError: The name is not one.
        SettingError: The key is not an Ed25519 key, or the address cannot be listened on.
        StoreError: The file cannot be used.
    """
    if key.public.algorithm is not Algorithm.ED25519:
        raise SettingError("A witness signs with Ed25519.", field="key", rule="witness-key")
    verifier = VerifierKey(name, SignatureType.COSIGNATURE_V1, key.public.raw)
    logs = {pin.origin: pin.log_keys for pin in pins}
    witness = Witness(NoteSigner(verifier, key.sign), logs, WitnessState(state), clock)
    server = WitnessServer(witness)
    try:
        run_until_signal(
            partial(server.start, listen), server.stop, lambda bound: started(bound, verifier)
        )
    except OSError as error:
        raise SettingError(
            f"{listen} cannot be listened on.", field="listen", rule="listen"
        ) from error
