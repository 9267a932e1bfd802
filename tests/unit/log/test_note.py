from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.note import (
    NOTE_BYTES_MAX,
    SignatureLine,
    SignedNote,
    cosign_note,
    open_note,
    sign_note,
)
from ledger.log.notekeys import NoteSigner, VerifierKey
from tests.unit.log.builders import (
    ORIGIN,
    TEXT,
    TIME_S,
    WITNESS,
    cosigner_of,
    flipped,
    signer_of,
)

SIGNER = signer_of()
NOTE = sign_note(TEXT, [SIGNER])
LINE = NOTE.decode().split("\n")[2]


def signers(count: int) -> list[NoteSigner]:
    return [signer_of(f"key{number}.example", number + 1) for number in range(count)]


def keys(of: list[NoteSigner]) -> list[VerifierKey]:
    return [signer.key for signer in of]


def test_a_note_is_the_text_a_blank_line_and_a_dashed_line() -> None:
    name, _, encoded = LINE.removeprefix("\u2014 ").partition(" ")

    assert f"{TEXT}\n\u2014 {name} {encoded}\n".encode() == NOTE
    assert name == ORIGIN


def test_a_signed_note_opens_under_its_key() -> None:
    opened = open_note(NOTE, [SIGNER.key])

    assert opened.text == TEXT
    assert [(one.key, one.time_s) for one in opened.signatures] == [(SIGNER.key, None)]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\n")))
def test_any_text_without_controls_can_be_signed_and_read_back(text: str) -> None:
    note = sign_note(text + "\n", [SIGNER])

    assert SignedNote.parse(note).to_bytes() == note
    assert open_note(note, [SIGNER.key]).text == text + "\n"


def test_a_text_may_hold_blank_lines_and_what_looks_like_a_signature() -> None:
    text = f"first\n\n{LINE}\n\nlast\n"

    assert open_note(sign_note(text, [SIGNER]), [SIGNER.key]).text == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("", "note-form", id="nothing"),
        pytest.param("no end", "note-form", id="no final newline"),
        pytest.param(f"text\n\n{LINE}", "note-form", id="ends like a signature"),
        pytest.param("tab\tbed\n", "control-character", id="tab"),
        pytest.param("\r\n", "control-character", id="carriage return"),
        pytest.param("\x00\n", "control-character", id="NUL"),
        pytest.param("\ud800\n", "utf-8", id="half a surrogate pair"),
    ],
)
def test_a_text_that_cannot_stand_in_a_note_is_not_signed(text: str, rule: str) -> None:
    with pytest.raises(NoteError) as caught:
        sign_note(text, [SIGNER])

    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("note", "rule"),
    [
        pytest.param(b"", "note-form", id="nothing"),
        pytest.param(TEXT.encode(), "note-form", id="text only"),
        pytest.param(TEXT.encode() + b"\n", "note-form", id="no signature lines"),
        pytest.param(b"\n" + LINE.encode() + b"\n", "note-form", id="no text"),
        pytest.param(NOTE[:-1], "note-form", id="last line not ended"),
        pytest.param(NOTE + b"\n", "note-form", id="blank line after"),
        pytest.param(NOTE + b"more\n", "signature-line", id="another text after"),
        pytest.param(NOTE.replace(b"\n\n", b"\n"), "note-form", id="no blank line"),
        pytest.param(NOTE.replace(b"\n", b"\r\n"), "control-character", id="CRLF"),
        pytest.param(NOTE.replace(b"text", b"te\x00t"), "control-character", id="NUL"),
        pytest.param(NOTE.replace(b"text", b"te\x1bt"), "control-character", id="escape"),
        pytest.param(NOTE.replace(b"text", b"te\xfft"), "utf-8", id="no UTF-8"),
        pytest.param(NOTE.replace(b"text", b"te\xc0\x80t"), "utf-8", id="overlong NUL"),
        pytest.param(NOTE.replace(b"text", b"\xed\xa0\x80"), "utf-8", id="surrogate"),
        pytest.param(b"x" * NOTE_BYTES_MAX + NOTE, "note-length", id="too long"),
    ],
)
def test_bytes_that_are_no_note_are_refused(note: bytes, rule: str) -> None:
    with pytest.raises(NoteError) as caught:
        open_note(note, [SIGNER.key])

    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        pytest.param(LINE.replace("\u2014", "-"), "signature-line", id="hyphen"),
        pytest.param(LINE.replace("\u2014", "\u2013"), "signature-line", id="en dash"),
        pytest.param(LINE.replace(" ", "  ", 1), "signature-line", id="two spaces"),
        pytest.param(" " + LINE, "signature-line", id="space before"),
        pytest.param(LINE + " ", "signature-line", id="space after"),
        pytest.param(f"\u2014 {ORIGIN}", "signature-line", id="no signature"),
        pytest.param(f"\u2014 {ORIGIN} AAAAAA==", "signature-line", id="key id only"),
        pytest.param(f"\u2014 {ORIGIN} ", "signature-line", id="empty signature"),
        pytest.param(f"\u2014 {ORIGIN} AAAAAAA", "base64", id="no padding"),
        pytest.param("\u2014  AAAAAAA=", "key-name", id="empty name"),
        pytest.param("\u2014 a+b AAAAAAA=", "key-name", id="plus in the name"),
        pytest.param("\u2014 a\u2003b AAAAAAA=", "key-name", id="em space in the name"),
    ],
)
def test_a_signature_line_in_another_form_condemns_the_note(line: str, rule: str) -> None:
    with pytest.raises(NoteError) as caught:
        SignedNote.parse(NOTE + line.encode() + b"\n")

    assert caught.value.rule == rule


