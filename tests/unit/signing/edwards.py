"""Ed25519's curve in a few slow lines (RFC 8032 section 5.1): torsion points and forgeries.

It shares nothing with libsodium or OpenSSL, so it can say what they ought to refuse.
"""

from __future__ import annotations

from hashlib import sha512

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int]
IDENTITY: Point = (0, 1)


def add(a: Point, b: Point) -> Point:
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P,
    )


def multiply(scalar: int, point: Point) -> Point:
    result = IDENTITY
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def point_at(y: int, sign: int) -> Point | None:
    """The point with this y and sign of x, or None if there is none."""
    ratio = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(ratio, (P + 3) // 8, P)
    if (x * x - ratio) % P:
        x = x * SQRT_MINUS_ONE % P
    if (x * x - ratio) % P:
        return None
    return (x if x % 2 == sign else -x % P, y)


def _base() -> Point:
    point = point_at(4 * pow(5, -1, P) % P, 0)
    assert point is not None
    return point


BASE = _base()


def encode(point: Point, *, y_plus: int = 0, sign: int | None = None) -> bytes:
    """The 32 bytes of a point; ``y_plus`` and ``sign`` make encodings that are not canonical."""
    x, y = point
    return (y + y_plus | (x % 2 if sign is None else sign) << 255).to_bytes(32, "little")


def decode(data: bytes) -> Point:
    value = int.from_bytes(data, "little")
    point = point_at(value % 2**255 % P, value >> 255)
    assert point is not None
    return point


def torsion() -> list[Point]:
    """The eight points whose order divides 8, found as ORDER times points of the whole curve."""
    y = 2
    while True:
        candidate = point_at(y, 0)
        if candidate is not None:
            eighth = multiply(ORDER, candidate)
            points = {multiply(times, eighth) for times in range(8)}
            if len(points) == 8:
                return sorted(points)
        y += 1


def torsion_encodings() -> list[bytes]:
    """Every 32 bytes that a lenient decoder would take for a torsion point."""
    found = set()
    for point in torsion():
        for y_plus in (0, P):
            if point[1] + y_plus < 2**255:
                found.add(encode(point, y_plus=y_plus))
                if point[0] == 0:
                    found.add(encode(point, y_plus=y_plus, sign=1))
    return sorted(found)


def challenge(r: bytes, public_key: bytes, message: bytes) -> int:
    return int.from_bytes(sha512(r + public_key + message).digest(), "little") % ORDER


def equation_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether S*B = R + h*A, which is all that a lenient verifier asks."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    right = add(decode(r), multiply(challenge(r, public_key, message), decode(public_key)))
    return multiply(s, BASE) == right


def secret_scalar(seed: bytes) -> int:
    """The private scalar a seed stands for (RFC 8032 section 5.1.5)."""
    value = int.from_bytes(sha512(seed).digest()[:32], "little")
    return value & ((1 << 254) - 8) | 1 << 254
