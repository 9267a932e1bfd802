"""Small builders of facts and statements, each with defaults that any test may override.

Keys built here have the shape of an Ed25519 SPKI and no private half: a test that signs builds
its own and hands their ``spki_der`` in.
"""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import Any

from ledger.domain.attachments import AttachmentErased, commitment_of, erasure
from ledger.domain.authorship import (
    ADMINISTRATORS_STREAM,
    FOUNDING_FACT_ID,
    Administrator,
    AuthorEnrolled,
    KeyRevoked,
    KeyRotated,
    LedgerFounded,
    Policy,
)
from ledger.domain.dates import Dates, OutsideDate
from ledger.domain.delegation import KeyDelegated
from ledger.domain.effects import Effect, Quantity, Relation
from ledger.domain.facts import (
    CoSignature,
    CoverageDeclared,
    Fact,
    GroupMembership,
    ItemDescribed,
    PartyDescribed,
    ReportedFact,
    slug,
)
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.domain.provision import Provision
from ledger.domain.scope import ItemScope, PlaceScope
from ledger.domain.statement import AttachmentCommitment, Statement
from ledger.domain.vocabulary import (
    Axis,
    Certainty,
    FactKind,
    Family,
    Grade,
    ItemCertainty,
    Precision,
    RelationKind,
    Requirement,
    Role,
)

LEDGER_ID = sha256(b"a ledger for tests").digest()
"""The statement digest that the statements built here name as their ledger."""

_ED25519_SPKI_PREFIX = bytes.fromhex("302a300506032b6570032100")


def digest_of(fact: Fact) -> bytes:
    """A stand-in for the statement digest: 32 bytes that differ from fact to fact."""
    return sha256(repr(fact).encode()).digest()


def spki(name: str) -> bytes:
    """44 bytes of the shape of an Ed25519 SPKI DER, another for every name."""
    return _ED25519_SPKI_PREFIX + sha256(name.encode()).digest()


def keyid(name: str) -> str:
    """The key id of ``spki(name)``."""
    return sha256(spki(name)).hexdigest()


def day(text: str, precision: Precision = Precision.DAY) -> OutsideDate:
    """An outside date, exact unless told otherwise."""
    return OutsideDate(value=text, precision=precision)


def relation(kind: str, target: str) -> Relation:
    """A link of the kind named by its word in FORMAT, to a fact or a provision."""
    return Relation(id=target, relation=RelationKind(kind))


def quantity(least: int, most: int | None = None, *, unit: str = "chips", **more: Any) -> Quantity:
    """So many of a unit; ``most`` is open unless given."""
    return Quantity(min=least, max=most, unit=unit, **more)


def exactly(count: int, unit: str = "chips") -> Quantity:
    """A quantity whose two ends are one number."""
    return quantity(count, count, unit=unit)


def authorization(value: str, *items: str, codes: tuple[str, ...] = ()) -> Effect:
    """An effect on the authorization axis, for these items and destinations, or for any."""
    return Effect(
        axis=Axis.AUTHORIZATION,
        value=value,
        items=items,
        destinations=PlaceScope(codes=codes) if codes else None,
    )


def license_requirement(provision_id: str) -> Provision:
    """A provision that asks a license for every item and destination."""
    return Provision(
        id=provision_id,
        items=ItemScope(any=True),
        destinations=PlaceScope(any=True),
        requirement=Requirement.LICENSE_REQUIRED,
    )


def reported(fact_id: str, family: Family, stream: str, **more: Any) -> ReportedFact:
    """A fact of one of the four families, publicly known since 28 July 2025."""
    fields: dict[str, Any] = {
        "subtype": "statement",
        "actor": "NVIDIA",
        "dates": Dates(public=day("2025-07-28")),
        "certainty": Certainty.COMPANY_FILING,
        "grade": Grade.CHECKED,
    }
    return ReportedFact(id=fact_id, family=family, stream=stream, **(fields | more))


def action(fact_id: str, stream: str = "", **more: Any) -> ReportedFact:
    """A regulatory action, in an instrument's stream of its own unless told otherwise."""
    defaults: dict[str, Any] = {"actor": "BIS", "subtype": "interim_final_rule"}
    return reported(
        fact_id,
        Family.REGULATORY_ACTION,
        stream or f"instruments/{fact_id}",
        **(defaults | more),
    )


