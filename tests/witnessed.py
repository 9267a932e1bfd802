"""A ledger with witnesses: real ones on free ports, and the policy that names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.client.pins import PIN_FILE, Pin
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.log.policy import TrustPolicy
from ledger.service.witness import Witness, WitnessServer
from ledger.settings import Address
from ledger.store.witnessstate import WitnessState
from tests.simulator import Clock, Simulator, key_of, on_loop

NOWHERE = "http://127.0.0.1:1/"
"""A URL at which nobody listens."""


@dataclass(frozen=True, slots=True)
class Policed:
    """A ledger's folder, and the policy of its witnesses.

    Attributes:
        folder: Where a ``Simulator`` opens the ledger.
        pin: The ledger.
        policy_file: The policy, in a file.
        witnesses: The witnesses that run, by name.
    """

    folder: Path
    pin: Pin
    policy_file: Path
    witnesses: dict[str, Witness]

    @property
    def policy(self) -> TrustPolicy:
        """The policy, read."""
        return TrustPolicy.parse(self.policy_file.read_bytes())

    def service(self, *, policy: bool = True) -> Simulator:
        """The ledger served, by default with its witnesses asked."""
        if not policy:
            return Simulator(self.folder)
        return Simulator(self.folder, LEDGER_WITNESS_POLICY=str(self.policy_file))


def cosigner(name: str) -> NoteSigner:
    """The witness of this name, its key always the same."""
    key = key_of(name)
    verifier = VerifierKey(name, SignatureType.COSIGNATURE_V1, key.public.raw)
    return NoteSigner(verifier, key.sign)


@contextmanager
def policed(
    folder: Path, names: Sequence[str], rule: str, *, absent: Sequence[str] = ()
) -> Iterator[Policed]:
    """Found a ledger, run its witnesses, and write the policy.

    Args:
        folder: Where everything lies.
        names: The witnesses.
        rule: The policy's last lines, its groups and its quorum.
        absent: Those of the witnesses that do not answer.
    """
    with Simulator(folder) as founded:
        pin = founded.pin
    assert Pin.read(folder / "ledger" / PIN_FILE) == pin
    lines = [f"log {key.vkey()}\n" for key in pin.log_keys]
    running: dict[str, Witness] = {}
    with ExitStack() as stack:
        for name in names:
            signer, url = cosigner(name), NOWHERE
            if name not in absent:
                state = WitnessState(folder / f"{name}.state")
                witness = Witness(signer, {pin.origin: pin.log_keys}, state, Clock())
                server = WitnessServer(witness)
                url = f"http://{on_loop(server.start(Address('127.0.0.1', 0)))}/"
                stack.callback(_stop, server)
                running[name] = witness
            lines.append(f"witness {name} {signer.key.vkey()} {url}\n")
        path = folder / "policy"
        path.write_text("".join(lines) + rule, encoding="utf-8")
        yield Policed(folder, pin, path, running)


def _stop(server: WitnessServer) -> None:
    on_loop(server.stop())
