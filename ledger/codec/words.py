"""The closed vocabularies in their two spellings: the record's words and the wire's numbers.

A member has the same name on both sides, behind the prefix that protobuf asks for; the axes of an
answer stand without one, each in a message of its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from ledger.domain import timing, vocabulary
from ledger.errors import EnvelopeError
from ledger.v1 import axes_pb2, facts_pb2, queries_pb2, shared_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

_WordT = TypeVar("_WordT", bound=StrEnum)
_NumberT = TypeVar("_NumberT", bound=int)


class Words(Generic[_WordT, _NumberT]):
    """One vocabulary: every word has a number, and every number but 0 is a word.

    Args:
        words: The domain's enum.
        number: What gives a name's number, ``<Enum>.Value`` of the generated code.
        prefix: What stands before a word's name on the wire.

    Attributes:
        named: The domain's enum, which turns a value of the record into its word.
    """

    def __init__(
        self, words: type[_WordT], number: Callable[[str], _NumberT], prefix: str = ""
    ) -> None:
        self.named = words
        self._absent = number(f"{prefix}UNSPECIFIED")
        self._numbers = {word: number(prefix + word.name) for word in words}
        self._words = {number: word for word, number in self._numbers.items()}

    def number(self, word: _WordT | None) -> _NumberT:
        """The wire's number of a word; 0 for none."""
        return self._absent if word is None else self._numbers[word]

    def word(self, number: _NumberT, name: str) -> _WordT:
        """The word of a number.

        Raises:
            EnvelopeError: The number is 0 or no word's; ``name`` is the field that held it.
        """
        try:
            return self._words[number]
        except KeyError:
            raise EnvelopeError(
                f"{name} is missing." if number == 0 else f"{name} has the unknown value {number}.",
                field=name,
                rule="unspecified-enum" if number == 0 else "unknown-enum",
            ) from None

    def word_or_none(self, number: _NumberT, name: str) -> _WordT | None:
        """The word of a number, None for 0.

        Raises:
            EnvelopeError: The number is no word's; ``name`` is the field that held it.
        """
        return None if number == self._absent else self.word(number, name)


PRECISIONS: Final = Words(vocabulary.Precision, shared_pb2.Precision.Value, "PRECISION_")
GRADES: Final = Words(vocabulary.Grade, shared_pb2.Grade.Value, "GRADE_")
TRANSACTIONS: Final = Words(vocabulary.Transaction, shared_pb2.Transaction.Value, "TRANSACTION_")
ROLES: Final = Words(vocabulary.Role, shared_pb2.Role.Value, "ROLE_")

TIME_FLAGS: Final = Words(timing.TimeFlag, queries_pb2.TimeFlag.Value, "TIME_FLAG_")

FAMILIES: Final = Words(vocabulary.Family, facts_pb2.Family.Value, "FAMILY_")
FACT_KINDS: Final = Words(vocabulary.FactKind, facts_pb2.FactKind.Value, "FACT_KIND_")
CERTAINTIES: Final = Words(vocabulary.Certainty, facts_pb2.Certainty.Value, "CERTAINTY_")
RELATION_KINDS: Final = Words(
    vocabulary.RelationKind, facts_pb2.RelationKind.Value, "RELATION_KIND_"
)
OUTCOME_KINDS: Final = Words(vocabulary.OutcomeKind, facts_pb2.OutcomeKind.Value, "OUTCOME_KIND_")
PARAMETERS: Final = Words(vocabulary.Parameter, facts_pb2.Parameter.Value, "PARAMETER_")
OPERATORS: Final = Words(vocabulary.Operator, facts_pb2.Operator.Value, "OPERATOR_")
ITEM_CERTAINTIES: Final = Words(
    vocabulary.ItemCertainty, facts_pb2.ItemCertainty.Value, "ITEM_CERTAINTY_"
)
AXES: Final = Words(vocabulary.Axis, facts_pb2.Axis.Value, "AXIS_")

REQUIREMENTS: Final = Words(vocabulary.Requirement, axes_pb2.Requirement.Value.Value)
REVIEW_POLICIES: Final = Words(vocabulary.ReviewPolicy, axes_pb2.ReviewPolicy.Value.Value)
AUTHORIZATIONS: Final = Words(vocabulary.Authorization, axes_pb2.Authorization.Value.Value)
DESTINATION_MEASURES: Final = Words(
    vocabulary.DestinationMeasure, axes_pb2.DestinationMeasure.Value.Value
)
COMMERCIAL_CONDITIONS: Final = Words(
    vocabulary.CommercialCondition, axes_pb2.CommercialCondition.Value.Value
)
EVIDENCES: Final = Words(vocabulary.Evidence, axes_pb2.Evidence.Value.Value)
DISPOSITIONS: Final = Words(vocabulary.Disposition, axes_pb2.Disposition.Value.Value)
BASES: Final = Words(vocabulary.Basis, axes_pb2.Basis.Value.Value)