def license_event(fact_id: str, stream: str = "", **more: Any) -> ReportedFact:
    """A regulatory action in a license's stream, its own unless told otherwise."""
    return action(fact_id, stream or f"licenses/{fact_id}", **({"subtype": "license"} | more))


def order(fact_id: str, stream: str = "", **more: Any) -> ReportedFact:
    """A company order, by default a purchase order that opens a stream of its own."""
    return reported(
        fact_id,
        Family.COMPANY_ORDER,
        stream or f"orders/{fact_id}",
        **({"subtype": "purchase_order"} | more),
    )


def submission(fact_id: str, stream: str = "", **more: Any) -> ReportedFact:
    """An advocacy submission, by default an open letter in a stream of its own."""
    return reported(
        fact_id,
        Family.ADVOCACY_SUBMISSION,
        stream or f"submissions/{fact_id}",
        **({"subtype": "open_letter", "actor": "Twenty experts"} | more),
    )


def claim(fact_id: str, stream: str = "", **more: Any) -> ReportedFact:
    """An attributed claim, in a stream of its own unless told otherwise."""
    return reported(
        fact_id,
        Family.CLAIM,
        stream or f"claims/{fact_id}",
        **({"subtype": "attributed_claim", "certainty": Certainty.ATTRIBUTED_CLAIM} | more),
    )


def co_signature(fact_id: str, stream: str, letter_digest: bytes, **more: Any) -> CoSignature:
    """A further signatory of the letter with that digest."""
    return CoSignature(
        id=fact_id,
        stream=stream,
        letter_digest=letter_digest,
        **({"signatory": "A Further Expert"} | more),
    )


def item(name: str = "H20", **more: Any) -> ItemDescribed:
    """A chip of NVIDIA's, in the stream that its name gives."""
    fields: dict[str, Any] = {
        "id": f"item-{slug(name)}",
        "stream": f"items/{slug(name)}",
        "vendor": "NVIDIA",
        "launch": day("2024-02-01"),
        "certainty": ItemCertainty.VENDOR_SPECIFICATION,
    }
    return ItemDescribed(name=name, **(fields | more))


def membership(
    country: str = "CN",
    group: str = "D:5",
    *,
    since: str | None = None,
    until: str | None = None,
    **more: Any,
) -> GroupMembership:
    """A country's place in a group, from one day to before another, or always."""
    fields: dict[str, Any] = {
        "id": f"group-{slug(group)}-{slug(country)}-{since or 'always'}",
        "stream": f"destinations/{slug(country)}",
        "name": country,
        "grade": Grade.CHECKED,
        "source": "15 CFR Part 740 Supp. No. 1",
        "from_date": date.fromisoformat(since) if since else None,
        "until_date": date.fromisoformat(until) if until else None,
    }
    return GroupMembership(country=country, group=group, **(fields | more))


def party(name: str = "NVIDIA", **more: Any) -> PartyDescribed:
    """A party headquartered in the United States."""
    fields: dict[str, Any] = {
        "id": f"party-{slug(name)}",
        "stream": f"parties/{slug(name)}",
        "headquarters": "US",
        "grade": Grade.CHECKED,
    }
    return PartyDescribed(name=name, **(fields | more))


def coverage(fact_id: str = "coverage-2022-2025", **more: Any) -> CoverageDeclared:
    """The declaration that the record is meant to be complete from 2022 to 2025."""
    fields: dict[str, Any] = {
        "stream": "coverage/us-advanced-computing",
        "actor": "registrar",
        "regime": "US export controls on advanced computing items",
        "from": date(2022, 8, 26),
        "to": date(2025, 12, 31),
        "grade": Grade.CHECKED,
    }
    return CoverageDeclared(id=fact_id, **(fields | more))


def founded(*administrators: str, threshold: int = 1, **more: Any) -> LedgerFounded:
    """The founding by these administrators, each with the key ``spki(<name>)``."""
    fields: dict[str, Any] = {
        "id": FOUNDING_FACT_ID,
        "stream": ADMINISTRATORS_STREAM,
        "origin": "ledger.example/tests",
        "policy": Policy(),
        "log_key": spki("log"),
        "administrators": tuple(
            Administrator(author=name, spki_der=spki(name)) for name in administrators or ("ada",)
        ),
    }
    return LedgerFounded(threshold=threshold, **(fields | more))


