"""A signed note is read in one way, or not at all: what a loose parser takes is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from ledger.log.note import open_note, sign_note
from ledger.log.notekeys import NoteSigner, SignatureType, VerifierKey
from ledger.log.strict import encode_base64
from tests.unit.log.builders import ORIGIN, cosigner_of, signer_of, tree_of

LOG = signer_of()
ROOT = tree_of(5).root()
GOOD = f"{ORIGIN}\n5\n{encode_base64(ROOT)}\n"
NOTE = sign_note(GOOD, [LOG])
LINE = NOTE.decode().rpartition("\n\n")[2]


def opened(note: bytes) -> Checkpoint:
    return open_checkpoint(note, origin=ORIGIN, verifiers=[LOG.key])


def signed(text: str) -> bytes:
    """A text that no honest program would sign, with the log's own good signature."""
    signature = LOG.sign(text.encode())
    line = f"\N{EM DASH} {ORIGIN} {encode_base64(LOG.key.key_id + signature)}\n"
    return f"{text}\n{line}".encode()


def test_the_good_note_opens() -> None:
    assert opened(NOTE) == opened(signed(GOOD)) == Checkpoint(ORIGIN, 5, ROOT)


SIZES: dict[str, str] = {
    "a leading zero": "05",
    "a plus sign": "+5",
    "a minus sign": "-1",
    "minus nothing": "-0",
    "an underscore": "1_000",
    "a comma": "1,000",
    "hexadecimal": "0x5",
    "an exponent": "5e0",
    "a fraction": "5.0",
    "a blank in front": " 5",
    "a blank behind": "5 ",
    "nothing": "",
    "Arabic-Indic digits": "\N{ARABIC-INDIC DIGIT FIVE}",
    "fullwidth digits": "\N{FULLWIDTH DIGIT FIVE}",
    "a superscript": "\N{SUPERSCRIPT FIVE}",
    "more than 63 bits": str(2**63),
    "more than 64 bits": str(2**64 + 5),
    "no end of digits": "9" * 5_000,
}


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
def test_a_size_has_one_spelling(size: str) -> None:
    with pytest.raises(NoteError):
        opened(signed(GOOD.replace("\n5\n", f"\n{size}\n")))


def _root(text: str) -> str:
    return GOOD.replace(encode_base64(ROOT), text)


