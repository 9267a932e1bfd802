from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.checkpoint import sign_checkpoint
from ledger.log.note import cosign_note
from ledger.log.notekeys import NoteSigner
from ledger.log.policy import FUTURE_S_MAX, POLICY_BYTES_MAX, TrustPolicy
from tests.unit.log.builders import ORIGIN, TIME_S, checkpoint_of, cosigner_of, flipped, signer_of

LOG = signer_of()
X1, X2, X3, Y1, Y2 = (cosigner_of(f"w.example/{number}", seed=10 + number) for number in range(5))
NAMED = {"X1": X1, "X2": X2, "X3": X3, "Y1": Y1, "Y2": Y2}
WITNESSES = "".join(f"witness {name} {signer.key.vkey()}\n" for name, signer in NAMED.items())
TWO_LEVELS = (
    f"log {LOG.key.vkey()}\n\n{WITNESSES}"
    "group Xs 2 X1 X2 X3\ngroup Ys any Y1 Y2\ngroup both all Xs Ys\nquorum both\n"
)


def policy(text: str) -> TrustPolicy:
    return TrustPolicy.parse(text.encode())


def note_by(*signers: NoteSigner, time_s: int = TIME_S) -> bytes:
    note = sign_checkpoint(checkpoint_of(), [LOG])
    for signer in signers:
        note = cosign_note(note, signer, time_s=time_s)
    return note


@pytest.mark.parametrize(
    ("signers", "enough"),
    [
        ("", False),
        ("X1", False),
        ("X1 X2", False),
        ("X1 Y1", False),
        ("Y1 Y2", False),
        ("X1 X2 Y1", True),
        ("Y2 X3 X1", True),
        ("X1 X2 X3 Y1 Y2", True),
    ],
)
def test_a_quorum_of_groups_is_counted_through_its_levels(signers: str, enough: bool) -> None:
    note = note_by(*(NAMED[name] for name in signers.split()))

    if enough:
        counted = policy(TWO_LEVELS).require_quorum(note)
        assert {one.key.name for one in counted} == {
            NAMED[name].key.name for name in signers.split()
        }
    else:
        with pytest.raises(VerificationError) as caught:
            policy(TWO_LEVELS).require_quorum(note)
        assert caught.value.rule == "quorum"
        assert "below the quorum both" in caught.value.message


@pytest.mark.parametrize(
    ("quorum", "signers", "enough"),
    [
        ("quorum none\n", "", True),
        ("quorum X1\n", "X1", True),
        ("quorum X1\n", "X2", False),
        ("group all all X1\nquorum all\n", "X1", True),
        ("group 1 1 X1 X2\nquorum 1\n", "X2", True),
        ("group g 2 X1 X2\nquorum g\n", "X2", False),
        ("group g all X1 X2\nquorum X1\n", "X1", True),
    ],
)
def test_a_quorum_is_a_witness_a_group_or_none(quorum: str, signers: str, enough: bool) -> None:
    keys = [NAMED[name].key for name in signers.split()]

    assert policy(WITNESSES + quorum).is_enough(keys) is enough


def test_the_same_witness_twice_counts_once() -> None:
    note = note_by(X1, X1)

    with pytest.raises(VerificationError) as caught:
        policy(f"{WITNESSES}group g 2 X1 X2\nquorum g\n").require_quorum(note)

    assert caught.value.rule == "quorum"


def test_a_witness_that_the_policy_does_not_know_counts_for_nothing() -> None:
    stranger = cosigner_of("w.example/stranger", seed=99)

    with pytest.raises(VerificationError) as caught:
        policy(f"{WITNESSES}quorum X1\n").require_quorum(note_by(stranger))

    assert "nobody" in caught.value.message


def test_a_known_witness_whose_cosignature_fails_condemns_the_note() -> None:
    head, last = note_by(X2, X1).rstrip(b"\n").rsplit(b" ", 1)
    other = note_by(X2, X1, time_s=TIME_S + 1).rstrip(b"\n").rsplit(b" ", 1)[1]
    changed = head + b" " + last[:24] + other[24:] + b"\n"

    with pytest.raises(VerificationError) as caught:
        policy(f"{WITNESSES}quorum X2\n").require_quorum(changed)

    assert caught.value.rule == "note-signature"


@pytest.mark.parametrize(
    ("time_s", "now_s", "counts"),
    [
        (0, None, False),
        (0, TIME_S, False),
        (TIME_S, None, True),
        (TIME_S, TIME_S, True),
        (TIME_S, TIME_S + 10**8, True),
        (TIME_S, TIME_S - FUTURE_S_MAX, True),
        (TIME_S, TIME_S - FUTURE_S_MAX - 1, False),
    ],
)
def test_a_cosignature_without_a_time_or_of_the_future_does_not_count(
    time_s: int, now_s: int | None, counts: bool
) -> None:
    counted = policy(f"{WITNESSES}quorum X1\n").cosignatures(
        note_by(X1, time_s=time_s), now_s=now_s
    )

    assert [one.key for one in counted] == [X1.key] * counts


def test_what_is_not_a_note_is_refused() -> None:
    with pytest.raises(NoteError):
        policy("quorum none\n").require_quorum(b"no note")


def test_a_policy_may_leave_the_log_to_whoever_applies_it() -> None:
    policy("quorum none\n").require_log(ORIGIN, [LOG.key])


def test_a_policy_that_names_logs_accepts_no_other() -> None:
    other = signer_of("other.example/log", seed=2)

    policy(TWO_LEVELS).require_log(ORIGIN, [other.key, LOG.key])
    with pytest.raises(SettingError) as caught:
        policy(TWO_LEVELS).require_log("other.example/log", [other.key])
    assert caught.value.rule == "policy-log"


