from __future__ import annotations

from hashlib import sha256

import pytest

from ledger.domain.attachments import AttachmentRegister, AttachmentState, commitment_of
from ledger.errors import InputError
from tests.builders import committed, erased, order, salt_of


def test_a_commitment_is_made_as_the_design_says() -> None:
    salt, content = salt_of("a letter"), b"a letter"

    assert commitment_of(salt, content) == sha256(b"ledger-attachment-v1" + salt + content).digest()


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_salt_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InputError) as refused:
        commitment_of(bytes(length), b"")

    assert (refused.value.rule, refused.value.field) == ("salt-length", "salt")


def register() -> AttachmentRegister:
    """Two facts that name three documents, the first of which is erased at index 2."""
    made = AttachmentRegister()
    made.add(0, "bo", order("order-1"), [committed("a letter"), committed("a contract")])
    made.add(1, "bo", order("order-2"), [committed("a letter")])
    made.add(2, "ada", erased("a letter"), [])
    made.add(3, "bo", order("order-3"), [committed("an invoice")])
    return made


def told(tree_size: int) -> list[tuple[str, bytes, int | None]]:
    return [
        (
            attachment.fact_id,
            attachment.named.commitment,
            attachment.erasure.index if attachment.erasure else None,
        )
        for attachment in register().attachments(tree_size)
    ]


def test_an_erasure_is_told_of_every_statement_that_names_the_document() -> None:
    letter, contract = committed("a letter").commitment, committed("a contract").commitment

    assert told(3) == [("order-1", letter, 2), ("order-1", contract, None), ("order-2", letter, 2)]


def test_erasures_are_counted() -> None:
    assert (AttachmentRegister().erasures, register().erasures) == (0, 1)


def test_an_older_tree_knows_neither_later_names_nor_later_erasures() -> None:
    letter, contract = committed("a letter").commitment, committed("a contract").commitment

    assert told(1) == [("order-1", letter, None), ("order-1", contract, None)]
    assert told(0) == []


def test_a_document_that_was_erased_ahead_is_erased_when_it_is_named() -> None:
    made = AttachmentRegister()
    made.add(0, "ada", erased("a letter"), [])
    made.add(1, "bo", order("order-1"), [committed("a letter")])

    (attachment,) = made.attachments(2)

    assert str(attachment.erasure) == "erased by ada at index 0: It names a person."


@pytest.mark.parametrize(
    ("place", "held", "state"),
    [
        (0, False, AttachmentState.ERASED),
        (0, True, AttachmentState.ERASED),
        (1, True, AttachmentState.PRESENT),
        (1, False, AttachmentState.MISSING),
    ],
)
def test_a_document_is_present_missing_or_erased(
    place: int, held: bool, state: AttachmentState
) -> None:
    assert list(register().attachments(4))[place].state(held=held) is state
