"""The situation: everything that tests may ask about, drawn from question and record.

It is fixed for one question except for the day, so that the same situation can be asked about its
past and its scheduled future.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from ledger.domain.determination.cut import Cut
from ledger.domain.determination.knowledge import Knowledge
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Effected, Register, Rule
from ledger.domain.determination.rulebook import Rulebook
from ledger.domain.determination.truth import Truth
from ledger.domain.facts import GroupMembership, ItemDescribed, PartyDescribed
from ledger.domain.places import is_country
from ledger.domain.scope import ItemScope
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Basis


@dataclass(frozen=True, slots=True)
class Party:
    """A consignee or exporter as far as the record describes it.

    Attributes:
        names: Folded names and aliases, the supplied name among them.
        parent_names: Folded names of its ultimate parent, and that parent's own.
        seats: Headquarters on record, its own and those of its ultimate parents.
        seats_complete: False where a seat in the chain is unknown, so that a test on the seats
            which fails could still hold.
    """

    names: frozenset[str] = frozenset()
    parent_names: frozenset[str] = frozenset()
    seats: frozenset[str] = frozenset()
    seats_complete: bool = False


@dataclass(slots=True, eq=False)
class Steady:
    """What tests come to in certain circumstances, whatever the day and the destination.

    Attributes:
        classes: Tests of the item, by the scope and the id that it is named by.
        provisions: All tests of a provision but those of places, by its reading.
        reachable: Whether a provision may reach the question on some day.
    """

    classes: dict[tuple[int, str], Truth] = field(default_factory=dict)
    provisions: dict[Hashable, Truth] = field(default_factory=dict)
    reachable: dict[str, bool] = field(default_factory=dict)


class Placing:
    """Circumstances at a place, wherever the same memberships hold; nothing but itself."""

    __slots__ = ()


@dataclass(slots=True)
class Situation:
    """Question, register and knowledge, with names resolved and the record cut by P1.

    Attributes:
        question: What is asked.
        register: The record up to one tree size.
        knowledge: Whose knowledge, up to which day.
        item: The latest description of the item that is on record, if one is.
        item_record: Its entry.
        item_names: The folded names and aliases of the item, in every version on record.
        parameters_are_public: Whether the item's parameters were known at the cut-off.
        consignee: The consignee, as far as it was supplied or is described.
        cut: What of the register is known.
        rules: The known provisions.
        effects: The known effects.
        steady: What tests come to in the circumstances that are asked about.
    """

    question: Question
    register: Register
    knowledge: Knowledge
    item: ItemDescribed | None
    item_record: Recorded | None
    item_names: frozenset[str]
    parameters_are_public: bool
    consignee: Party | None
    cut: Cut
    rules: tuple[Rule, ...]
    effects: tuple[Effected, ...]
    steady: Steady
    _placings: dict[date, Placing] = field(default_factory=dict, init=False, compare=False)

    @classmethod
    def of(cls, question: Question, register: Register, item_stream: str | None) -> Situation:
        """Resolve the names of the question, then cut by knowledge."""
        exporter_names = names_of(register, question.exporter)
        knowledge = Knowledge(question.basis, question.known_at, exporter_names)
        described = register.items.get(item_stream, []) if item_stream else []
        record = _description(described, knowledge)
        item = record.fact if record and isinstance(record.fact, ItemDescribed) else None
        cut = Cut.of(register, knowledge)
        is_public = record is not None and knowledge.has(record)
        consignee = _consignee(question, register, knowledge)
        return cls(
            question=question,
            register=register,
            knowledge=knowledge,
            item=item,
            item_record=record,
            item_names=register.names_of(item_stream),
            parameters_are_public=is_public,
            consignee=consignee,
            cut=cut,
            rules=cut.rules,
            effects=cut.effects,
            steady=register.worked_out(
                (
                    "steady",
                    item_stream,
                    record and record.index,
                    is_public,
                    consignee,
                    *_circumstances(question, exporter_names & register.addressed),
                ),
                Steady,
            ),
        )

    def once(self, scope: ItemScope, of: str, settle: Callable[[], Truth]) -> Truth:
        """Settle a test of the item once: neither the day nor the destination changes it."""
        key = (id(scope), of)
        if key not in self.steady.classes:
            self.steady.classes[key] = settle()
        return self.steady.classes[key]

    def settled(self, provision: Hashable, settle: Callable[[], Truth]) -> Truth:
        """Settle once what of a provision's tests neither the day nor the destination changes."""
        found = self.steady.provisions.get(provision)
        if found is None:
            found = self.steady.provisions[provision] = settle()
        return found

    def reachable(self, provision_id: str, settle: Callable[[], bool]) -> bool:
        """Settle once whether a provision may reach the question on some day."""
        found = self.steady.reachable.get(provision_id)
        if found is None:
            found = self.steady.reachable[provision_id] = settle()
        return found

    @property
    def rulebook(self) -> Rulebook:
        """The known rules, from day to day."""
        cut = self.cut
        return self.register.worked_out(("rulebook", cut), partial(Rulebook.of, cut.rules, cut))

    @property
    def perhaps(self) -> Rulebook:
        """The rules that may be known, the day of their publication being imprecise."""
        cut = self.cut
        return self.register.worked_out(("perhaps", cut), partial(Rulebook.of, cut.perhaps, cut))

    def placing(self, day: date) -> Placing:
        """All that tests of a provision depend on besides how it reads; one for equal truths."""
        found = self._placings.get(day)
        if found is None:
            like = self.register.membership_days.first_like(day)
            found = self._placings[day] = self.register.findings(
                ("placing", self.steady, self.question.destination, self.cut.members, like),
                partial(self._placing, day),
            )
        return found

    def _placing(self, day: date) -> Placing:
        """The placing of all days and cuts on which these places are in the same groups."""
        here = self.question.destination
        seats = self.consignee.seats if self.consignee else frozenset()
        groups = tuple(self._groups(place, day) for place in (*sorted(seats), here))
        return self.register.findings(("placing", self.steady, here, groups), Placing)

    def _groups(self, country: str, day: date) -> frozenset[str]:
        """All groups that a country is known to be in on a day."""
        named = self.register.memberships_of(country)
        groups = {r.fact.group for r in named if isinstance(r.fact, GroupMembership)}
        return frozenset(group for group in groups if self.in_group(country, group, day))

    def in_group(self, country: str, group: str, day: date) -> bool:
        """Dated membership: ``from_date`` inclusive, ``until_date`` the first day out.

        An end that lies after the knowledge cut is not yet known.
        """
        return any(self._holds(period, day) for period in self.cut.periods(group, country))

    def memberships(
        self, country: str, groups: Iterable[str], day: date
    ) -> Iterator[tuple[str, str]]:
        """Which of these groups a country is in on a day, with the id of the fact that says so."""
        for group in groups:
            for period in self.cut.periods(group, country):
                if self._holds(period, day):
                    yield group, period.id

    def _holds(self, period: GroupMembership, day: date) -> bool:
        until = period.until_date
        over = until is not None and until <= day and until <= self.knowledge.known_at
        return not over and (period.from_date is None or period.from_date <= day)


