"""Hypothesis strategies for facts of every kind, as wide as the domain allows."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from ledger.domain import (
    attachments,
    authorship,
    delegation,
    effects,
    facts,
    logkeys,
    provision,
    scope,
)
from ledger.domain.dates import MILLISECONDS_END, Dates, OutsideDate
from ledger.domain.places import COUNTRY_CODES
from ledger.domain.statement import Anchor, AttachmentCommitment, Statement
from ledger.domain.vocabulary import (
    UNPUBLISHED,
    Axis,
    Certainty,
    Collection,
    FactKind,
    Family,
    Grade,
    ItemCertainty,
    Operator,
    OutcomeKind,
    Parameter,
    Precision,
    RelationKind,
    Requirement,
    ReviewPolicy,
    Role,
    Transaction,
)

ASKED = [value for value in Requirement if value is not Requirement.NO_RECORD]
"""What a provision may ask: NO_RECORD is what an answer says."""

texts = st.text(min_size=1, max_size=12)
maybe_text = st.none() | texts
slugs = st.text("abcxyz0189-", min_size=3, max_size=12)
countries = st.sampled_from(sorted(COUNTRY_CODES))
groups = st.sampled_from(["A:1", "A:5", "A:6", "B:1", "D:1", "D:4", "D:5", "D:5-state"])
instants = st.integers(0, MILLISECONDS_END - 1)
digests = st.binary(min_size=32, max_size=32)
keyids = st.text("0123456789abcdef", min_size=64, max_size=64)
spki_ders = st.binary(min_size=32, max_size=48)
days = st.dates(date(1900, 1, 1), date(2990, 12, 31))


def several(values: st.SearchStrategy[Any], *, least: int = 0) -> st.SearchStrategy[Any]:
    """A short tuple."""
    return st.lists(values, min_size=least, max_size=3).map(tuple)


def numbers() -> st.SearchStrategy[Decimal]:
    """Decimals of up to 15 digits, with the point anywhere."""
    digits = st.integers(-(10**15) + 1, 10**15 - 1)
    return st.builds(
        lambda unscaled, places: Decimal(unscaled).scaleb(-places), digits, st.integers(0, 15)
    )


@st.composite
def outside_dates(draw: st.DrawFn) -> OutsideDate:
    day, precision = draw(days), draw(st.sampled_from(Precision))
    if precision is Precision.WEEK_OF:
        day -= timedelta(days=day.weekday())
    month = precision is Precision.MONTH or (
        precision in {Precision.ON_OR_BEFORE, Precision.ON_OR_AFTER} and draw(st.booleans())
    )
    return OutsideDate(value=day.isoformat()[: 7 if month else 10], precision=precision)


maybe_date = st.none() | outside_dates()


@st.composite
def dates(draw: st.DrawFn) -> Dates:
    begins = draw(st.sampled_from(["effective", "ends"]))
    fields = {begins: draw(maybe_date), "public": draw(outside_dates())}
    return Dates(compliance=draw(maybe_date), notified=draw(maybe_date), **fields)


places = st.builds(
    scope.PlaceScope,
    any=st.booleans(),
    codes=several(countries),
    any_group=several(groups, least=1),
    not_group=several(groups),
    not_codes=several(countries),
    unpublished=st.booleans(),
    described_as=maybe_text,
) | st.builds(scope.PlaceScope, any=st.just(value=True), codes=several(countries))
maybe_place = st.none() | places

parameter_tests = st.builds(
    scope.ParameterTest,
    param=st.sampled_from([p for p in Parameter if p is not Parameter.DATACENTER]),
    op=st.sampled_from(Operator),
    value=numbers(),
) | st.builds(
    scope.ParameterTest,
    param=st.just(Parameter.DATACENTER),
    op=st.just(Operator.EQUAL),
    value=st.booleans(),
)
alternatives = st.builds(scope.Alternative, all_of=several(parameter_tests, least=1))
item_scopes = st.builds(
    scope.ItemScope,
    any=st.booleans(),
    names=several(texts),
    any_of=several(alternatives, least=1),
    unpublished=st.booleans(),
    described_as=maybe_text,
) | st.builds(scope.ItemScope, described_as=texts)
consignee_scopes = st.builds(
    scope.ConsigneeScope,
    names=st.just(UNPUBLISHED) | several(texts, least=1),
    complete=st.booleans(),
    listed_in=maybe_text,
    test=maybe_text,
    subsidiaries=st.booleans(),
) | st.builds(scope.ConsigneeScope, complete=st.just(value=False))

tests: dict[str, st.SearchStrategy[Any]] = {
    "items": st.none() | item_scopes,
    "destinations": maybe_place,
    "headquarters": maybe_place,
    "addressee": st.none() | texts | several(texts),
    "consignees": st.none() | consignee_scopes,
    "shipped_from": several(countries),
    "transactions": several(st.sampled_from(Transaction)),
    "end_uses": several(texts),
}
provision_ids = st.builds(lambda fact, name: f"{fact}#{name}", slugs, slugs)
terms: dict[str, st.SearchStrategy[Any]] = {
    "effective": maybe_date,
    "ends": maybe_date,
    "grade": st.none() | st.sampled_from(Grade),
    "note": maybe_text,
}
policies = st.sampled_from(ReviewPolicy)
lanes = st.builds(
    provision.ReviewLane,
    on_provision=provision_ids,
    preconditions=several(texts),
    policy=policies,
    **terms,
    **tests,
)
exceptions = st.builds(
    provision.LicenseException, code=texts, preconditions=several(texts), **terms, **tests
)
exemptions = st.builds(
    provision.Exemption,
    also_from=several(provision_ids),
    subsidiaries=st.booleans(),
    **terms,
    **tests,
)
review_rules = st.builds(
    provision.ReviewRule, when=st.builds(scope.Tests, **tests), policy=policies
)


def provisions(provision_id: str) -> st.SearchStrategy[provision.Provision]:
    """A provision of that id."""
    return st.builds(
        provision.Provision,
        id=st.just(provision_id),
        amends=st.none() | st.just("another-fact#rule"),
        restates=st.none() | st.just("another-fact#older"),
        compliance=maybe_date,
        declares_from=maybe_date,
        requirement=st.none() | st.sampled_from(ASKED),
        review_policy=st.none() | policies,
        review_by=several(review_rules),
        review_lanes=several(lanes),
        exceptions=several(exceptions),
        exempt=several(exemptions),
        presumes=maybe_text,
        **terms,
        **tests,
    )


@st.composite
def effects_of_facts(draw: st.DrawFn) -> effects.Effect:
    axis = draw(st.sampled_from(Axis))
    value = draw(st.sampled_from(sorted(effects.AXIS_VALUES[axis])))
    return effects.Effect(
        axis=axis,
        value=value.value,
        items=draw(several(texts)),
        destinations=draw(maybe_place),
        shipped_from=draw(several(countries)),
        scope=draw(st.none() | st.just(UNPUBLISHED) | texts),
        detail=draw(maybe_text),
        ends=draw(maybe_date),
    )


@st.composite
def amounts(draw: st.DrawFn) -> dict[str, Any]:
    least = draw(st.integers(0, 10**15))
    return {
        "min": least,
        "max": draw(st.none() | st.integers(least, 10**15)),
        "approximate": draw(st.booleans()),
    }


quantities = st.builds(lambda amount, unit: effects.Quantity(unit=unit, **amount), amounts(), texts)
sums = st.builds(
    lambda amount, currency: effects.Money(currency=currency, **amount),
    amounts(),
    st.sampled_from(["USD", "CNY"]),
)
sources = st.builds(
    effects.Source,
    publisher=texts,
    title=texts,
    date=st.sampled_from([None, "2025", "2025-04", "2025-04-09"]),
    url=maybe_text,
    language=st.sampled_from([None, "en", "zh-Hant"]),
)
relations = st.builds(
    effects.Relation, id=slugs | provision_ids, relation=st.sampled_from(RelationKind)
)
outcomes = st.builds(effects.RequestedOutcome, kind=st.sampled_from(OutcomeKind), text=texts)
signatories = st.builds(
    effects.Signatories, stated_count=st.integers(1, 1_000_000), names=several(texts)
) | st.builds(effects.Signatories, names=several(texts, least=1))
claims = st.builds(effects.ClaimText, text=texts, subject=texts, kind=texts)


@st.composite
def reported(draw: st.DrawFn) -> facts.ReportedFact:
    family, fact_id = draw(st.sampled_from(Family)), draw(slugs)
    names = (f"{fact_id}#a", f"{fact_id}#b") if family is Family.REGULATORY_ACTION else ()
    return draw(
        st.builds(
            facts.ReportedFact,
            id=st.just(fact_id),
            stream=streams(),
            family=st.just(family),
            subtype=texts,
            actor=texts,
            addressee=st.none() | texts | several(texts),
            issuer_country=st.none() | countries,
            addressed_to=maybe_text,
            citation=maybe_text,
            items=several(texts),
            destinations=maybe_place,
            headquarters=maybe_place,
            dates=dates(),
            provisions=st.tuples(*map(provisions, names)),
            relates_to=several(relations),
            quantity=st.none() | quantities,
            money=st.none() | sums,
            requested_outcome=st.none() | outcomes,
            signatories=st.none() | signatories,
            claims=several(claims),
            effects=several(effects_of_facts()),
            sources=several(sources),
            certainty=st.sampled_from(Certainty),
            attributed_to=maybe_text,
            grade=st.sampled_from(Grade),
            note=maybe_text,
        )
    )


def streams() -> st.SearchStrategy[str]:
    """The name of a stream, of any collection: which fact may stand where is not the codec's."""
    return st.builds(
        lambda collection, name: f"{collection}/{name}", st.sampled_from(Collection), slugs
    )