@given(st.binary(max_size=200))
def test_any_bytes_are_a_note_in_one_spelling_or_refused(data: bytes) -> None:
    for candidate in (data, NOTE + data, data + NOTE):
        try:
            note = SignedNote.parse(candidate)
        except NoteError:
            continue
        assert note.to_bytes() == candidate


def test_signatures_of_unknown_keys_are_ignored() -> None:
    note = sign_note(TEXT, [*signers(3), SIGNER])

    assert [one.key for one in open_note(note, [SIGNER.key]).signatures] == [SIGNER.key]


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(signer_of(seed=2).key, id="same name, other key"),
        pytest.param(signer_of(name="other.example").key, id="same key, other name"),
    ],
)
def test_a_note_no_known_key_signed_is_refused(known: VerifierKey) -> None:
    with pytest.raises(VerificationError) as caught:
        open_note(NOTE, [known])

    assert caught.value.rule == "no-known-signature"


def test_a_note_opens_under_no_keys_at_all_never() -> None:
    with pytest.raises(VerificationError):
        open_note(NOTE, [])


@given(bit=st.integers(32, 8 * 68 - 1))
def test_a_failing_signature_of_a_known_key_condemns_a_note_another_signed(bit: int) -> None:
    good, bad = signers(2)
    parsed = SignedNote.parse(sign_note(TEXT, [good, bad]))
    last = parsed.signatures[1]
    broken = flipped(last.key_id + last.signature, bit)
    note = SignedNote(
        TEXT, (parsed.signatures[0], SignatureLine(last.name, broken[:4], broken[4:]))
    ).to_bytes()

    assert open_note(note, [good.key]).text == TEXT
    with pytest.raises(VerificationError) as caught:
        open_note(note, [good.key, bad.key])
    assert caught.value.rule == "note-signature"


def test_a_changed_text_is_refused() -> None:
    with pytest.raises(VerificationError):
        open_note(NOTE.replace(b"text", b"Text"), [SIGNER.key])


def test_every_line_of_a_known_key_must_hold_also_after_a_good_one() -> None:
    other = SignedNote.parse(sign_note("other\n", [SIGNER])).signatures
    note = SignedNote.parse(NOTE).with_signatures(other).to_bytes()

    with pytest.raises(VerificationError):
        open_note(note, [SIGNER.key])


def test_a_key_that_signed_twice_counts_once() -> None:
    cosigner = cosigner_of()
    note = cosign_note(NOTE, cosigner, time_s=TIME_S)
    note = cosign_note(note, cosigner, time_s=TIME_S + 60)

    opened = open_note(note, [cosigner.key])

    assert [(one.key, one.time_s) for one in opened.signatures] == [(cosigner.key, TIME_S)]


def test_a_cosignature_is_added_after_the_others_and_tells_its_time() -> None:
    cosigner = cosigner_of()

    note = cosign_note(NOTE, cosigner, time_s=TIME_S)

    assert note.startswith(NOTE)
    assert [
        (one.key.name, one.time_s) for one in open_note(note, [cosigner.key, SIGNER.key]).signatures
    ] == [
        (ORIGIN, None),
        (WITNESS, TIME_S),
    ]


def test_the_same_key_named_twice_among_the_verifiers_is_one_key() -> None:
    assert len(open_note(NOTE, [SIGNER.key, signer_of().key]).signatures) == 1


def test_two_verifiers_that_cannot_be_told_apart_are_refused() -> None:
    shadow = signer_of(seed=2).key
    shadow.__dict__["key_id"] = SIGNER.key.key_id  # as grinding 2**32 keys would give

    with pytest.raises(SettingError) as caught:
        open_note(NOTE, [SIGNER.key, shadow])

    assert caught.value.rule == "ambiguous-verifiers"


def test_sixteen_signatures_are_accepted_and_verified() -> None:
    sixteen = signers(16)

    opened = open_note(sign_note(TEXT, sixteen), keys(sixteen))

    assert [one.key for one in opened.signatures] == keys(sixteen)


@pytest.mark.parametrize("count", [0, 17])
def test_no_signature_or_a_seventeenth_is_refused(count: int) -> None:
    with pytest.raises(NoteError) as caught:
        sign_note(TEXT, signers(count))

    assert caught.value.rule == "signature-count"


def test_a_seventeenth_signature_is_refused_on_reading_and_on_adding() -> None:
    full = sign_note(TEXT, signers(16))

    with pytest.raises(NoteError) as reading:
        SignedNote.parse(full + LINE.encode() + b"\n")
    with pytest.raises(NoteError) as adding:
        cosign_note(full, cosigner_of(), time_s=TIME_S)

    assert reading.value.rule == adding.value.rule == "signature-count"


def test_a_cosigner_does_not_sign_notes_of_its_own() -> None:
    with pytest.raises(SettingError):
        sign_note(TEXT, [cosigner_of()])


def test_a_log_key_does_not_cosign() -> None:
    with pytest.raises(SettingError):
        cosign_note(NOTE, SIGNER, time_s=TIME_S)
