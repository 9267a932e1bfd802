"""An answer derived again from a record of one's own, and compared with the one that was given.

Inclusion proofs show that what an answer cites is in the log. That it follows from the log, and
that nothing was withheld from it, is shown by deriving it again: byte for byte, apart from the
checkpoint and the proofs, which stand on the log and are verified against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from google.protobuf import json_format

from ledger.client.pins import Pin
from ledger.client.trust import open_head
from ledger.codec.answers import Rows, answer_to_proto
from ledger.codec.questions import question_from_proto
from ledger.domain.determination.engine import ENGINE_VERSION, determine
from ledger.errors import InputError, VerificationError
from ledger.log.hashtree import HashTree
from ledger.log.proofs import root_at, verify_inclusion
from ledger.readmodels.models import ReadModels
from ledger.v1 import queries_pb2

ANSWER_BYTES_MAX: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer that somebody was given.

    Attributes:
        name: The file that it came in.
        response: What was answered, with its question.
    """

    name: str
    response: queries_pb2.GetLicenseStatusResponse

    @classmethod
    def parse(cls, name: str, content: bytes) -> GivenAnswer:
        """Read a GetLicenseStatusResponse as protobuf-JSON, as ``status -o json`` prints it.

        Raises:
            InputError: It is none, or lacks what it can be derived by.
        """
        response = queries_pb2.GetLicenseStatusResponse()
        if len(content) > ANSWER_BYTES_MAX:
            raise InputError(
                f"{name} holds no answer: it is over {ANSWER_BYTES_MAX} bytes long.",
                field="answer",
                rule="answer-form",
            )
        try:
            json_format.Parse(content.decode("utf-8"), response)
        except (json_format.ParseError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(
                f"{name} holds no answer: {error}.", field="answer", rule="answer-form"
            ) from error
        question = response.question
        if not (question.as_of and question.known_at and question.basis and response.tree_size):
            raise InputError(
                f"{name} does not say as of when, by whose knowledge and on which tree it answers.",
                field="answer",
                rule="answer-form",
            )
        return cls(name, response)

    @property
    def tree_size(self) -> int:
        """The tree that it stands on."""
        return self.response.tree_size

    @property
    def question(self) -> str:
        """What it answers, in one line."""
        question = self.response.question
        exporter = f", exporter {question.exporter}" if question.exporter else ""
        return (
            f"{question.item} to {question.destination}{exporter}, as of {question.as_of}, "
            f"known at {question.known_at}"
        )

    def verify(self, models: ReadModels, tree: HashTree, pin: Pin) -> None:
        """Derive it again and compare.

        Args:
            models: Read models of one's own, over all entries up to its tree size at least.
            tree: The tree over the same entries.
            pin: Which log.

        Raises:
            VerificationError: It does not follow from the entries.
            LedgerError: It stands on a tree that this log does not have, or its question cannot
                be asked.
        """
        if self.response.engine_version != ENGINE_VERSION:
            raise VerificationError(
                f"It was derived by engine version {self.response.engine_version!r}, and this "
                f"program has {ENGINE_VERSION!r}.",
                field="engine_version",
                rule="engine-version",
            )
        self._check_checkpoint(tree, pin)
        self._check_proofs(tree)
        given = _bare(self.response)
        derived = self._derived(models, later=False)
        also_later = self._derived(models, later=True)
        if _bytes(given) not in (_bytes(derived), _bytes(also_later)):
            raise VerificationError(
                f"It does not follow from the first {self.tree_size} entries: "
                f"{_difference(given, derived)}",
                field="answer",
                rule="answer-differs",
            )

    def _derived(self, models: ReadModels, *, later: bool) -> queries_pb2.GetLicenseStatusResponse:
        """The answer as the entries give it, with or without what became known later."""
        question = question_from_proto(self.response.question, today=date.min)
        with models.register.reading(self.tree_size) as register:
            answer = determine(question, register, include_not_yet_known=later)
        view = models.catalog.at(answer.tree_size)
        return answer_to_proto(answer, Rows(attribution=view.attribution, delegate=view.delegate))

    def _check_checkpoint(self, tree: HashTree, pin: Pin) -> None:
        if not self.response.checkpoint:
            return
        checkpoint = open_head(pin, self.response.checkpoint).checkpoint
        if (checkpoint.size, checkpoint.root) != (self.tree_size, root_at(self.tree_size, tree)):
            raise VerificationError(
                f"Its checkpoint is not one of the first {self.tree_size} entries.",
                field="checkpoint",
                rule="root-hash",
            )

    def _check_proofs(self, tree: HashTree) -> None:
        root = root_at(self.tree_size, tree)
        for entry in self.response.considered:
            if entry.inclusion_proof:
                leaf = tree.node(0, entry.index)
                verify_inclusion(entry.index, self.tree_size, leaf, entry.inclusion_proof, root)


def _bare(response: queries_pb2.GetLicenseStatusResponse) -> queries_pb2.GetLicenseStatusResponse:
    """The answer without what proves that its entries are in the log."""
    bare = queries_pb2.GetLicenseStatusResponse()
    bare.CopyFrom(response)
    bare.ClearField("checkpoint")
    for entry in bare.considered:
        entry.ClearField("inclusion_proof")
    return bare


def _difference(
    given: queries_pb2.GetLicenseStatusResponse, derived: queries_pb2.GetLicenseStatusResponse
) -> str:
    """The first field that is told otherwise."""
    for field in derived.DESCRIPTOR.fields:
        if getattr(given, field.name) != getattr(derived, field.name):
            return f"{field.name} comes out otherwise."
    return "its bytes come out otherwise."


def _bytes(response: queries_pb2.GetLicenseStatusResponse) -> bytes:
    return response.SerializeToString(deterministic=True)