def enrolled(author: str, role: Role = Role.REGISTRAR, **more: Any) -> AuthorEnrolled:
    """An author enrolled with the key ``spki(<author>)`` and a party of the same name."""
    fields: dict[str, Any] = {
        "id": f"enrolled-{author}",
        "stream": f"authors/{author}",
        "party": author,
        "spki_der": spki(author),
        "possession": bytes(64),
    }
    return AuthorEnrolled(author=author, role=role, **(fields | more))


def rotated(author: str, new: str, *, old: str = "", **more: Any) -> KeyRotated:
    """An author's key ``spki(old)``, by default the first one, replaced by ``spki(new)``."""
    fields: dict[str, Any] = {
        "id": f"rotated-{author}-{new}",
        "stream": f"authors/{author}",
        "old_keyid": keyid(old or author),
        "spki_der": spki(new),
    }
    return KeyRotated(author=author, **(fields | more))


def revoked(author: str, key: str = "", **more: Any) -> KeyRevoked:
    """The revocation of an author's key ``spki(key)``, by default the first one."""
    fields: dict[str, Any] = {
        "id": f"revoked-{author}-{slug(key or author)}",
        "stream": f"authors/{author}",
        "keyid": keyid(key or author),
        "reason": "The key was lost.",
    }
    return KeyRevoked(author=author, **(fields | more))


def erased(document: str, *, reason: str = "It names a person.", **more: Any) -> AttachmentErased:
    """The erasure of the attachment ``committed(document)``."""
    return erasure(committed(document).commitment, reason).model_copy(update=more)


def committed(document: str) -> AttachmentCommitment:
    """The commitment to a document that says its name, under the salt that follows from it."""
    content = document.encode()
    return AttachmentCommitment(
        commitment=commitment_of(salt_of(document), content),
        length=len(content),
        media_type="text/plain",
    )


def salt_of(document: str) -> bytes:
    """The salt of this document, always the same."""
    return sha256(b"salt of " + document.encode()).digest()


def delegated(author: str, delegate: str, *, by: str = "", **more: Any) -> KeyDelegated:
    """Orders delegated to the key ``spki(delegate)``, by default by the author's first key."""
    fields: dict[str, Any] = {
        "id": f"delegated-{author}-{delegate}",
        "stream": f"authors/{author}",
        "delegating_keyid": keyid(by or author),
        "spki_der": spki(delegate),
        "possession": bytes(64),
        "kinds": (FactKind.COMPANY_ORDER,),
        "streams": ("orders",),
        "not_after_ms": 1_800_000_000_000,
    }
    return KeyDelegated(author=author, **(fields | more))


def log_key_rotated(new: str = "log-2", *, old: str = "log", **more: Any) -> LogKeyRotated:
    """The announcement of ``spki(new)`` as the log's next key, after ``spki(old)``."""
    fields: dict[str, Any] = {
        "id": f"log-key-rotated-{new}",
        "stream": ADMINISTRATORS_STREAM,
        "old_keyid": keyid(old),
        "spki_der": spki(new),
        "possession": bytes(64),
    }
    return LogKeyRotated(**(fields | more))


def log_key_retired(old: str = "log", **more: Any) -> LogKeyRetired:
    """The end of the time in which the log's key ``spki(old)`` signs."""
    fields: dict[str, Any] = {
        "id": f"log-key-retired-{old}",
        "stream": ADMINISTRATORS_STREAM,
        "keyid": keyid(old),
    }
    return LogKeyRetired(**(fields | more))


def statement(fact: Fact, author: str = "registrar", **more: Any) -> Statement:
    """A statement of the fact, written as the first of its stream unless told otherwise."""
    fields: dict[str, Any] = {
        "ledger_id": LEDGER_ID,
        "expected_version": 0,
        "nonce": sha256(fact.id.encode()).digest()[:16],
        "signed_at_ms": 1_760_000_000_000,
    }
    return Statement(author=author, fact=fact, **(fields | more))