def _fact(model: type[facts.Fact], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(model, id=slugs, stream=streams(), **fields)


def _period(first: str, last: str, *, whole: bool) -> st.SearchStrategy[dict[str, date]]:
    both = st.tuples(days, days).filter(lambda pair: pair[0] < pair[1])
    periods = both.map(lambda pair: {first: pair[0], last: pair[1]})
    if whole:
        return periods
    return periods | days.map(lambda day: {first: day}) | days.map(lambda day: {last: day})


grades = st.sampled_from(Grade)
coverages = st.builds(
    lambda period, **fields: facts.CoverageDeclared(**period, **fields),
    _period("from", "to", whole=True),
    id=slugs,
    stream=streams(),
    actor=texts,
    regime=texts,
    sources=several(sources),
    grade=grades,
    note=maybe_text,
)
parties = _fact(
    facts.PartyDescribed,
    name=texts,
    aliases=several(texts),
    country=st.none() | countries,
    headquarters=st.none() | countries,
    ultimate_parent=maybe_text,
    identifiers=st.dictionaries(texts, texts, max_size=3),
    dates=st.none() | dates(),
    sources=several(sources),
    grade=grades,
    note=maybe_text,
)


@st.composite
def parameter_ranges(draw: st.DrawFn) -> facts.ParameterRange:
    least, most = sorted((draw(numbers()), draw(numbers())))
    return facts.ParameterRange(min=least, max=most)


def _parameters(names: set[str]) -> st.SearchStrategy[dict[str, Any]]:
    values = numbers() | parameter_ranges()
    return st.fixed_dictionaries(
        {name: st.booleans() if name == Parameter.DATACENTER else values for name in names}
    )


@st.composite
def items(draw: st.DrawFn) -> facts.ItemDescribed:
    every = sorted(facts.TESTABLE | facts.DESCRIPTIVE)
    known = draw(st.sets(st.sampled_from(every)))
    seen = draw(st.sampled_from(["launch", "reported"]))
    fields: dict[str, Any] = {seen: draw(maybe_date)}
    return facts.ItemDescribed(
        id=draw(slugs),
        stream=draw(streams()),
        name=draw(texts),
        aliases=draw(several(texts)),
        vendor=draw(texts),
        parameters=draw(_parameters({str(name) for name in known})),
        unpublished=tuple(name for name in every if name not in known and draw(st.booleans())),
        basis=draw(st.dictionaries(texts, texts, max_size=3)),
        certainty=draw(st.sampled_from(ItemCertainty)),
        grades=draw(st.dictionaries(st.sampled_from(sorted(facts.GRADED)), grades)),
        sources=draw(several(sources)),
        note=draw(maybe_text),
        **fields,
    )


memberships = st.builds(
    lambda period, **fields: facts.GroupMembership(**period, **fields),
    st.just({}) | _period("from_date", "until_date", whole=False),
    id=slugs,
    stream=streams(),
    group=groups,
    country=countries,
    name=texts,
    grade=grades,
    source=texts,
    note=maybe_text,
)
co_signatures = _fact(
    facts.CoSignature, letter_digest=digests, signatory=texts, affiliation=maybe_text
)
founding = _fact(
    authorship.LedgerFounded,
    origin=st.just("ledger.example/log"),
    policy=st.builds(
        authorship.Policy,
        outside_record=several(
            st.builds(
                authorship.OutsideRecord,
                codes=several(countries, least=1),
                citation=texts,
                note=maybe_text,
            )
        ),
    ),
    log_key=spki_ders,
    administrators=st.lists(
        st.builds(authorship.Administrator, author=slugs, spki_der=spki_ders),
        min_size=1,
        max_size=3,
        unique_by=(lambda one: one.author, lambda one: one.spki_der),
    ).map(tuple),
    threshold=st.just(1),
)
enrollments = _fact(
    authorship.AuthorEnrolled,
    author=slugs,
    role=st.sampled_from(Role),
    party=texts,
    spki_der=spki_ders,
    possession=st.binary(min_size=64, max_size=80),
    not_after_ms=st.none() | instants,
)
rotations = _fact(
    authorship.KeyRotated,
    author=slugs,
    old_keyid=keyids,
    spki_der=spki_ders,
    not_after_ms=st.none() | instants,
)
revocations = _fact(
    authorship.KeyRevoked,
    author=slugs,
    keyid=keyids,
    reason=texts,
    compromised_since_ms=st.none() | instants,
)
erasures = _fact(attachments.AttachmentErased, commitment=digests, reason=texts)
delegations = _fact(
    delegation.KeyDelegated,
    author=slugs,
    delegating_keyid=keyids,
    spki_der=spki_ders,
    possession=st.binary(min_size=64, max_size=80),
    kinds=several(st.sampled_from(FactKind), least=1),
    streams=several(st.sampled_from(["orders", "claims", "orders/co-1"]), least=1),
    not_after_ms=instants,
)
log_rotations = _fact(
    logkeys.LogKeyRotated,
    old_keyid=keyids,
    spki_der=spki_ders,
    possession=st.binary(min_size=64, max_size=80),
)
log_retirements = _fact(logkeys.LogKeyRetired, keyid=keyids)
rows = st.one_of(reported(), coverages, parties, items())
any_fact = st.one_of(
    rows,
    memberships,
    co_signatures,
    founding,
    enrollments,
    rotations,
    revocations,
    erasures,
    delegations,
    log_rotations,
    log_retirements,
)


def statements() -> st.SearchStrategy[Statement]:
    """Statements of any fact."""
    counts = st.integers(0, 2**63 - 1)
    return st.builds(
        Statement,
        ledger_id=st.just(b"") | digests,
        expected_version=counts,
        author=slugs,
        nonce=st.binary(min_size=16, max_size=16),
        signed_at_ms=instants,
        anchor=st.none() | st.builds(Anchor, size=counts.filter(bool), root=digests),
        fact=any_fact,
        attachments=several(
            st.builds(
                AttachmentCommitment,
                commitment=digests,
                length=counts,
                media_type=st.just("application/pdf"),
            )
        ),
    )