def _circumstances(question: Question, addressed: frozenset[str]) -> tuple[Hashable, ...]:
    """What is asked, but for the item, the destination and the days."""
    return (
        question.exporter is None,
        addressed,
        question.end_use,
        question.shipped_from,
        question.transaction,
        question.affirmed,
    )


def _description(described: Sequence[Recorded], knowledge: Knowledge) -> Recorded | None:
    """The latest known version of an item: P1, "Cut by knowledge first".

    A name resolves before the cut: where no version is known yet the latest stands for the name
    alone. On basis LEDGER an item does not exist before it was recorded.
    """
    known = [recorded for recorded in described if knowledge.has(recorded)]
    if not known and knowledge.basis is not Basis.LEDGER:
        known = list(described)
    return known[-1] if known else None


def names_of(register: Register, name: str | None) -> frozenset[str]:
    """All folded names of a party, the supplied one among them; none where none is supplied."""
    if name is None:
        return frozenset()
    versions = register.party_versions(name)
    described = [r.fact.names for r in versions if isinstance(r.fact, PartyDescribed)]
    return frozenset({name.casefold(), *(n.casefold() for names in described for n in names)})


def _known_description(
    register: Register, knowledge: Knowledge, name: str
) -> PartyDescribed | None:
    known = [r.fact for r in register.party_versions(name) if knowledge.has(r)]
    last = known[-1] if known else None
    return last if isinstance(last, PartyDescribed) else None


def _party(name: str | None, register: Register, knowledge: Knowledge) -> Party | None:
    """FORMAT §5: "a party that nobody described is an ordinary party of unknown headquarters"."""
    if name is None:
        return None
    seats: set[str] = set()
    parents: set[str] = set()
    seen: set[str] = set()
    names = names_of(register, name)
    complete = True
    next_name: str | None = name
    while next_name is not None and next_name.casefold() not in seen:
        seen.add(next_name.casefold())
        described = _known_description(register, knowledge, next_name)
        if described is None:
            seats |= {next_name} if is_country(next_name) else set()
            complete = complete and is_country(next_name)
            break
        if next_name is not name:
            parents |= {n.casefold() for n in described.names}
        seats |= {described.headquarters} if described.headquarters else set()
        complete = complete and described.headquarters is not None
        next_name = described.ultimate_parent
        parents |= {next_name.casefold()} if next_name else set()
    return Party(names, frozenset(parents - names), frozenset(seats), complete)


def _consignee(question: Question, register: Register, knowledge: Knowledge) -> Party | None:
    """The consignee; headquarters that the asker supplies stand for it and its ultimate parent."""
    party = _party(question.consignee, register, knowledge)
    if question.consignee_headquarters is None:
        return party
    seats = frozenset({question.consignee_headquarters})
    base = party or Party()
    return Party(base.names, base.parent_names, seats | base.seats, seats_complete=True)
