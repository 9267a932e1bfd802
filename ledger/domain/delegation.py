"""Delegation: an author lets another key sign for it, within limits that the entry states.

An automatic feed signs orders for a company without holding the company's own key. What the
delegate's key signs is the author's word, and the entry shows whose key it was. The limits are
signed and nothing is implied: which kinds of facts, in which streams, until when.

* It ends with its time, with its own revocation, and with the revocation of the key that made
  it: whoever stole that key may have made it. A rotation is no suspicion, so the new key takes
  over what the old one delegated, for as long as the new key is valid itself.
* It never exceeds the author: every statement still passes the author's role (``roles``), and a
  delegation for a collection that the role does not open is refused at once.
* It goes no further: a delegate's key signs nothing about authors or keys, nor an erasure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from ledger.domain.authorship import AuthorId, KeyId, SpkiDer
from ledger.domain.dates import Milliseconds
from ledger.domain.facts import (
    CoSignature,
    CoverageDeclared,
    Fact,
    GroupMembership,
    ItemDescribed,
    PartyDescribed,
    ReportedFact,
)
from ledger.domain.vocabulary import Collection, FactKind
from ledger.errors import SignatureError

_COLLECTIONS = "|".join(
    collection
    for collection in Collection
    if collection not in {Collection.AUTHORS, Collection.ATTACHMENTS}
)
Reach = Annotated[str, Field(pattern=rf"^({_COLLECTIONS})(/[a-z0-9-]{{2,80}})?$")]
"""Where a delegate signs: a whole collection, such as ``orders``, or one stream of it."""

_KINDS = {
    CoverageDeclared: FactKind.COVERAGE,
    PartyDescribed: FactKind.PARTY,
    ItemDescribed: FactKind.ITEM,
    GroupMembership: FactKind.MEMBERSHIP,
    CoSignature: FactKind.CO_SIGNATURE,
}


class KeyDelegated(Fact):
    """An author's own key lets another key sign for the author.

    The envelope is signed by ``delegating_keyid`` alone; ``possession`` is the new key's signature
    over the delegation message, which proves that somebody holds it. The key signs the kinds of
    facts in ``kinds``, in the collections or streams of ``streams``, from the next index until
    ``recorded_ms`` reaches ``not_after_ms``.
    """

    author: AuthorId
    delegating_keyid: KeyId
    spki_der: SpkiDer
    possession: Annotated[bytes, Field(min_length=64, max_length=128)]
    kinds: Annotated[tuple[FactKind, ...], Field(min_length=1, max_length=16)]
    streams: Annotated[tuple[Reach, ...], Field(min_length=1, max_length=64)]
    not_after_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class Delegation:
    """The limits of a delegate's key.

    Attributes:
        by_keyid: The author's own key that answers for it: the one that made it, or the one that
            has replaced that key since.
        kinds: The kinds of facts that it signs.
        streams: The collections and streams that it signs in.
    """

    by_keyid: str
    kinds: tuple[FactKind, ...]
    streams: tuple[str, ...]

    def check_covers(self, fact: Fact) -> None:
        """See that a fact lies within the limits.

        Raises:
            SignatureError: It concerns authors or keys, is of another kind, or lies elsewhere.
        """
        kind = kind_of(fact)
        if kind is None:
            raise SignatureError(
                "A delegate's key signs nothing about authors, keys or erasure: it cannot "
                "delegate further, nor rotate, revoke or enroll.",
                field="signatures",
                rule="delegate-changes-no-keys",
            )
        if kind not in self.kinds:
            raise SignatureError(
                f"The key was delegated to for {', '.join(self.kinds)}, not for {kind.value}.",
                field="signatures",
                rule="delegation-kinds",
            )
        if not {fact.stream, fact.collection.value} & set(self.streams):
            raise SignatureError(
                f"The key was delegated to for {', '.join(self.streams)}, not for {fact.stream}.",
                field="signatures",
                rule="delegation-streams",
            )


def kind_of(fact: Fact) -> FactKind | None:
    """A fact's kind, as delegations name it; None for one that nobody can delegate."""
    if isinstance(fact, ReportedFact):
        return FactKind(fact.family.value)
    return _KINDS.get(type(fact))


def delegation_message(ledger_id: bytes, author: str, spki_der: bytes) -> bytes:
    """What a delegate's key signs, to prove that its holder signs for this author here.

    It is another message than that of an enrollment, so that neither passes for the other.
    """
    parts = (b"ledger-key-delegation-v1", ledger_id, author.encode(), spki_der)
    return b"".join(len(part).to_bytes(4) + part for part in parts)
