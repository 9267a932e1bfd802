"""Facts in words: what each kind says, in a line."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import singledispatch

from ledger.domain.attachments import AttachmentErased
from ledger.domain.authorship import AuthorEnrolled, KeyRevoked, KeyRotated, LedgerFounded
from ledger.domain.delegation import KeyDelegated
from ledger.domain.effects import Money, Quantity
from ledger.domain.facts import (
    CoSignature,
    CoverageDeclared,
    Fact,
    GroupMembership,
    ItemDescribed,
    PartyDescribed,
    ReportedFact,
)
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.domain.scope import PlaceScope


@singledispatch
def summary(fact: Fact) -> str:
    """What a fact says, in a line."""
    return fact.id


@summary.register
def _reported(fact: ReportedFact) -> str:
    to = fact.addressed_to or ", ".join(fact.addressees)
    about = [", ".join(fact.items), f"for {places(fact.destinations)}" if fact.destinations else ""]
    parts = (
        f"{fact.actor}, {fact.subtype.replace('_', ' ')}" + (f" to {to}" if to else ""),
        " ".join(filter(None, about)),
        quantity(fact.quantity) if fact.quantity else "",
        money(fact.money) if fact.money else "",
        f"asks to {fact.requested_outcome.kind.value}" if fact.requested_outcome else "",
    )
    return "; ".join(filter(None, parts))


@summary.register
def _coverage(fact: CoverageDeclared) -> str:
    return f"{fact.actor} declares the record complete from {fact.from_day} to {fact.to_day}"


@summary.register
def _party(fact: PartyDescribed) -> str:
    seat = f", headquartered in {fact.headquarters}" if fact.headquarters else ""
    return f"the party {fact.name}{seat}"


@summary.register
def _item(fact: ItemDescribed) -> str:
    return f"the item {fact.name} of {fact.vendor}"


@summary.register
def _membership(fact: GroupMembership) -> str:
    since = f" from {fact.from_date}" if fact.from_date else ""
    until = f" until {fact.until_date}" if fact.until_date else ""
    return f"{fact.name} in group {fact.group}{since}{until}"


@summary.register
def _co_signature(fact: CoSignature) -> str:
    return f"{fact.signatory} co-signs"


@summary.register
def _founded(fact: LedgerFounded) -> str:
    return f"the ledger {fact.origin} is founded"


@summary.register
def _enrolled(fact: AuthorEnrolled) -> str:
    return f"{fact.author} is enrolled as {fact.role.value} for {fact.party}"


@summary.register
def _rotated(fact: KeyRotated) -> str:
    return f"{fact.author} replaces its key"


@summary.register
def _revoked(fact: KeyRevoked) -> str:
    return f"a key of {fact.author} is revoked: {fact.reason}"


@summary.register
def _delegated(fact: KeyDelegated) -> str:
    until = datetime.fromtimestamp(fact.not_after_ms / 1_000, tz=UTC).date()
    kinds = ", ".join(kind.value.replace("_", " ") for kind in fact.kinds)
    return f"{fact.author} delegates to a key until {until}: {kinds} in {', '.join(fact.streams)}"


@summary.register
def _log_key_rotated(fact: LogKeyRotated) -> str:
    return f"the log's key {fact.old_keyid[:16]}… gets a successor, which signs beside it"


@summary.register
def _log_key_retired(fact: LogKeyRetired) -> str:
    return f"the log's old key {fact.keyid[:16]}… signs no more"


@summary.register
def _attachment_erased(fact: AttachmentErased) -> str:
    return f"the attachment {fact.commitment.hex()[:16]}… is erased: {fact.reason}"


def places(scope: PlaceScope) -> str:
    """Countries in a few words."""
    if scope.any:
        return "anywhere"
    return ", ".join([*scope.codes, *scope.any_group]) or scope.described_as or "unpublished places"


def quantity(value: Quantity) -> str:
    """How many of what."""
    return f"{_range(value.min, value.max, about=value.approximate)} {value.unit}"


def money(value: Money) -> str:
    """How much in which currency."""
    return f"{value.currency} {_range(value.min, value.max, about=value.approximate)}"


def _range(least: int, most: int | None, *, about: bool) -> str:
    if most is None:
        count = f"{least:,} or more"
    else:
        count = f"{least:,}" if most == least else f"{least:,} to {most:,}"
    return f"about {count}" if about else count