BODIES: dict[str, str] = {
    "a carriage return at a line's end": GOOD.replace("\n5\n", "\n5\r\n"),
    "carriage returns throughout": GOOD.replace("\n", "\r\n"),
    "a NUL": GOOD.replace("\n5\n", "\n5\x00\n"),
    "a tab": GOOD.replace("\n5\n", "\n\t5\n"),
    "a root without padding": _root(encode_base64(ROOT).rstrip("=")),
    "a root with loose bits": _root(encode_base64(ROOT)[:-2] + "B="),
    "a root in the URL alphabet": _root("-_" + encode_base64(ROOT)[2:]),
    "a root with a blank inside": _root(encode_base64(ROOT)[:4] + " " + encode_base64(ROOT)[4:]),
    "a root of 31 bytes": _root(encode_base64(ROOT[:31])),
    "a root of 33 bytes": _root(encode_base64(ROOT + b"\0")),
    "a root in hexadecimal": _root(ROOT.hex()),
    "an extension line": GOOD + "extension\n",
    "an empty line at the end": GOOD + "\n",
    "no origin": GOOD.partition("\n")[2],
    "an empty origin": GOOD.replace(ORIGIN, ""),
    "a blank line inside": GOOD.replace("\n5\n", "\n\n5\n"),
    "no root": GOOD.rpartition("\n")[0].rpartition("\n")[0] + "\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_has_one_form(body: str) -> None:
    with pytest.raises((NoteError, VerificationError)):
        opened(signed(body))


def test_an_empty_tree_has_one_root() -> None:
    with pytest.raises(NoteError):
        opened(signed(GOOD.replace("\n5\n", "\n0\n")))


ENCODED = LINE.split(" ")[2].rstrip("\n")
LINES: dict[str, str] = {
    "a hyphen for the dash": LINE.replace("\N{EM DASH}", "-"),
    "an en dash": LINE.replace("\N{EM DASH}", "\N{EN DASH}"),
    "two blanks": LINE.replace("\N{EM DASH} ", "\N{EM DASH}  "),
    "a blank at the end": LINE.replace("\n", " \n"),
    "a letter for the final newline": LINE.rstrip("\n") + "A",
    "a stranger without a name beside it": f"{LINE}\N{EM DASH}  {ENCODED}\n",
    "a stranger with a plus beside it": f"{LINE}\N{EM DASH} a+b {ENCODED}\n",
    "a stranger with odd spaces beside it": f"{LINE}\N{EM DASH} a\N{EN QUAD}b {ENCODED}\n",
    "no final newline": LINE.rstrip("\n"),
    "a carriage return": LINE.replace("\n", "\r\n"),
    "a no-break space": LINE.replace("\N{EM DASH} ", "\N{EM DASH}\N{NO-BREAK SPACE}"),
    "no name": f"\N{EM DASH}  {ENCODED}\n",
    "a plus in the name": f"\N{EM DASH} {ORIGIN}+1 {ENCODED}\n",
    "base64 without padding": LINE.replace("=", ""),
    "base64 with loose bits": LINE.replace(ENCODED, ENCODED[:-2].rstrip("=") + "B="),
    "base64 and more": LINE.replace("\n", "AAAA\n"),
    "a key id alone": f"\N{EM DASH} {ORIGIN} {encode_base64(LOG.key.key_id)}\n",
    "no signature at all": "",
    "a blank line behind": LINE + "\n",
    "seventeen signatures": LINE * 17,
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES.keys())
def test_signature_lines_have_one_form(lines: str) -> None:
    with pytest.raises((NoteError, VerificationError)):
        opened(f"{GOOD}\n{lines}".encode())


BORDERS: dict[str, bytes] = {
    "no blank line": f"{GOOD}{LINE}".encode(),
    "two blank lines": f"{GOOD}\n\n{LINE}".encode(),
    "a blank line of blanks": f"{GOOD} \n{LINE}".encode(),
    "a blank line between signatures": f"{GOOD}\n{LINE}\n{LINE}".encode(),
    "the text again below": f"{GOOD}\n{LINE}{GOOD}".encode(),
    "a byte order mark": b"\xef\xbb\xbf" + NOTE,
    "not UTF-8": NOTE.replace(b"\n5\n", b"\n\xff5\n"),
    "overlong UTF-8": NOTE.replace(b"\n5\n", b"\n\xc0\xb5\n"),
    "nothing": b"",
    "a newline": b"\n",
    "a line too long": f"{GOOD}\n{LINE}\N{EM DASH} w {encode_base64(bytes(250_000))}\n".encode(),
}


@pytest.mark.parametrize("note", BORDERS.values(), ids=BORDERS.keys())
def test_the_border_of_text_and_signatures_is_one_blank_line(note: bytes) -> None:
    with pytest.raises((NoteError, VerificationError)):
        opened(note)


def _other(name: str = ORIGIN, seed: int = 7) -> NoteSigner:
    return signer_of(name, seed)


def sign_witnessed() -> bytes:
    """A good text that a known witness cosigned, and the log did not sign."""
    witness = cosigner_of()
    signature = witness.signature_over(GOOD, time_s=1)
    line = f"\N{EM DASH} {witness.key.name} {encode_base64(witness.key.key_id + signature)}\n"
    return f"{GOOD}\n{line}".encode()


SIGNERS: dict[str, Callable[[], bytes]] = {
    "another key of the log's name": lambda: sign_note(GOOD, [_other()]),
    "the log's key under another name": lambda: sign_note(GOOD, [signer_of("ledger.example/x")]),
    "a witness alone": sign_witnessed,
    "the log's signature of another text": lambda: NOTE.replace(b"\n5\n", b"\n6\n"),
}


@pytest.mark.parametrize("write", SIGNERS.values(), ids=SIGNERS.keys())
def test_only_the_log_s_key_signs_for_the_log(write: Callable[[], bytes]) -> None:
    with pytest.raises(VerificationError):
        open_checkpoint(write(), origin=ORIGIN, verifiers=[LOG.key, cosigner_of().key])


def test_a_key_whose_name_and_id_collide_is_no_stand_in() -> None:
    """Ids have 32 bits: a second key can be ground to share one, and must shadow nobody."""

    class Colliding(VerifierKey):
        @property
        def key_id(self) -> bytes:
            return LOG.key.key_id

    forged = signer_of(seed=7)
    twin = Colliding(ORIGIN, SignatureType.ED25519, forged.key.public_key)
    assert (twin.name, twin.key_id) == (LOG.key.name, LOG.key.key_id)
    with pytest.raises(SettingError):
        open_note(NOTE, [LOG.key, twin])
    with pytest.raises(SettingError):
        open_note(NOTE, [twin, LOG.key])


def test_a_line_that_claims_the_log_s_key_and_fails_condemns_the_note() -> None:
    """Also beside a good one: a reader that takes any good line could be shown another text."""
    spoiled = LINE.replace(ENCODED, encode_base64(LOG.key.key_id + bytes(64)))
    for lines in (LINE + spoiled, spoiled + LINE):
        with pytest.raises(VerificationError):
            opened(f"{GOOD}\n{lines}".encode())


@pytest.mark.parametrize("control", ["\x00", "\t", "\r", "\x0b", "\x1b", "\x1f"])
def test_a_note_of_any_text_has_no_control_characters(control: str) -> None:
    """What a terminal shows is not what was signed, where it obeys the text."""
    with pytest.raises(NoteError):
        open_note(signed(f"a text{control} of no checkpoint\n"), [LOG.key])


def test_a_note_that_only_strangers_signed_is_nobody_s() -> None:
    with pytest.raises(VerificationError):
        open_note(sign_note(GOOD, [_other()]), [LOG.key])


def test_one_key_s_two_signatures_count_once() -> None:
    assert len(open_note(f"{GOOD}\n{LINE}{LINE}".encode(), [LOG.key]).signatures) == 1


def test_a_log_does_not_sign_for_another_origin() -> None:
    with pytest.raises(SettingError):
        sign_checkpoint(Checkpoint("ledger.example/x", 5, ROOT), [LOG])
