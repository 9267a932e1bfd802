"""Small worlds made at random: rules and whatever acts on them, and questions about them.

The days are few and close together, so that acts meet, overlap and follow each other. Everything
here is a legal record: whatever is drawn could have been signed and appended.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from ledger.domain.dates import OutsideDate
from ledger.domain.determination.question import Question
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.provision import Exemption, LicenseException, Provision, ReviewLane, ReviewRule
from ledger.domain.scope import ConsigneeScope, ItemScope, PlaceScope
from ledger.domain.scope import Tests as ScopeTests
from ledger.domain.vocabulary import (
    UNPUBLISHED,
    Authorization,
    Axis,
    Basis,
    Certainty,
    CommercialCondition,
    DestinationMeasure,
    EndUse,
    Precision,
    RelationKind,
    Requirement,
    ReviewPolicy,
    Transaction,
)
from tests.builders import claim, membership, order, party, submission
from tests.unit.domain.determination.world import (
    World,
    act,
    amending,
    at_least,
    chip,
    codes,
    dates,
    effect,
    grouped,
    link,
    named,
    question,
)

ITEMS: Final = ("Big", "Small", "Vague", "Secret")
PLACES: Final = ("CN", "JP", "MO")
EXPORTERS: Final = ("NVIDIA", "Dell")
SEATS: Final = ("CN", "JP")
ORIGINS: Final = ("US", "TW")
CONSIGNEES: Final = ("Acme", "Daughter", "Nobody")
SCOPE: Final = "state-funded data centers"
PRECONDITION: Final = "notified"
DAYS: Final = tuple(f"2025-{month:02}-{day:02}" for month in range(1, 11, 2) for day in (1, 15))

LAID_OUT: Final[tuple[Fact, ...]] = (
    chip("Big", tpp=5000),
    chip("Small", tpp=1000),
    chip("Vague", tpp=(4000, 5000)),
    chip("Secret", launch="2025-03-01", unpublished=("tpp",)),
    membership("CN"),
    membership("JP", since="2025-03-01", until="2025-07-01"),
    membership("JP", "A:5", until="2025-05-01"),
    party("Acme", headquarters="CN"),
    party("Daughter", headquarters="JP", ultimate_parent="Acme"),
)
"""The ground on which every world stands."""

EVERYTHING: Final = frozenset(
    {"amendments", "exemptions", "extensions", "lanes", "links-to-effects", "restatements"}
)

days = st.sampled_from(DAYS)
closings = st.sampled_from([RelationKind.ENDS, RelationKind.SUPERSEDES])
certainties = st.sampled_from([Certainty.OFFICIAL, Certainty.OFFICIAL, *Certainty])
subtypes = st.sampled_from(["interim_final_rule", "interim_final_rule", "assurance", "statement"])


def maybe(values: st.SearchStrategy[Any], *, otherwise: Any = None) -> st.SearchStrategy[Any]:
    """One of the values, or more often nothing."""
    return st.one_of(st.just(otherwise), st.just(otherwise), values)


@st.composite
def imprecise(draw: st.DrawFn) -> OutsideDate:
    day = draw(days)
    precision = draw(st.sampled_from([Precision.DAY, Precision.DAY, *Precision]))
    if precision is Precision.MONTH:
        return OutsideDate(value=day[:7], precision=precision)
    if precision is Precision.WEEK_OF:
        return OutsideDate(value="2025-05-05", precision=precision)
    return OutsideDate(value=day, precision=precision)


item_scopes = st.sampled_from(
    [None, at_least(tpp=4800), named("Big"), ItemScope(names=("Small",), unpublished=True)]
)
places = st.sampled_from(
    [
        None,
        codes("CN"),
        grouped("D:5"),
        grouped("D:5", codes=("MO",), not_group=("A:5",)),
        PlaceScope(codes=("JP",), unpublished=True),
    ]
)
consignee_scopes = st.sampled_from(
    [
        ConsigneeScope(names=("Acme",)),
        ConsigneeScope(names=("Acme",), subsidiaries=True, complete=False),
        ConsigneeScope(names=UNPUBLISHED),
    ]
)


@st.composite
def tests(draw: st.DrawFn) -> dict[str, Any]:
    """Tests of a provision or of one of its parts."""
    return {
        "items": draw(item_scopes),
        "destinations": draw(places),
        "addressee": draw(maybe(st.sampled_from(EXPORTERS))),
        "headquarters": draw(maybe(st.sampled_from([codes("CN"), grouped("D:5")]))),
        "consignees": draw(maybe(maybe(consignee_scopes))),
        "shipped_from": draw(maybe(st.just(("TW",)), otherwise=())),
        "end_uses": draw(maybe(maybe(st.just(("military",)), otherwise=()), otherwise=())),
        "transactions": draw(maybe(st.just((Transaction.REEXPORT,)), otherwise=())),
    }


policies = st.sampled_from([p for p in ReviewPolicy if p is not ReviewPolicy.N_A])


@st.composite
def parts(draw: st.DrawFn, features: frozenset[str]) -> dict[str, Any]:
    """Review rules, lanes, exceptions and exemptions, each now and then."""
    dated = {"effective": draw(maybe(imprecise())), "ends": draw(maybe(imprecise()))}
    found: dict[str, Any] = {"review_policy": draw(st.none() | policies)}
    if draw(st.booleans()):
        found["review_by"] = (ReviewRule(when=ScopeTests(**draw(tests())), policy=draw(policies)),)
    if draw(st.booleans()):
        needed = draw(st.sampled_from([(), (PRECONDITION,)]))
        found["exceptions"] = (
            LicenseException(code="NAC", preconditions=needed, **dated, **draw(tests())),
        )
    if "exemptions" in features and draw(st.booleans()):
        also = draw(maybe(st.sampled_from([("us-0#all",), ("us-1#all",)]), otherwise=()))
        found["exempt"] = (Exemption(also_from=also, **dated, **draw(tests())),)
    if "lanes" in features and draw(st.booleans()):
        lane = {"on_provision": draw(st.sampled_from(["us-0#all", "us-1#all"])), **dated}
        found["review_lanes"] = (ReviewLane(policy=draw(policies), **lane, **draw(tests())),)
    return found


@st.composite
def rules(draw: st.DrawFn, number: int, features: frozenset[str]) -> ReportedFact:
    """An act with one provision."""
    restated = draw(maybe(st.just("us-0#all"))) if "restatements" in features and number else None
    provision = Provision(
        id=f"us-{number}#all",
        effective=draw(maybe(imprecise())),
        compliance=draw(maybe(imprecise())),
        ends=draw(maybe(imprecise())),
        requirement=draw(st.sampled_from([Requirement.LICENSE_REQUIRED] * 3 + [None])),
        restates=restated,
        **draw(tests()),
        **draw(parts(features)),
    )
    return act(f"us-{number}", provision, public=draw(days), certainty=draw(certainties))


@st.composite
def amendments(draw: st.DrawFn, number: int) -> ReportedFact:
    """An act that changes a rule, or another amendment."""
    target = draw(st.sampled_from(["us-0#all", "us-1#all", "us-amend-0#all"]))
    if target == f"us-amend-{number}#all":
        target = "us-0#all"
    carried = {name: value for name, value in draw(tests()).items() if draw(st.booleans())}
    change = amending(f"us-amend-{number}#all", target, effective=draw(imprecise()), **carried)
    return act(f"us-amend-{number}", change, public=draw(days), certainty=draw(certainties))


@st.composite
def acts(draw: st.DrawFn, number: int, features: frozenset[str]) -> ReportedFact:
    """A fact that ends, stays, supersedes, extends or forbears, or claims to."""
    kinds = [RelationKind.STAYS, RelationKind.NOT_ENFORCED, RelationKind.CONTRADICTS]
    kinds += [RelationKind.EXTENDS] if "extensions" in features else []
    targets = ["us-0", "us-0#all", "us-1", "us-1#all", "us-act-0", "us-act-1"]
    targets += ["us-effect-0", "us-effect-1"] if "links-to-effects" in features else []
    relation = link(draw(st.sampled_from(kinds) | closings), draw(st.sampled_from(targets)))
    return act(
        f"us-act-{number}",
        relates=relation,
        public=draw(days),
        effective=draw(maybe(imprecise())),
        ends=draw(maybe(st.just("2025-12-01"))),
        subtype=draw(subtypes),
        certainty=draw(certainties),
        issuer_country=draw(st.sampled_from(["US", "US", "CN", None])),
    )


VALUES: Final[dict[Axis, list[str]]] = {
    Axis.AUTHORIZATION: sorted(
        set(Authorization) - {Authorization.NONE_ON_RECORD, Authorization.EXCEPTION_AVAILABLE}
    ),
    Axis.DESTINATION_MEASURE: sorted(
        set(DestinationMeasure) - {DestinationMeasure.NONE_ON_RECORD, DestinationMeasure.CONFLICT}
    ),
    Axis.COMMERCIAL_CONDITION: sorted(CommercialCondition),
}


@st.composite
def effects(draw: st.DrawFn, number: int) -> ReportedFact:
    """An act or a claim with one effect on an axis."""
    axis = draw(st.sampled_from(list(Axis)))
    made = effect(
        axis,
        draw(st.sampled_from(VALUES[axis])),
        items=draw(st.sampled_from([(), ("Big",), ("Small",)])),
        destinations=draw(places),
        shipped_from=draw(maybe(st.just(("TW",)), otherwise=())),
        scope=draw(maybe(st.sampled_from([UNPUBLISHED, SCOPE, "for Acme"]))),
        ends=draw(maybe(imprecise())),
    )
    addressee = draw(maybe(st.sampled_from([*EXPORTERS, "Acme"])))
    certainty = draw(certainties)
    if draw(st.booleans()):
        return act(
            f"us-effect-{number}",
            effects=made,
            public=draw(days),
            addressee=addressee,
            certainty=certainty,
        )
    return claim(f"us-effect-{number}", effects=made, dates=dates(public=draw(days)))


@st.composite
def facts(draw: st.DrawFn, features: frozenset[str] = EVERYTHING) -> tuple[ReportedFact, ...]:
    """Rules and whatever acts on them."""
    several = st.integers(0, 3)
    found: list[ReportedFact] = [draw(rules(n, features)) for n in range(draw(several) + 1)]
    found += [draw(acts(n, features)) for n in range(draw(several))]
    found += [draw(effects(n)) for n in range(draw(several))]
    if "amendments" in features:
        found += [draw(amendments(n)) for n in range(draw(st.integers(0, 2)))]
    return tuple(found)


@st.composite
def words(draw: st.DrawFn, number: int) -> ReportedFact:
    """A claim, order, submission, assurance or announcement that would like to end something."""
    kind = draw(
        st.sampled_from([RelationKind.STAYS, RelationKind.EXTENDS, RelationKind.GRANTS]) | closings
    )
    relation = link(kind, draw(st.sampled_from(["us-0", "us-0#all", "us-1#all", "us-act-0"])))
    axis = draw(st.sampled_from(list(Axis)))
    made = effect(axis, draw(st.sampled_from(VALUES[axis])))
    build = draw(st.sampled_from([claim, order, submission, None]))
    name = f"some-words-{number}"
    if build is None:
        subtype = draw(st.sampled_from(["assurance", "announcement", "press_release", "statement"]))
        return act(name, relates=relation, effects=made, public=draw(days), subtype=subtype)
    said = {"relates_to": relation, "effects": made, "certainty": Certainty.OFFICIAL}
    spoken: ReportedFact = build(name, dates=dates(public=draw(days)), **said)
    return spoken


bases = st.sampled_from([Basis.PUBLIC, Basis.PUBLIC, Basis.ADDRESSEE, Basis.LEDGER])


@st.composite
def questions(draw: st.DrawFn, /, **fixed: Any) -> Question:
    """A question about such a world; what is fixed is not drawn."""
    drawn: dict[str, Any] = {
        "item": draw(st.sampled_from(ITEMS)),
        "destination": draw(st.sampled_from(PLACES)),
        "as_of": draw(st.sampled_from((*DAYS, "2024-06-01", "2025-12-31"))),
        "known_at": draw(st.sampled_from((*DAYS, "2025-12-31", "2026-06-01"))),
        "basis": draw(bases),
        "exporter": draw(st.none() | st.sampled_from(EXPORTERS)),
        "consignee": draw(st.none() | st.sampled_from(CONSIGNEES)),
        "consignee_headquarters": draw(st.none() | st.sampled_from(SEATS)),
        "end_use": draw(st.none() | st.sampled_from([EndUse.NONE, EndUse.MILITARY])),
        "shipped_from": draw(st.none() | st.sampled_from(ORIGINS)),
        "transaction": draw(st.none() | st.sampled_from(Transaction)),
        "affirmed": draw(st.sampled_from([(), (PRECONDITION,), (SCOPE,)])),
    }
    return question(**(drawn | fixed))


def world(made: tuple[ReportedFact, ...]) -> World:
    """The ground, and what was drawn on top of it."""
    return World(*LAID_OUT, *made)
