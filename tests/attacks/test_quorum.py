"""A receipt below quorum is not taken, however its cosignatures are arranged to look like one."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from ledger.client.client import LedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadsInMemory
from ledger.errors import LedgerError, SettingError, UnavailableError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.note import cosign_note, sign_note
from ledger.log.notekeys import NoteSigner
from ledger.log.policy import FUTURE_S_MAX, TrustPolicy
from ledger.v1 import log_pb2, services_pb2
from tests.unit.client.served import Change, Served, lying
from tests.unit.log.builders import ORIGIN, TIME_S, cosigner_of, signer_of, tree_of

LOG = signer_of()
ONE, TWO, THREE = (cosigner_of(f"w{place}.example/w", seed=20 + place) for place in range(3))
STRANGER = cosigner_of("w9.example/w", seed=29)
POLICY_TEXT = f"""\
log {LOG.key.vkey()}
witness w0 {ONE.key.vkey()}
witness w1 {TWO.key.vkey()}
witness w2 {THREE.key.vkey()}
group two-of-three 2 w0 w1 w2
quorum two-of-three
"""
POLICY = TrustPolicy.parse(POLICY_TEXT.encode())
HERE = Checkpoint(ORIGIN, 5, tree_of(5).root())
NOTE = sign_checkpoint(HERE, [LOG])


def require(note: bytes) -> None:
    """What a client asks of a receipt's checkpoint: the log's signature, and the quorum."""
    open_checkpoint(note, origin=ORIGIN, verifiers=[LOG.key])
    POLICY.require_quorum(note, now_s=TIME_S)


def cosigned(*signers: NoteSigner, note: bytes = NOTE, time_s: int = TIME_S) -> bytes:
    for signer in signers:
        note = cosign_note(note, signer, time_s=time_s)
    return note


def line_of(note: bytes, signer: NoteSigner) -> str:
    """One signature line of a note, with its newline."""
    lines = note.decode().rpartition("\n\n")[2].splitlines(keepends=True)
    return next(line for line in lines if f" {signer.key.name} " in line)


def test_two_of_three_are_enough_in_any_order() -> None:
    for pair in ((ONE, TWO), (THREE, ONE), (THREE, TWO), (ONE, TWO, THREE)):
        require(cosigned(*pair))


Forge = Callable[[], bytes]


def _another_size() -> bytes:
    """A good cosignature of an earlier checkpoint, carried over to this one."""
    earlier = sign_checkpoint(Checkpoint(ORIGIN, 4, tree_of(4).root()), [LOG])
    line = line_of(cosigned(TWO, note=earlier), TWO)
    return cosigned(ONE) + line.encode()


def _under_another_name() -> bytes:
    """The first witness's cosignature under the second one's name."""
    line = line_of(cosigned(ONE), ONE).replace(ONE.key.name, TWO.key.name)
    return cosigned(ONE) + line.encode()


def _by_a_note_key() -> bytes:
    """A witness's key that signed as a log does, without a time."""
    plain = signer_of(TWO.key.name, seed=21)
    text = HERE.to_text()
    return cosigned(ONE) + line_of(sign_note(text, [plain]), TWO).encode()


BELOW: dict[str, Forge] = {
    "nobody": lambda: NOTE,
    "one": lambda: cosigned(ONE),
    "one, twice": lambda: cosigned(ONE, ONE),
    "one, at two times": lambda: cosigned(ONE, note=cosigned(ONE), time_s=TIME_S - 60),
    "one, and a stranger": lambda: cosigned(ONE, STRANGER),
    "one, and the log again": lambda: cosigned(ONE) + line_of(NOTE, LOG).encode(),
    "one, and one of another size": _another_size,
    "one, under two names": _under_another_name,
    "one, and one that signed as a log does": _by_a_note_key,
    "two without a time": lambda: cosigned(ONE, TWO, time_s=0),
    "two of a day to come": lambda: cosigned(ONE, TWO, time_s=TIME_S + FUTURE_S_MAX + 1),
}


@pytest.mark.parametrize("forge", BELOW.values(), ids=BELOW.keys())
def test_below_quorum_is_refused(forge: Forge) -> None:
    with pytest.raises(VerificationError):
        require(forge())


def test_witnesses_without_the_log_make_nothing_the_log_s() -> None:
    alone = sign_checkpoint(HERE, [signer_of(ORIGIN, seed=99)])
    with pytest.raises(VerificationError):
        require(cosigned(ONE, TWO, THREE, note=alone))


POLICIES: dict[str, str] = {
    "one witness under two names": (
        f"witness a {ONE.key.vkey()}\nwitness b {ONE.key.vkey()}\ngroup g 2 a b\nquorum g\n"
    ),
    "one witness twice in a group": f"witness a {ONE.key.vkey()}\ngroup g 2 a a\nquorum g\n",
    "one witness in two groups": (
        f"witness a {ONE.key.vkey()}\nwitness b {TWO.key.vkey()}\n"
        "group g any a b\ngroup h any a\ngroup both all g h\nquorum both\n"
    ),
    "a group that needs more than it has": f"witness a {ONE.key.vkey()}\ngroup g 2 a\nquorum g\n",
    "a group that needs nobody": f"witness a {ONE.key.vkey()}\ngroup g 0 a\nquorum g\n",
    "a quorum of nobody named": f"witness a {ONE.key.vkey()}\nquorum b\n",
    "two quorums": f"witness a {ONE.key.vkey()}\nquorum a\nquorum none\n",
    "no quorum": f"witness a {ONE.key.vkey()}\n",
    "a log's key as a witness": f"witness a {LOG.key.vkey()}\nquorum a\n",
}


@pytest.mark.parametrize("text", POLICIES.values(), ids=POLICIES.keys())
def test_a_policy_that_would_count_somebody_twice_or_nobody_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        TrustPolicy.parse(text.encode())


def witnessed(*witnesses: NoteSigner) -> Change:
    """A server whose notes these witnesses have cosigned, and that has asked no others."""

    def change(method: str, reply: bytes) -> bytes:
        if method == "GetReceipt":
            receipt = services_pb2.GetReceiptResponse.FromString(reply)
            note = cosigned(*witnesses, note=receipt.receipt.checkpoint, time_s=now_s())
            receipt.receipt.checkpoint = note
            return receipt.SerializeToString()
        if method == "GetCheckpoint":
            latest = log_pb2.GetCheckpointResponse.FromString(reply)
            latest.checkpoint = cosigned(*witnesses, note=latest.checkpoint, time_s=now_s())
            return latest.SerializeToString()
        return reply

    return change


def now_s() -> int:
    return int(time.time())


def ask(ledger: Served, *witnesses: NoteSigner) -> int:
    """The tree size that a client sees who demands two of the three."""
    text = POLICY_TEXT.partition("\n")[2]
    policy = TrustPolicy.parse(f"log {ledger.founded.pin.log_keys[0].vkey()}\n{text}".encode())
    with (
        lying(ledger.address, witnessed(*witnesses)) as address,
        LedgerClient.connect(
            Connection(target=address), ledger.founded.pin, HeadsInMemory(), policy
        ) as client,
    ):
        return client.checkpoint().size


def test_a_client_that_demands_a_quorum_is_shown_nothing_below_it(ledger: Served) -> None:
    assert ask(ledger, ONE, THREE) == ledger.client.checkpoint().size
    for witnesses in ((), (ONE,), (ONE, STRANGER), (ONE, ONE)):
        with pytest.raises(LedgerError) as found:
            ask(ledger, *witnesses)
        assert not isinstance(found.value, UnavailableError)
