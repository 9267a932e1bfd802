"""Facts in which every field of the wire format is set at least once."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.domain.authorship import OutsideRecord, Policy
from ledger.domain.dates import Dates
from ledger.domain.effects import (
    ClaimText,
    Effect,
    Money,
    RequestedOutcome,
    Signatories,
    Source,
)
from ledger.domain.facts import Fact, ParameterRange, ReportedFact
from ledger.domain.provision import (
    Exemption,
    LicenseException,
    Provision,
    ReviewLane,
    ReviewRule,
)
from ledger.domain.scope import (
    Alternative,
    ConsigneeScope,
    ItemScope,
    ParameterTest,
    PlaceScope,
    Tests,
)
from ledger.domain.statement import Anchor, AttachmentCommitment, Statement
from ledger.domain.vocabulary import (
    UNPUBLISHED,
    Axis,
    Grade,
    Operator,
    OutcomeKind,
    Parameter,
    Precision,
    Requirement,
    ReviewPolicy,
    Transaction,
)
from tests import builders
from tests.builders import day

if TYPE_CHECKING:
    from collections.abc import Iterator

DIGEST: Final = sha256(b"anything").digest()

SOURCE: Final = Source(
    publisher="SEC",
    title="Form 8-K",
    date="2025-04-15",
    url="https://sec.example/8k",
    language="en",
)
PLACE: Final = PlaceScope(
    any=True,
    codes=("CN", "HK"),
    any_group=("D:1", "D:5"),
    not_group=("A:5",),
    not_codes=("MO",),
    unpublished=True,
    described_as="some regions",
)
ITEMS: Final = ItemScope(
    any=True,
    names=("H20",),
    any_of=(
        Alternative(
            all_of=(
                ParameterTest(param=Parameter.TPP, op=Operator.AT_LEAST, value=Decimal("4800.5")),
                ParameterTest(param=Parameter.DATACENTER, op=Operator.EQUAL, value=True),
            )
        ),
    ),
    unpublished=True,
    described_as="the combination counts",
)
CONSIGNEES: Final = ConsigneeScope(
    names=("Biren",), complete=False, listed_in="88 FR 71991", test="owned", subsidiaries=True
)
TESTS: Final = Tests(
    items=ITEMS,
    destinations=PLACE,
    headquarters=PLACE,
    addressee=("NVIDIA", "AMD"),
    consignees=CONSIGNEES,
    shipped_from=("US",),
    transactions=(Transaction.EXPORT, Transaction.IN_COUNTRY),
    end_uses=("military",),
)
PROVISION: Final = Provision(
    **dict(TESTS),
    id="us-rule#place",
    amends="us-older#place",
    restates="us-older#other",
    effective=day("2025-04", Precision.MONTH),
    compliance=day("2025-06-02", Precision.WEEK_OF),
    ends=day("2025-12-31", Precision.ON_OR_BEFORE),
    declares_from=day("2025-01-01", Precision.ON_OR_AFTER),
    requirement=Requirement.LICENSE_REQUIRED,
    review_policy=ReviewPolicy.N_A,
    review_by=(ReviewRule(when=TESTS, policy=ReviewPolicy.CASE_BY_CASE),),
    review_lanes=(
        ReviewLane(
            **dict(TESTS),
            on_provision="us-rule#place",
            preconditions=("notified",),
            policy=ReviewPolicy.PRESUMPTION_OF_APPROVAL,
            effective=day("2025-04-15"),
            ends=day("2025-12-31"),
            grade=Grade.MEMORY,
            note="A lane.",
        ),
    ),
    exceptions=(
        LicenseException(
            **dict(TESTS),
            code="NAC",
            preconditions=("prior notification",),
            effective=day("2025-04-15"),
            ends=day("2025-12-31"),
            grade=Grade.CHECKED,
            note="An exception.",
        ),
    ),
    exempt=(
        Exemption(
            **dict(TESTS),
            effective=day("2025-04-15"),
            ends=day("2025-12-31"),
            also_from=("us-rule#hq",),
            subsidiaries=True,
            grade=Grade.SECONDHAND,
            note="An exemption.",
        ),
    ),
    presumes="dies of 16 nm or less",
    grade=Grade.CHECKED,
    note="A provision.",
)
DATES: Final = Dates(
    effective=day("2025-04-15"),
    compliance=day("2025-05-15"),
    notified=day("2025-04-09"),
    public=day("2025-04-15"),
    ends=day("2025-12-31"),
)
EFFECTS: Final = (
    Effect(
        axis=Axis.AUTHORIZATION,
        value="GRANTED_SCOPED",
        items=("H20",),
        destinations=PLACE,
        shipped_from=("TW",),
        scope="some customers",
        detail="15% is expected",
        ends=day("2025-12-31"),
    ),
    Effect(axis=Axis.DESTINATION_MEASURE, value="DISCOURAGED", scope=UNPUBLISHED),
    Effect(axis=Axis.COMMERCIAL_CONDITION, value="TARIFF"),
)


def rich_action() -> ReportedFact:
    """A regulatory action that carries everything a reported fact can."""
    return builders.action(
        "us-rule",
        addressee=("NVIDIA", "AMD"),
        issuer_country="US",
        addressed_to="The public",
        citation="90 FR 4544",
        items=("H20",),
        destinations=PLACE,
        headquarters=PLACE,
        dates=DATES,
        provisions=(PROVISION,),
        relates_to=(builders.relation("amends", "us-older#place"),),
        quantity=builders.quantity(1, 2, approximate=True),
        money=Money(min=1, max=2, currency="USD", approximate=True),
        requested_outcome=RequestedOutcome(kind=OutcomeKind.TIGHTEN, text="tighten"),
        signatories=Signatories(stated_count=20, names=("An Expert",)),
        claims=(ClaimText(text="It is so.", subject="H20", kind="policy"),),
        effects=EFFECTS,
        sources=(SOURCE,),
        attributed_to="an official",
        note="A fact.",
    )


def _samples() -> Iterator[Fact]:
    yield rich_action()
    yield builders.action(
        "us-letter",
        provisions=(
            Provision(id="us-letter#one", consignees=ConsigneeScope(names=UNPUBLISHED)),
            Provision(id="us-letter#two", items=ITEMS),
        ),
    )
    yield builders.coverage(sources=(SOURCE,), note="It leaves out part 746.")
    yield builders.party(
        aliases=("Nvidia Corp.",),
        country="US",
        ultimate_parent="NVIDIA",
        identifiers={"lei": "549300S4KLFTLO7GSQ80", "cik": "1045810"},
        dates=DATES,
        sources=(SOURCE,),
        note="A party.",
    )
    yield builders.item(
        aliases=("H20 SXM",),
        parameters={
            "tpp": Decimal(2368),
            "perf_density": Decimal("2.90"),
            "mem_bw_gbs": ParameterRange(min=Decimal(3900), max=Decimal("4000.25")),
            "datacenter": True,
        },
        unpublished=("die_area_mm2",),
        basis={"performance": "dense INT8", "die": "GH100"},
        grades={"performance": Grade.CHECKED, "die": Grade.MEMORY},
        sources=(SOURCE,),
        note="An item.",
    )
    yield builders.item("H30", launch=None, reported=day("2025-08", Precision.MONTH))
    yield builders.membership(since="2021-12-09", until="2026-02-03", note="As printed.")
    yield builders.co_signature("a-signature", "submissions/a-letter", DIGEST, affiliation="CNAS")
    yield builders.founded(
        "ada",
        "bob",
        threshold=2,
        policy=Policy(
            outside_record=(
                OutsideRecord(codes=("IR", "KP"), citation="15 CFR part 746", note="Embargoes."),
            )
        ),
    )
    yield builders.enrolled("registrar", not_after_ms=1_900_000_000_000)
    yield builders.rotated("registrar", "newer", not_after_ms=1_900_000_000_000)
    yield builders.delegated("nvidia", "feed")
    yield builders.log_key_rotated()
    yield builders.log_key_retired()
    yield builders.revoked("registrar", compromised_since_ms=1_700_000_000_000)
    yield builders.erased("a letter")


SAMPLES: Final = tuple(_samples())
"""Facts of every kind; between them every field of the wire format is set."""


def rich_statement(fact: Fact) -> Statement:
    """A statement with everything a statement can carry."""
    return builders.statement(
        fact,
        expected_version=3,
        anchor=Anchor(size=7, root=DIGEST),
        attachments=(
            AttachmentCommitment(commitment=DIGEST, length=9, media_type="application/pdf"),
        ),
    )
