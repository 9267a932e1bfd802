"""What must hold of an answer: the question it is to, the tree it stands on, what it cites.

That the answer follows from the entries is not proved here, nor that nothing was withheld.
"""

from __future__ import annotations

from ledger.client.opened import OpenedEntry, open_entry
from ledger.client.records import Source
from ledger.client.trust import Head
from ledger.errors import VerificationError
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import verify_inclusion
from ledger.v1 import queries_pb2


def check_answer(
    request: queries_pb2.GetLicenseStatusRequest,
    response: queries_pb2.GetLicenseStatusResponse,
    head: Head,
) -> None:
    """See that an answer is to this question, and stands on the tree that was asked for.

    Args:
        request: What was asked.
        response: What came back.
        head: The answer's own checkpoint, verified.

    Raises:
        VerificationError: It is an answer to something else.
    """
    check_question(request.question, response.question)
    _stands_on_the_tree(request, response, head)


def check_question(asked: queries_pb2.Question, answered: queries_pb2.Question) -> None:
    """See that what was asked stands in the answer unchanged; what was left open, it filled in.

    Raises:
        VerificationError: The answer is to another question.
    """
    for field, value in asked.ListFields():
        echoed = getattr(answered, field.name)
        if _folded(value) != _folded(echoed):
            raise VerificationError(
                f"The answer is to another question: {field.name} is {echoed!r}, not {value!r}.",
                field=f"question.{field.name}",
                rule="answers-another-question",
            )


def check_inclusion(
    considered: queries_pb2.ConsideredEntry, data: bytes, head: Head
) -> OpenedEntry:
    """See that the answer's own tree holds an entry, by the proof that the answer brings.

    Args:
        considered: What the answer says of the entry.
        data: The entry, as it was read from the log.
        head: The answer's checkpoint, verified.

    Raises:
        VerificationError: The proof does not put these bytes at that index.
    """
    root, index = head.checkpoint.root, considered.index
    try:
        verify_inclusion(index, head.size, leaf_hash(data), considered.inclusion_proof, root)
    except VerificationError as error:
        raise VerificationError(
            f"{considered.fact_id} at index {index}: {error.message}",
            field=_place(considered),
            rule=error.rule,
        ) from error
    return open_entry(data, index)


def check_citation(
    considered: queries_pb2.ConsideredEntry, entry: OpenedEntry, source: Source
) -> None:
    """See that what the answer says of an entry is what stands in the log.

    Args:
        considered: What the answer says.
        entry: The entry, proved.
        source: Who answers for it, by the log.

    Raises:
        VerificationError: The answer tells it otherwise.
    """
    statement = entry.statement
    found = (statement.fact_id, statement.stream, entry.digest, *source)
    told = (
        considered.fact_id,
        considered.stream,
        considered.statement_digest,
        considered.attribution,
        considered.delegate_keyid,
    )
    if told != found:
        raise VerificationError(
            f"The answer tells of {considered.fact_id} at index {entry.index} otherwise than the "
            f"log, where {statement.fact_id} stands, {source.attribution}.",
            field=_place(considered),
            rule="record-differs",
        )


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


def _stands_on_the_tree(
    request: queries_pb2.GetLicenseStatusRequest,
    response: queries_pb2.GetLicenseStatusResponse,
    head: Head,
) -> None:
    size = response.tree_size
    asked = request.tree_size or size
    if not size == asked == head.size or size < request.min_tree_size:
        raise VerificationError(
            f"The answer stands on tree size {size} under a checkpoint of size {head.size}; asked "
            f"for was {request.tree_size or f'at least {request.min_tree_size}'}.",
            field="tree_size",
            rule="tree-size",
        )
    for considered in response.considered:
        if considered.index >= size:
            raise VerificationError(
                f"The answer rests on {considered.fact_id} at index {considered.index}, outside "
                f"its tree of size {size}.",
                field=_place(considered),
                rule="tree-size",
            )


def _place(considered: queries_pb2.ConsideredEntry) -> str:
    return f"considered[{considered.fact_id}]"
