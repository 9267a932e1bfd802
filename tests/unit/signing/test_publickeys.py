from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from ledger.errors import InputError, SignatureError
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm, PublicKey, parse_public_key
from tests.unit.signing import edwards

ED25519_PREFIX = bytes.fromhex("302a300506032b6570032100")
P256_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1

MESSAGE = b"a statement"
SEED = bytes(range(32))
ED25519 = parse_public_key(ED25519_PREFIX + bytes(SigningKey(SEED).verify_key))
ED25519_SIGNATURE = SigningKey(SEED).sign(MESSAGE).signature
P256_KEY = PrivateKey.generate(Algorithm.ECDSA_P256_SHA256)
P256 = P256_KEY.public


def spki(key: object) -> bytes:
    return key.public_bytes(  # type: ignore[attr-defined, no-any-return]
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )


def unparsed(raw: bytes) -> PublicKey:
    """A key past the gate, to see what verification alone would do with it."""
    der = ED25519_PREFIX + raw
    return PublicKey(der, Algorithm.ED25519, sha256(der).hexdigest(), None)


def test_the_keyid_is_the_hash_of_the_der() -> None:
    for key in (ED25519, P256):
        assert key.keyid == sha256(key.spki_der).hexdigest()


@given(st.binary(min_size=32, max_size=32))
def test_an_honest_ed25519_key_is_read(seed: bytes) -> None:
    raw = bytes(SigningKey(seed).verify_key)

    key = parse_public_key(ED25519_PREFIX + raw)

    assert (key.algorithm, key.raw) == (Algorithm.ED25519, raw)


@given(st.integers(1, P256_ORDER - 1))
def test_an_honest_p256_key_is_read(secret: int) -> None:
    public = ec.derive_private_key(secret, ec.SECP256R1()).public_key()
    numbers = public.public_numbers()

    key = parse_public_key(spki(public))

    assert key.algorithm is Algorithm.ECDSA_P256_SHA256
    assert key.raw == numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")


@given(st.sampled_from([ED25519.spki_der, P256.spki_der]), st.data())
def test_whatever_is_accepted_is_what_openssl_would_write(der: bytes, data: st.DataObject) -> None:
    """One key, one encoding: else one key would have two keyids."""
    changed = bytearray(der)
    changed[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        key = parse_public_key(bytes(changed))
    except InputError:
        return

    assert spki(load_der_public_key(key.spki_der)) == bytes(changed)


@given(st.binary(max_size=120))
def test_any_bytes_that_are_no_key_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_public_key(data)

    assert (caught.value.field, caught.value.rule) == ("spki_der", "key-form")


def p256_forms() -> dict[str, bytes]:
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + P256.raw)
    compressed = public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    header = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
    hybrid = bytes([6 + P256.raw[-1] % 2]) + P256.raw
    infinity = bytes.fromhex("3019301306072a8648ce3d020106082a8648ce3d03010703020000")
    return {
        "P-256, compressed": header + compressed,
        "P-256, hybrid": P256_PREFIX + hybrid,
        "P-256, at infinity": infinity,
        "P-256, long length": bytes.fromhex("308159") + P256.spki_der[2:],
        "P-256, byte after": P256.spki_der + b"\x00",
        "P-256, byte short": P256.spki_der[:-1],
    }


OTHER_FORMS = {
    "Ed25519, null parameters": bytes.fromhex("302c300706032b65700500032100") + ED25519.raw,
    "Ed25519, long length": bytes.fromhex("30812a") + ED25519.spki_der[2:],
    "Ed25519, indefinite length": b"\x30\x80" + ED25519.spki_der[2:] + bytes(2),
    "Ed25519, unused bits": ED25519_PREFIX[:-1] + b"\x01" + ED25519.raw,
    "Ed25519, byte after": ED25519.spki_der + b"\x00",
    "Ed25519, byte short": ED25519.spki_der[:-1],
    "Ed25519, raw": ED25519.raw,
    "X25519": spki(x25519.X25519PrivateKey.generate().public_key()),
    "Ed448": spki(ed448.Ed448PrivateKey.generate().public_key()),
    "RSA": spki(rsa.generate_private_key(65537, 2048).public_key()),
    "P-384": spki(ec.generate_private_key(ec.SECP384R1()).public_key()),
    "secp256k1": spki(ec.generate_private_key(ec.SECP256K1()).public_key()),
    **p256_forms(),
}


