from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import SignatureError
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.signing.verifying import verify_all

MESSAGE = b"a statement"
KEYS = [
    *(PrivateKey.generate() for _ in range(64)),
    PrivateKey.generate(Algorithm.ECDSA_P256_SHA256),
]
SIGNED = [(key.public, key.sign(MESSAGE)) for key in KEYS]


@pytest.mark.parametrize("count", [1, 2, 64])
def test_up_to_64_signatures_by_different_keys_are_verified(count: int) -> None:
    verify_all(MESSAGE, SIGNED[:count])

    with pytest.raises(SignatureError):
        verify_all(b"another", SIGNED[:count])


def test_algorithms_may_be_mixed() -> None:
    verify_all(MESSAGE, SIGNED[-2:])


@pytest.mark.parametrize("count", [0, 65])
def test_no_signature_or_a_sixty_fifth_is_refused(count: int) -> None:
    with pytest.raises(SignatureError) as caught:
        verify_all(MESSAGE, SIGNED[:count])

    assert caught.value.rule == "signature-count"


@given(count=st.integers(1, 6), data=st.data())
def test_one_failing_signature_condemns_the_rest_and_is_named(
    count: int, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, count - 1))
    signatures = SIGNED[:count]
    key = signatures[place][0]
    signatures[place] = (key, SIGNED[count][1])

    with pytest.raises(SignatureError) as caught:
        verify_all(MESSAGE, signatures)

    assert key.keyid in caught.value.message
    assert (caught.value.field, caught.value.rule) == (f"signatures[{place}].sig", "signature")


def test_a_key_that_signs_twice_is_refused_though_both_signatures_hold() -> None:
    key = KEYS[-1]
    twice = [SIGNED[0], SIGNED[-1], (key.public, key.sign(MESSAGE))]

    with pytest.raises(SignatureError) as caught:
        verify_all(MESSAGE, twice)

    assert key.public.keyid in caught.value.message
    assert (caught.value.field, caught.value.rule) == ("signatures[2].keyid", "signature-twice")
