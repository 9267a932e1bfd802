"""Reported facts, the four families of the record, between protobuf and the domain."""

from __future__ import annotations

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
from ledger.codec.within import each, given, maybe, one
from ledger.codec.words import CERTAINTIES, FAMILIES, GRADES
from ledger.domain.facts import ReportedFact
from ledger.v1 import facts_pb2


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
    return ReportedFact(
        id=fact_id,
        stream=stream,
        family=FAMILIES.word(message.family, "family"),
        subtype=message.subtype,
        actor=message.actor,
        **given(
            addressee=tuple(message.addressees),
            issuer_country=message.issuer_country,
            addressed_to=message.addressed_to,
            citation=message.citation,
            items=tuple(message.items),
            destinations=maybe(message, "destinations", place_from_proto),
            headquarters=maybe(message, "headquarters", place_from_proto),
            dates=one(message, "dates", dates_from_proto),
            provisions=each(message.provisions, "provisions", provision_from_proto),
            relates_to=each(message.relates_to, "relates_to", relation_from_proto),
            quantity=maybe(message, "quantity", quantity_from_proto),
            money=maybe(message, "money", money_from_proto),
            requested_outcome=maybe(message, "requested_outcome", outcome_from_proto),
            signatories=maybe(message, "signatories", signatories_from_proto),
            claims=each(message.claims, "claims", claim_from_proto),
            effects=each(message.effects, "effects", effect_from_proto),
            sources=each(message.sources, "sources", source_from_proto),
            certainty=CERTAINTIES.word(message.certainty, "certainty"),
            attributed_to=message.attributed_to,
            grade=GRADES.word(message.grade, "grade"),
            note=message.note,
        ),
    )
