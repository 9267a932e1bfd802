"""Reported facts, the four families of the record, between protobuf and the domain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ledger.codec.effects import (
    claim_from_proto,
    claim_to_proto,
    effect_from_proto,
    effect_to_proto,
    money_from_proto,
    money_to_proto,
    outcome_from_proto,
    outcome_to_proto,
    quantity_from_proto,
    quantity_to_proto,
    relation_from_proto,
    relation_to_proto,
    signatories_from_proto,
    signatories_to_proto,
)
from ledger.codec.provisions import provision_from_proto, provision_to_proto
from ledger.codec.values import (
    dates_from_proto,
    dates_to_proto,
    place_from_proto,
    place_to_proto,
    source_from_proto,
    source_to_proto,
)
from ledger.codec.within import Reader, a, as_it_is, listed, many, missing, present
from ledger.codec.words import CERTAINTIES, FAMILIES, GRADES, Words
from ledger.domain.facts import ReportedFact
from ledger.v1 import facts_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.errors import EnvelopeError


def reported_to_proto(fact: ReportedFact) -> facts_pb2.ReportedFact:
    """Write a fact of one of the four families."""
    return facts_pb2.ReportedFact(
        family=FAMILIES.number(fact.family),
        subtype=fact.subtype,
        actor=fact.actor,
        addressees=fact.addressees,
        issuer_country=fact.issuer_country or "",
        addressed_to=fact.addressed_to or "",
        citation=fact.citation or "",
        items=fact.items,
        destinations=place_to_proto(fact.destinations),
        headquarters=place_to_proto(fact.headquarters),
        dates=dates_to_proto(fact.dates),
        provisions=[provision_to_proto(provision) for provision in fact.provisions],
        relates_to=[relation_to_proto(relation) for relation in fact.relates_to],
        quantity=quantity_to_proto(fact.quantity),
        money=money_to_proto(fact.money),
        requested_outcome=outcome_to_proto(fact.requested_outcome),
        signatories=signatories_to_proto(fact.signatories),
        claims=[claim_to_proto(claim) for claim in fact.claims],
        effects=[effect_to_proto(effect) for effect in fact.effects],
        sources=[source_to_proto(source) for source in fact.sources],
        certainty=CERTAINTIES.number(fact.certainty),
        attributed_to=fact.attributed_to or "",
        grade=GRADES.number(fact.grade),
        note=fact.note or "",
    )


def reported_from_proto(message: facts_pb2.ReportedFact, fact_id: str, stream: str) -> ReportedFact:
    """Read a fact of one of the four families.

    Raises:
        EnvelopeError: A part of it is refused.
        ValidationError: The domain refuses the whole.
    """
    fields = present(message, _READERS)
    if not fields.keys() >= _REQUIRED:
        raise _incomplete(message)
    return ReportedFact(id=fact_id, stream=stream, **fields)


def _incomplete(message: facts_pb2.ReportedFact) -> EnvelopeError:
    """The refusal of a fact that lacks a date, or a word that every fact has."""
    for name, words in _WORDS.items():
        words.word(getattr(message, name), name)
    return missing("dates")


_WORDS: Final[Mapping[str, Words[Any, Any]]] = {
    "family": FAMILIES,
    "certainty": CERTAINTIES,
    "grade": GRADES,
}
"""The words that every fact must have."""

_REQUIRED: Final = frozenset({*_WORDS, "dates"})

_READERS: Final[Mapping[str, tuple[str, Reader]]] = {
    **{name: (name, words.word) for name, words in _WORDS.items()},
    "subtype": ("subtype", as_it_is),
    "actor": ("actor", as_it_is),
    "addressees": ("addressee", listed),
    "issuer_country": ("issuer_country", as_it_is),
    "addressed_to": ("addressed_to", as_it_is),
    "citation": ("citation", as_it_is),
    "items": ("items", listed),
    "destinations": ("destinations", a(place_from_proto)),
    "headquarters": ("headquarters", a(place_from_proto)),
    "dates": ("dates", a(dates_from_proto)),
    "provisions": ("provisions", many(provision_from_proto)),
    "relates_to": ("relates_to", many(relation_from_proto)),
    "quantity": ("quantity", a(quantity_from_proto)),
    "money": ("money", a(money_from_proto)),
    "requested_outcome": ("requested_outcome", a(outcome_from_proto)),
    "signatories": ("signatories", a(signatories_from_proto)),
    "claims": ("claims", many(claim_from_proto)),
    "effects": ("effects", many(effect_from_proto)),
    "sources": ("sources", many(source_from_proto)),
    "attributed_to": ("attributed_to", as_it_is),
    "note": ("note", as_it_is),
}
"""How each field is read: by its name on the wire its name in the domain, and its reader."""
