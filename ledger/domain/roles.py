"""The table in code: which role opens and extends which stream (DESIGN §4).

A registrar transcribes public sources, whoever acts in them. Everybody else signs in its own name
only: "a company's fact is signed by that company or transcribed by a registrar". Administrators
sign no domain facts, and an operator runs the service and signs nothing here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ledger.domain.aggregates.life import (
    Life,
    is_correction,
    is_withdrawal,
    names_its_stream,
    speaker,
)
from ledger.domain.authorship import KeyRevoked, KeyRotated
from ledger.domain.delegation import KeyDelegated
from ledger.domain.facts import (
    CoSignature,
    CoverageDeclared,
    Fact,
    ItemDescribed,
    PartyDescribed,
    ReportedFact,
)
from ledger.domain.vocabulary import Authorization, Axis, Collection, RelationKind, Role
from ledger.errors import RoleError

if TYPE_CHECKING:
    from ledger.domain.effects import Effect
    from ledger.domain.keyring import KeyRecord, Keyring
    from ledger.domain.statement import Recorded

MAY_SIGN: Final = {
    Role.REGISTRAR: frozenset(Collection) - {Collection.AUTHORS, Collection.ATTACHMENTS},
    Role.AUTHORITY: frozenset(
        {Collection.INSTRUMENTS, Collection.LICENSES, Collection.DESTINATIONS}
    ),
    # In licenses a company may only apply (``company-only-applies``).
    Role.COMPANY: frozenset(
        {
            Collection.ORDERS,
            Collection.CLAIMS,
            Collection.SUBMISSIONS,
            Collection.ITEMS,
            Collection.PARTIES,
            Collection.LICENSES,
        }
    ),
    Role.ADVOCATE: frozenset({Collection.SUBMISSIONS, Collection.CLAIMS}),
    Role.ADMINISTRATOR: frozenset({Collection.AUTHORS, Collection.ATTACHMENTS}),
    Role.OPERATOR: frozenset[Collection](),
}
"""The collections whose streams a role opens and extends. Co-signatures lie in submissions."""

WITHOUT_FORCE: Final = frozenset(
    {
        RelationKind.CONFIRMS,
        RelationKind.ANSWERS,
        RelationKind.OPPOSES,
        RelationKind.CONTRADICTS,
        RelationKind.ADDS_TO,
        RelationKind.PART_OF,
        RelationKind.CLAIMS_ABOUT,
    }
)
"""Relations that say something of another fact and change nothing in it."""

FIRST_PARTY: Final = "FIRST_PARTY"
TRANSCRIBED_BY: Final = "TRANSCRIBED_BY"


def check_role(author: KeyRecord, fact: Fact, stream_state: object = None) -> None:
    """See that an author of this role and party may sign a fact for its stream.

    Args:
        author: A key of the author, which carries role and party.
        fact: What the author says.
        stream_state: The aggregate's state before the fact, if the stream exists.

    Raises:
        RoleError: By the name of the rule that refuses; the message says what is allowed.
    """
    if isinstance(fact, KeyRotated):
        return  # Every author replaces its own key, whatever its role.
    if isinstance(fact, KeyRevoked) and fact.author == author.author:
        return  # So it ends its own; who must sign is asked in admission.
    if isinstance(fact, KeyDelegated):
        _delegation_fits_role(author, fact)
        return
    _role_opens_collection(author, fact)
    if author.role in {Role.REGISTRAR, Role.ADMINISTRATOR}:
        return
    _first_party_or_registrar(author, fact)
    if author.role in {Role.COMPANY, Role.ADVOCATE} and isinstance(fact, ReportedFact):
        _company_only_applies(fact)
        _changes_only_its_own(author, fact, stream_state)


def voice(fact: Fact) -> str | None:
    """Who speaks in a fact: its actor, or who stands for one; None where nobody does.

    A group membership names no actor. A party's aliases are no voice: whoever describes itself
    must do so under its own name.
    """
    match fact:
        case ReportedFact() | CoverageDeclared():
            return fact.actor
        case ItemDescribed():
            return fact.vendor
        case PartyDescribed():
            return fact.name
        case CoSignature():
            return fact.signatory
        case _:
            return None


def attribution(recorded: Recorded, author: KeyRecord) -> str:
    """How an answer names the source of a fact that it rests on.

    Returns:
        ``FIRST_PARTY`` where the author's party is the fact's own voice, letter case aside, or
        else ``TRANSCRIBED_BY <author>``.
    """
    actor = voice(recorded.fact)
    if actor is not None and actor.casefold() == author.party.casefold():
        return FIRST_PARTY
    return f"{TRANSCRIBED_BY} {recorded.author}"


def delegate_of(recorded: Recorded, keyring: Keyring) -> str:
    """The delegate's key that signed an entry for its author, by keyid; "" if no delegate did.

    Args:
        recorded: An entry.
        keyring: All keys before it, or later: a key is a delegate's ever.
    """
    for keyid in recorded.signers:
        record = keyring.find(keyid)
        if record is not None and record.delegation is not None:
            return keyid
    return ""


def _role_opens_collection(author: KeyRecord, fact: Fact) -> None:
    allowed = MAY_SIGN[author.role]
    if fact.collection not in allowed:
        where = ", ".join(sorted(allowed)) or "no collection"
        raise RoleError(
            f"{author.author} is enrolled as {author.role.value}, which signs in {where}, "
            f"not in {fact.collection.value}.",
            field="stream",
            rule="role-opens-collection",
        )


def _delegation_fits_role(author: KeyRecord, fact: KeyDelegated) -> None:
    """What an author may not sign it cannot let another sign; so administrators delegate nothing.

    The role is asked again of every statement that a delegate's key signs.
    """
    allowed = MAY_SIGN[author.role]
    beyond = [reach for reach in fact.streams if Collection(reach.partition("/")[0]) not in allowed]
    if beyond:
        raise RoleError(
            f"{author.author} is enrolled as {author.role.value}, and cannot delegate for "
            f"{', '.join(beyond)}.",
            field="streams",
            rule="delegation-fits-role",
        )


def _first_party_or_registrar(author: KeyRecord, fact: Fact) -> None:
    actor = voice(fact)
    if actor is not None and actor.casefold() != author.party.casefold():
        raise RoleError(
            f"{author.author} signs facts of {author.party}; one of {actor} is signed by "
            f"{actor} or transcribed by a registrar.",
            field="actor",
            rule="first-party-or-registrar",
        )


def _company_only_applies(fact: ReportedFact) -> None:
    """A company's fact in a license's stream is an application, and changes nothing else."""
    if fact.collection is not Collection.LICENSES:
        return
    applies = bool(fact.effects) and all(map(_is_application, fact.effects))
    if not applies or fact.provisions or _has_force(fact):
        raise RoleError(
            "In licenses a company may only apply: effects of the value APPLIED, without "
            "provisions and without relations that change another fact.",
            field="effects",
            rule="company-only-applies",
        )


def _is_application(effect: Effect) -> bool:
    return effect.axis is Axis.AUTHORIZATION and effect.value == Authorization.APPLIED


def _has_force(fact: ReportedFact) -> bool:
    return any(link.relation not in WITHOUT_FORCE for link in fact.relates_to)


def _changes_only_its_own(author: KeyRecord, fact: ReportedFact, stream_state: object) -> None:
    """Companies and advocates add to what others opened; they do not correct or close it.

    Otherwise anybody enrolled could withdraw a competitor's order or somebody else's letter.
    """
    if not isinstance(stream_state, Life) or names_its_stream(fact):
        return
    if not (is_withdrawal(stream_state, fact) or is_correction(fact) or _has_force(fact)):
        return
    if speaker(stream_state.opening_actor) != author.party.casefold():
        raise RoleError(
            f"{fact.stream} was opened by {stream_state.opening_actor or 'nobody'}: {author.party} "
            "may add to it, not correct or end it; what it disputes it says in a claim.",
            field="relates_to",
            rule="changes-only-its-own",
        )