def test_urls_comments_and_blanks_are_read_as_the_specification_says() -> None:
    text = (
        "  # a comment \n"
        "\t\n"
        f" log\t{LOG.key.vkey()}  https://ledger.example/ \n"
        f"witness X1 {X1.key.vkey()} https://w.example/1\n"
        "#quorum none\n"
        "quorum X1"
        "\n"
    )

    read = policy(text)

    assert (read.logs[0].key, read.logs[0].url) == (LOG.key, "https://ledger.example/")
    assert read.witnesses[b"X1"].url == "https://w.example/1"
    assert read.quorum == b"X1"


def test_names_are_octets_and_those_that_look_alike_are_two() -> None:
    text = f"witness K {X1.key.vkey()}\nwitness \u212a {X2.key.vkey()}\nquorum \u212a\n"

    assert policy(text).is_enough([X2.key])
    assert not policy(text).is_enough([X1.key])


W1 = f"witness X1 {X1.key.vkey()}\n"
W2 = f"witness X2 {X2.key.vkey()}\n"


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("", 0, "policy-quorum"),
        (W1, 0, "policy-quorum"),
        ("quorum none", 0, "policy-lines"),
        ("quorum none\r\n", 0, "policy-octets"),
        ("quorum\x0bnone\n", 0, "policy-octets"),
        ("quorum none\x7f\n", 0, "policy-octets"),
        ("quorum none\nquorum none\n", 2, "policy-quorum"),
        ("quorum\n", 1, "policy-quorum"),
        ("quorum none none\n", 1, "policy-quorum"),
        ("quorum X1\n" + W1, 1, "policy-quorum"),
        ("Quorum none\n", 1, "policy-keyword"),
        ("witnesses\n", 1, "policy-keyword"),
        ("log\n", 1, "policy-line"),
        (f"log {LOG.key.vkey()} a b\n", 1, "policy-line"),
        ("log ledger.example\n", 1, "policy-key"),
        (f"log {X1.key.vkey()}\n", 1, "policy-key"),
        (f"log {LOG.key.vkey()}\nlog {LOG.key.vkey()}\n", 2, "policy-key"),
        (
            f"log {LOG.key.vkey()}\nlog {signer_of('other.example').key.vkey()}\n",
            2,
            "policy-key",
        ),
        ("witness\n", 1, "policy-line"),
        ("witness X1\n", 1, "policy-line"),
        (f"witness X1 {LOG.key.vkey()}\n", 1, "policy-key"),
        (f"{W1}witness X1 {X2.key.vkey()}\n", 2, "policy-name"),
        (f"{W1}witness X2 {X1.key.vkey()}\n", 2, "policy-key"),
        (
            f"{W1}witness X2 {cosigner_of('other.example', seed=10).key.vkey()}\n",
            2,
            "policy-key",
        ),
        (f"witness none {X1.key.vkey()}\n", 1, "policy-name"),
        (f"{W1}group X1 any X1\n", 2, "policy-name"),
        (f"{W1}group none any X1\n", 2, "policy-name"),
        (f"{W1}group g any\n", 2, "policy-line"),
        (f"{W1}group g any none\n", 2, "policy-member"),
        (f"{W1}group g any g\n", 2, "policy-member"),
        (f"{W1}group g any X1 X1\n", 2, "policy-member"),
        (f"{W1}group g any X1\ngroup h any X1\n", 3, "policy-member"),
        (f"{W1}group g any X2\n{W2}", 2, "policy-member"),
        (f"{W1}group g 0 X1\n", 2, "policy-threshold"),
        (f"{W1}group g 01 X1\n", 2, "policy-threshold"),
        (f"{W1}group g +1 X1\n", 2, "policy-threshold"),
        (f"{W1}group g 2 X1\n", 2, "policy-threshold"),
        (f"{W1}group g some X1\n", 2, "policy-threshold"),
        ("#" * POLICY_BYTES_MAX + "\n", 0, "policy-length"),
    ],
)
def test_a_policy_that_departs_from_the_form_is_refused_by_its_line(
    text: str, line: int, rule: str
) -> None:
    with pytest.raises(SettingError) as caught:
        policy(text)

    assert (caught.value.field, caught.value.rule) == (f"policy:{line}" if line else "policy", rule)


def test_a_vkey_that_is_no_text_is_refused() -> None:
    with pytest.raises(SettingError) as caught:
        TrustPolicy.parse(b"log \xff+00000000+AA==\n")

    assert caught.value.rule == "policy-key"


def test_a_policy_has_its_limits() -> None:
    groups = "".join(f"group g{n} any {f'g{n - 1}' if n else 'X1'}\n" for n in range(255))

    assert policy(f"{W1}{groups}quorum g254\n").is_enough([X1.key])
    with pytest.raises(SettingError) as caught:
        policy(f"{W1}{groups}group more any g254\nquorum none\n")
    assert caught.value.rule == "policy-length"


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_whatever_is_read_is_a_policy_or_refused(data: bytes) -> None:
    try:
        TrustPolicy.parse(data)
    except SettingError:
        return


def test_a_flipped_bit_in_a_cosignature_is_never_counted() -> None:
    note = note_by(X1)
    start = note.rindex("—".encode())
    for bit in range(start * 8, (len(note) - 1) * 8, 13):
        with pytest.raises((NoteError, VerificationError)):
            policy(f"{WITNESSES}quorum X1\n").require_quorum(flipped(note, bit))