@pytest.mark.parametrize("der", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_another_algorithm_curve_or_encoding_is_refused(der: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_public_key(der)

    assert caught.value.rule == "key-form"


def small_x_point() -> bytes:
    """A P-256 point whose x fits once more below 2**256, hence has a second spelling."""
    x = 1
    while True:
        try:
            point = ec.EllipticCurvePublicKey.from_encoded_point(
                ec.SECP256R1(), b"\x02" + x.to_bytes(32, "big")
            )
        except ValueError:
            x += 1
        else:
            return point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def test_p256_coordinates_at_or_above_the_prime_are_refused() -> None:
    point = small_x_point()
    x, y = int.from_bytes(point[:32], "big"), point[32:]
    assert parse_public_key(P256_PREFIX + b"\x04" + point).raw == point

    with pytest.raises(InputError) as caught:
        parse_public_key(P256_PREFIX + b"\x04" + (x + P256_PRIME).to_bytes(32, "big") + y)

    assert caught.value.rule == "key-point"


@pytest.mark.parametrize("point", [bytes(64), b"\x01" * 64, b"\xff" * 64])
def test_p256_points_off_the_curve_are_refused(point: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_public_key(P256_PREFIX + b"\x04" + point)

    assert caught.value.rule == "key-point"


def test_there_are_eight_torsion_points_and_fourteen_encodings_of_them() -> None:
    assert len(edwards.torsion()) == 8
    assert all(edwards.multiply(8, point) == edwards.IDENTITY for point in edwards.torsion())
    assert len(edwards.torsion_encodings()) == 14


@pytest.mark.parametrize("raw", edwards.torsion_encodings(), ids=bytes.hex)
def test_a_torsion_point_in_any_encoding_is_no_key(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_public_key(ED25519_PREFIX + raw)

    assert caught.value.rule == "key-point"


@pytest.mark.parametrize("y", range(edwards.P, 2**255))
@pytest.mark.parametrize("sign", [0, 1])
def test_an_encoding_with_y_of_p_or_more_is_no_key(y: int, sign: int) -> None:
    with pytest.raises(InputError):
        parse_public_key(ED25519_PREFIX + (y | sign << 255).to_bytes(32, "little"))


@pytest.mark.parametrize(
    "torsion",
    [point for point in edwards.torsion() if point != edwards.IDENTITY],
    ids=lambda point: edwards.encode(point).hex()[-8:],
)
def test_a_key_with_a_torsion_part_is_refused(torsion: edwards.Point) -> None:
    """Verifiers with and without the cofactor would disagree about its signatures."""
    mixed = edwards.encode(edwards.add(edwards.decode(ED25519.raw), torsion))

    with pytest.raises(InputError) as caught:
        parse_public_key(ED25519_PREFIX + mixed)

    assert caught.value.rule == "key-point"


def test_an_ed25519_point_off_the_curve_is_no_key() -> None:
    assert edwards.point_at(2, 0) is None

    with pytest.raises(InputError):
        parse_public_key(ED25519_PREFIX + (2).to_bytes(32, "little"))


def test_a_good_signature_verifies() -> None:
    ED25519.verify(ED25519_SIGNATURE, MESSAGE)
    P256.verify(P256_KEY.sign(MESSAGE), MESSAGE)


@pytest.mark.parametrize("key", [PrivateKey.generate(algorithm) for algorithm in Algorithm])
def test_another_message_is_refused(key: PrivateKey) -> None:
    with pytest.raises(SignatureError) as caught:
        key.public.verify(key.sign(MESSAGE), MESSAGE + b"!")

    assert caught.value.rule == "signature"
    assert key.public.keyid in caught.value.message


@pytest.mark.parametrize("key", [ED25519, P256], ids=["ed25519", "p256"])
@given(signature=st.binary(max_size=80))
def test_any_bytes_that_are_no_signature_are_refused(key: PublicKey, signature: bytes) -> None:
    with pytest.raises(SignatureError):
        key.verify(signature, MESSAGE)


@given(st.integers(0, 511))
def test_an_ed25519_signature_with_a_bit_changed_is_refused(bit: int) -> None:
    changed = bytearray(ED25519_SIGNATURE)
    changed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SignatureError):
        ED25519.verify(bytes(changed), MESSAGE)


@pytest.mark.parametrize("length", [0, 63, 65])
def test_an_ed25519_signature_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(SignatureError) as caught:
        ED25519.verify((ED25519_SIGNATURE + b"\x00")[:length], MESSAGE)

    assert caught.value.rule == "signature-form"


@pytest.mark.parametrize("times", [1, 2, 15])
def test_an_s_of_the_group_order_or_more_is_refused(times: int) -> None:
    """The equation does not mind: S and S + L are the same multiple of the base point."""
    s = int.from_bytes(ED25519_SIGNATURE[32:], "little") + times * edwards.ORDER
    shifted = ED25519_SIGNATURE[:32] + s.to_bytes(32, "little")
    assert edwards.equation_holds(ED25519.raw, shifted, MESSAGE)

    with pytest.raises(SignatureError):
        ED25519.verify(shifted, MESSAGE)


def test_an_r_of_small_order_is_refused_though_the_owner_of_the_key_made_it() -> None:
    r = edwards.encode(edwards.IDENTITY)
    secret = edwards.secret_scalar(SEED)
    s = edwards.challenge(r, ED25519.raw, MESSAGE) * secret % edwards.ORDER
    signature = r + s.to_bytes(32, "little")
    assert edwards.equation_holds(ED25519.raw, signature, MESSAGE)

    with pytest.raises(SignatureError):
        ED25519.verify(signature, MESSAGE)


def all_torsion_forgery(public_key: bytes) -> tuple[bytes, bytes]:
    """A message and a signature with S = 0 made without any private key."""
    for number in range(1000):
        message = b"pay %d" % number
        for point in edwards.torsion():
            signature = edwards.encode(point) + bytes(32)
            if edwards.equation_holds(public_key, signature, message):
                return message, signature
    raise AssertionError


@pytest.mark.parametrize(
    "point", edwards.torsion(), ids=lambda point: edwards.encode(point).hex()[:8]
)
def test_a_forgery_of_torsion_points_only_is_refused_even_past_the_gate(
    point: edwards.Point,
) -> None:
    public_key = edwards.encode(point)
    message, signature = all_torsion_forgery(public_key)

    with pytest.raises(SignatureError):
        unparsed(public_key).verify(signature, message)


def test_under_the_identity_one_signature_would_fit_every_message() -> None:
    """Why the gate exists: this is what a lenient verifier accepts."""
    identity = edwards.encode(edwards.IDENTITY)
    signature = identity + bytes(32)

    for message in (b"one", b"another"):
        assert edwards.equation_holds(identity, signature, message)
        with pytest.raises(SignatureError):
            unparsed(identity).verify(signature, message)


def integer(value: int, *, pad: bytes = b"") -> bytes:
    body = pad + value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)
    return b"\x02" + bytes([len(body)]) + body


def sequence(body: bytes) -> bytes:
    return b"\x30" + bytes([len(body)]) + body


def test_p256_signatures_with_either_s_verify() -> None:
    """The twin is as good: signatures name nothing, and many devices do not normalize S."""
    r, s = decode_dss_signature(P256_KEY.sign(MESSAGE))

    P256.verify(encode_dss_signature(r, s), MESSAGE)
    P256.verify(encode_dss_signature(r, P256_ORDER - s), MESSAGE)


R, S = decode_dss_signature(P256_KEY.sign(MESSAGE))
GOOD = sequence(integer(R) + integer(S))
NOT_DER = {
    "zero before r": sequence(integer(R, pad=b"\x00") + integer(S)),
    "zero before s": sequence(integer(R) + integer(S, pad=b"\x00")),
    "long length": b"\x30\x81" + GOOD[1:],
    "indefinite length": b"\x30\x80" + GOOD[2:] + bytes(2),
    "byte after": GOOD + b"\x00",
    "element after": sequence(integer(R) + integer(S) + b"\x05\x00"),
    "r only": sequence(integer(R)),
    "r and s raw": R.to_bytes(32, "big") + S.to_bytes(32, "big"),
    "cut": GOOD[:-1],
    "nothing": b"",
}


def test_the_der_writer_of_these_tests_writes_der() -> None:
    P256.verify(GOOD, MESSAGE)


@pytest.mark.parametrize("signature", NOT_DER.values(), ids=NOT_DER)
def test_a_p256_signature_that_is_not_der_is_refused(signature: bytes) -> None:
    with pytest.raises(SignatureError) as caught:
        P256.verify(signature, MESSAGE)

    assert caught.value.rule == "signature-form"


OUT_OF_RANGE = {
    "both zero": (0, 0),
    "r zero": (0, S),
    "s zero": (R, 0),
    "r negative": (-R, S),
    "s negative": (R, -S),
    "r beyond the order": (R + P256_ORDER, S),
    "s beyond the order": (R, S + P256_ORDER),
}


@pytest.mark.parametrize(("r", "s"), OUT_OF_RANGE.values(), ids=OUT_OF_RANGE)
def test_a_p256_signature_out_of_range_is_refused(r: int, s: int) -> None:
    with pytest.raises(SignatureError):
        P256.verify(sequence(integer(r) + integer(s)), MESSAGE)


def test_a_signature_does_not_pass_under_a_key_of_the_other_algorithm() -> None:
    with pytest.raises(SignatureError):
        ED25519.verify(P256_KEY.sign(MESSAGE), MESSAGE)
    with pytest.raises(SignatureError):
        P256.verify(ED25519_SIGNATURE, MESSAGE)


def test_keys_are_equal_by_what_they_are() -> None:
    again = parse_public_key(P256.spki_der)

    assert again == P256
    assert hash(again) == hash(P256)
    assert again != ED25519
