"""The register: the record up to one tree size, arranged for questions.

It holds recorded facts and nothing computed from a question, so one register answers all questions
about its tree size. Names resolve here, before the knowledge cut.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Final, TypeVar

from ledger.domain.authorship import LedgerFounded, Policy
from ledger.domain.determination.days import Days, days_in
from ledger.domain.determination.directory import (
    Directory,
    OwnDirectory,
    bears,
    is_only_found,
    only_names_items,
)
from ledger.domain.determination.workedout import WorkedOut
from ledger.domain.effects import Effect
from ledger.domain.facts import (
    CoverageDeclared,
    GroupMembership,
    ItemDescribed,
    PartyDescribed,
    ReportedFact,
)
from ledger.domain.provision import Provision
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Collection, Family, RelationKind

_KeyT = TypeVar("_KeyT")
_ValueT = TypeVar("_ValueT")


@dataclass(frozen=True, slots=True)
class Rule:
    """A provision with the entry that brought it."""

    provision: Provision
    fact: ReportedFact
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Effected:
    """An effect with the entry that has it.

    Attributes:
        begins: The first day from which it holds for certain; the last of all for never.
    """

    effect: Effect
    fact: ReportedFact
    recorded: Recorded
    begins: date = field(init=False, compare=False)

    def __post_init__(self) -> None:
        start = self.fact.dates.starts
        object.__setattr__(self, "begins", start.certain if start else date.max)


@dataclass(frozen=True, slots=True)
class Link:
    """A relation, seen from its target (a fact or a provision): what does it, and what it does."""

    kind: RelationKind
    target: str
    fact: ReportedFact
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Naming:
    """The facts that name an item, as far as answers about it depend on them.

    Attributes:
        named_at: The tree size after the last of them.
        days: Their days.
        addressed: The folded names that they are addressed to.
        count: How many they are.
    """

    named_at: int
    days: Days
    addressed: frozenset[str]
    count: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """The facts that name an item by any of its names.

    Attributes:
        facts: The facts by index; None if they are so many that they are read when needed.
        days: Their days, name by name.
        addressed: The folded names that they are addressed to.
    """

    facts: Mapping[int, Recorded] | None
    days: tuple[Days, ...]
    addressed: frozenset[str]


NAMING_KEPT: Final = 64
"""Up to how many facts that name an item are kept at hand for questions about it."""

FINDINGS_MAX: Final = 65_536
"""How many findings are kept, of some 500 bytes each."""

NAMED_BY_NOTHING: Final = Naming(0, Days(), frozenset())


@dataclass(slots=True)
class Register:
    """The record up to one tree size; read-only once built.

    The ``directory`` finds facts by id, stream and the items that they name. Of the reported facts,
    ``bearing`` are those that every question looks at: no question looks at all facts, however many
    there are.
    ``days`` are the days that all answers depend on, ``item_days`` those of an item's stream,
    ``place_days`` those on which a country joins or leaves a group, ``membership_days`` all of
    these. ``addressed`` are the folded names that an act may bind.
    What follows from the record is ``worked_out`` once, its rules have ``chronicles``, and what
    they come to is kept as ``findings``, until a fact is added that bears on them.
    ``revision`` is the tree size from which answers have been what they are, but for facts that do
    no more than name the item.
    """

    tree_size: int = 0
    recorded_ms: int = 0
    policy: Policy = field(default_factory=Policy)
    attributions: dict[int, str] = field(default_factory=dict)
    directory: Directory = field(default_factory=OwnDirectory)
    rules: dict[str, Rule] = field(default_factory=dict)
    amendments: dict[str, list[Rule]] = field(default_factory=lambda: defaultdict(list))
    links: dict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))
    effects: list[Effected] = field(default_factory=list)
    bearing: list[Recorded] = field(default_factory=list)
    revision: int = 0
    submissions: list[Recorded] = field(default_factory=list)
    items: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    item_names: dict[str, str] = field(default_factory=dict)
    parties: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    memberships: dict[tuple[str, str], list[Recorded]] = field(
        default_factory=lambda: defaultdict(list)
    )
    coverage: dict[str, list[Recorded]] = field(default_factory=lambda: defaultdict(list))
    names_borne: dict[str, frozenset[str]] = field(default_factory=dict)
    days: Days = field(default_factory=Days)
    item_days: dict[str, Days] = field(default_factory=lambda: defaultdict(Days))
    place_days: dict[str, Days] = field(default_factory=lambda: defaultdict(Days))
    membership_days: Days = field(default_factory=Days)
    addressed: set[str] = field(default_factory=set)
    worked_out: WorkedOut = field(default_factory=WorkedOut)
    chronicles: WorkedOut = field(default_factory=partial(WorkedOut, most=None))
    findings: WorkedOut = field(default_factory=partial(WorkedOut, most=FINDINGS_MAX))
    _naming: dict[str, Naming] = field(default_factory=dict, compare=False)

    @property
    def facts(self) -> Mapping[str, Recorded]:
        """Every entry by the id of its fact."""
        return self.directory.facts

    @classmethod
    def of(cls, records: Iterable[Recorded]) -> Register:
        """Build a register from entries in the order of the log."""
        register = cls()
        for recorded in records:
            register.add(recorded)
        return register

    def snapshot(self, directory: Directory) -> Register:
        """A register that holds the same, and stays as it is while facts are only found in this.

        It shares everything with this one, also what is worked out, in which nothing looks into the
        directory of the register that it was worked out for. Before this one is handed any other
        fact, a copy has to take its place.

        Args:
            directory: Finds what this one's directory finds now, and nothing that is added to it.
        """
        return replace(self, directory=directory)

    def copy(self, directory: Directory | None = None) -> Register:
        """A register that holds the same, and grows by itself; no fact is read for it.

        Args:
            directory: What it finds facts by; unless given, one in memory above this one's.
        """
        return Register(
            tree_size=self.tree_size,
            recorded_ms=self.recorded_ms,
            policy=self.policy,
            attributions=dict(self.attributions),
            directory=OwnDirectory(self.directory) if directory is None else directory,
            rules=dict(self.rules),
            amendments=_copy(self.amendments),
            links=_copy(self.links),
            effects=list(self.effects),
            bearing=list(self.bearing),
            revision=self.revision,
            submissions=list(self.submissions),
            items=_copy(self.items),
            item_names=dict(self.item_names),
            parties=_copy(self.parties),
            memberships=_copy(self.memberships),
            coverage=_copy(self.coverage),
            names_borne=dict(self.names_borne),
            days=self.days.copy(),
            item_days=_grown(self.item_days),
            place_days=_grown(self.place_days),
            membership_days=self.membership_days.copy(),
            addressed=set(self.addressed),
            _naming=dict(self._naming),
        )

    def add(self, recorded: Recorded) -> None:
        """Take in the next entry."""
        self.tree_size = recorded.index + 1
        self.recorded_ms = recorded.recorded_ms
        self.directory.add(recorded)
        # Nothing else may be taken from what is only found: after a restart it is not handed over.
        if not is_only_found(recorded.fact):
            self._arrange(recorded)

    def _arrange(self, recorded: Recorded) -> None:
        match recorded.fact:
            case ReportedFact() as fact:
                self._add_reported(recorded, fact)
            case ItemDescribed() as item:
                self.items[item.stream].append(recorded)
                names = frozenset(name.casefold() for name in item.names)
                for name in names:
                    self.item_names.setdefault(name, item.stream)
                self.names_borne[item.stream] = self.names_of(item.stream) | names
                self.item_days[item.stream].add(days_in((item.launch, item.reported)))
            case PartyDescribed() as party:
                for name in party.names:
                    self.parties[name.casefold()].append(recorded)
                self.days.add(days_in(party.dates))
            case GroupMembership() as membership:
                self.memberships[membership.group, membership.country].append(recorded)
                period = (membership.from_date, membership.until_date)
                self.place_days[membership.country].add(days_in(period))
                self.membership_days.add(days_in(period))
            case CoverageDeclared() as coverage:
                self.coverage[coverage.stream].append(recorded)
                self.days.add((coverage.from_day, coverage.to_day))
            case LedgerFounded() as founded:
                self.policy = founded.policy
            case _:
                return
        if not only_names_items(recorded.fact):
            self.revision = self.tree_size
            self.worked_out.forget()
            self.chronicles.forget()
            self.findings.forget()

    def _add_reported(self, recorded: Recorded, fact: ReportedFact) -> None:
        for provision in fact.provisions:
            rule = Rule(provision, fact, recorded)
            self.rules[provision.id] = rule
            if provision.amends:
                self.amendments[provision.amends].append(rule)
        for relation in fact.relates_to:
            self.links[relation.id].append(Link(relation.relation, relation.id, fact, recorded))
        self.effects += (Effected(effect, fact, recorded) for effect in fact.effects)
        if bears(fact):
            self.bearing.append(recorded)
        if fact.family is Family.ADVOCACY_SUBMISSION:
            self.submissions.append(recorded)
        self.addressed |= {name.casefold() for name in _addressed_by(fact)}
        if not only_names_items(fact):
            self.days.add(days_in((fact.dates, fact.provisions, fact.effects)))

    def pass_over(self, tree_size: int, recorded_ms: int) -> None:
        """Stand on so many entries, of which the last were only found, and are not handed over.

        Args:
            tree_size: How many entries there are.
            recorded_ms: When the last of them was recorded.
        """
        self.tree_size = tree_size
        self.recorded_ms = recorded_ms

    def naming_any(self, names: Iterable[str]) -> Mapping[int, Recorded]:
        """The reported facts that name an item by one of these folded names, by index."""
        return {
            recorded.index: recorded for name in names for recorded in self.directory.naming(name)
        }

    def named(self, names: frozenset[str]) -> Named:
        """What the facts that name an item by any of its folded names, taken together, are."""
        named_at = max(map(self.directory.named_at, names), default=0)
        return self.worked_out(("named", names, named_at), partial(self._named, names))

    def _named(self, names: frozenset[str]) -> Named:
        naming = [self.naming(name) for name in names]
        few = sum(one.count for one in naming) <= NAMING_KEPT
        return Named(
            facts=self.naming_any(names) if few else None,
            days=tuple(one.days for one in naming),
            addressed=frozenset().union(*(one.addressed for one in naming)),
        )

    def revision_of(self, names: Iterable[str]) -> int:
        """The tree size from which answers about the item of these folded names are unchanged."""
        return max(self.revision, 0, *map(self.directory.named_at, names))

    def memberships_of(self, country: str) -> Sequence[Recorded]:
        """The entries that name a country's place in any group."""
        return self.worked_out("memberships", self._by_country).get(country, ())

    def _by_country(self) -> Mapping[str, Sequence[Recorded]]:
        found: dict[str, list[Recorded]] = defaultdict(list)
        for (_, country), records in self.memberships.items():
            found[country] += records
        return dict(found)

    def second_lists(self) -> Sequence[tuple[str, str, str]]:
        """The countries of lists that print a group once more, each with the group and its list."""
        return self.worked_out("second lists", self._second_lists)

    def _second_lists(self) -> Sequence[tuple[str, str, str]]:
        named = ((*name.partition("-"), name, code) for name, code in sorted(self.memberships))
        return [(base, name, code) for base, _, variant, name, code in named if variant]

    def naming_at_hand(self, name: str) -> Naming | None:
        """What is known of the facts that name an item; None if that has to be read anew."""
        named_at = self.directory.named_at(name)
        found = self._naming.get(name) if named_at else NAMED_BY_NOTHING
        return found if found is not None and found.named_at == named_at else None

    def naming(self, name: str) -> Naming:
        """What the facts that name an item by this folded name, taken together, depend on."""
        found = self.naming_at_hand(name)
        if found is None:
            named = [recorded.fact for recorded in self.directory.naming(name)]
            facts = [fact for fact in named if isinstance(fact, ReportedFact)]
            days = Days()
            days.add(day for fact in facts for day in days_in(fact.dates))
            addressed = frozenset(n.casefold() for fact in facts for n in fact.addressees)
            found = Naming(self.directory.named_at(name), days, addressed, len(facts))
            self._naming[name] = found
        return found

    def amended(self, provision_id: str) -> str:
        """The provision that a name stands for: of an amendment, the one that it amends."""
        seen: set[str] = set()
        while (rule := self.rules.get(provision_id)) and provision_id not in seen:
            seen.add(provision_id)
            provision_id = rule.provision.amends or provision_id
        return provision_id

    def item_stream(self, name: str) -> str | None:
        """The stream of the item that bears this name or alias, without regard to case."""
        return self.item_names.get(name.casefold())

    def names_of(self, item_stream: str | None) -> frozenset[str]:
        """All folded names that any version of an item has borne; none of an unknown item."""
        return self.names_borne.get(item_stream or "", frozenset())

    def nearest_items(self, name: str) -> Sequence[str]:
        """Names on record that look like ``name``, for a person who mistyped."""
        return difflib.get_close_matches(name.casefold(), sorted(self.item_names), n=3, cutoff=0.5)

    def party_versions(self, name: str) -> Sequence[Recorded]:
        """Descriptions of the party of this name or alias, in the order of the log."""
        return self.parties.get(name.casefold(), ())

    def by_collection(self) -> Mapping[Collection, Sequence[Recorded]]:
        """All facts, grouped by the kind of their stream."""
        grouped: dict[Collection, list[Recorded]] = defaultdict(list)
        for recorded in self.facts.values():
            grouped[recorded.fact.collection].append(recorded)
        return grouped


def _copy(lists: Mapping[_KeyT, list[_ValueT]]) -> dict[_KeyT, list[_ValueT]]:
    return defaultdict(list, {key: list(values) for key, values in lists.items()})


def applicant(fact: ReportedFact) -> str:
    """Who acts, without what is said of them in brackets: of an application, who applies."""
    return fact.actor.partition("(")[0].strip()


def _addressed_by(fact: ReportedFact) -> Iterator[str]:
    """Everybody whom the fact, or a part of it, may bind by name."""
    yield from fact.addressees
    if fact.effects:
        yield applicant(fact)
    for provision in fact.provisions:
        for part in provision.parts:
            yield from part.addressees


def _grown(days: Mapping[str, Days]) -> dict[str, Days]:
    return defaultdict(Days, {name: own.copy() for name, own in days.items()})
