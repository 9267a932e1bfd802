"""Parties, group memberships, coverage and co-signatures between protobuf and the domain."""

from __future__ import annotations

from ledger.codec.values import (
    check_ascending,
    dates_from_proto,
    dates_to_proto,
    day_from_text,
    source_from_proto,
    source_to_proto,
)
from ledger.codec.within import each, maybe
from ledger.codec.words import GRADES
from ledger.domain.facts import (
    CoSignature,
    CoverageDeclared,
    GroupMembership,
    PartyDescribed,
)
from ledger.v1 import facts_pb2


def coverage_to_proto(fact: CoverageDeclared) -> facts_pb2.CoverageDeclared:
    """Write a declaration of coverage."""
    return facts_pb2.CoverageDeclared(
        actor=fact.actor,
        regime=fact.regime,
        from_day=fact.from_day.isoformat(),
        to_day=fact.to_day.isoformat(),
        sources=[source_to_proto(source) for source in fact.sources],
        grade=GRADES.number(fact.grade),
        note=fact.note or "",
    )


def coverage_from_proto(
    message: facts_pb2.CoverageDeclared, fact_id: str, stream: str
) -> CoverageDeclared:
    """Read a declaration of coverage.

    Raises:
        EnvelopeError: A day or the grade is refused.
        ValidationError: The domain refuses the whole.
    """
    days = {
        "from": day_from_text(message.from_day, "from_day"),
        "to": day_from_text(message.to_day, "to_day"),
    }
    return CoverageDeclared(
        id=fact_id,
        stream=stream,
        actor=message.actor,
        regime=message.regime,
        sources=each(message.sources, "sources", source_from_proto),
        grade=GRADES.word(message.grade, "grade"),
        note=message.note or None,
        **days,
    )


def party_to_proto(fact: PartyDescribed) -> facts_pb2.PartyDescribed:
    """Write the description of a party."""
    return facts_pb2.PartyDescribed(
        name=fact.name,
        aliases=fact.aliases,
        country=fact.country or "",
        headquarters=fact.headquarters or "",
        ultimate_parent=fact.ultimate_parent or "",
        identifiers=[
            facts_pb2.Identifier(scheme=scheme, value=value)
            for scheme, value in sorted(fact.identifiers.items())
        ],
        dates=dates_to_proto(fact.dates),
        sources=[source_to_proto(source) for source in fact.sources],
        grade=GRADES.number(fact.grade),
        note=fact.note or "",
    )


def party_from_proto(
    message: facts_pb2.PartyDescribed, fact_id: str, stream: str
) -> PartyDescribed:
    """Read the description of a party.

    Raises:
        EnvelopeError: The identifiers are not sorted, or a part is refused.
        ValidationError: The domain refuses the whole.
    """
    check_ascending([identifier.scheme for identifier in message.identifiers], "identifiers")
    return PartyDescribed(
        id=fact_id,
        stream=stream,
        name=message.name,
        aliases=tuple(message.aliases),
        country=message.country or None,
        headquarters=message.headquarters or None,
        ultimate_parent=message.ultimate_parent or None,
        identifiers={identifier.scheme: identifier.value for identifier in message.identifiers},
        dates=maybe(message, "dates", dates_from_proto),
        sources=each(message.sources, "sources", source_from_proto),
        grade=GRADES.word(message.grade, "grade"),
        note=message.note or None,
    )


def membership_to_proto(fact: GroupMembership) -> facts_pb2.GroupMembership:
    """Write a country's place in a group."""
    return facts_pb2.GroupMembership(
        group=fact.group,
        country=fact.country,
        name=fact.name,
        from_date=fact.from_date.isoformat() if fact.from_date else "",
        until_date=fact.until_date.isoformat() if fact.until_date else "",
        grade=GRADES.number(fact.grade),
        source=fact.source,
        note=fact.note or "",
    )


def membership_from_proto(
    message: facts_pb2.GroupMembership, fact_id: str, stream: str
) -> GroupMembership:
    """Read a country's place in a group.

    Raises:
        EnvelopeError: A day or the grade is refused.
        ValidationError: The domain refuses the whole.
    """
    since, until = message.from_date, message.until_date
    return GroupMembership(
        id=fact_id,
        stream=stream,
        group=message.group,
        country=message.country,
        name=message.name,
        from_date=day_from_text(since, "from_date") if since else None,
        until_date=day_from_text(until, "until_date") if until else None,
        grade=GRADES.word(message.grade, "grade"),
        source=message.source,
        note=message.note or None,
    )


def co_signature_to_proto(fact: CoSignature) -> facts_pb2.CoSignature:
    """Write that a further signatory joins a letter."""
    return facts_pb2.CoSignature(
        letter_digest=fact.letter_digest,
        signatory=fact.signatory,
        affiliation=fact.affiliation or "",
    )


def co_signature_from_proto(
    message: facts_pb2.CoSignature, fact_id: str, stream: str
) -> CoSignature:
    """Read that a further signatory joins a letter.

    Raises:
        ValidationError: The digest has another length, or nobody is named.
    """
    return CoSignature(
        id=fact_id,
        stream=stream,
        letter_digest=message.letter_digest,
        signatory=message.signatory,
        affiliation=message.affiliation or None,
    )
