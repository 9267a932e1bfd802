"""The closed vocabularies of the record and of the answer.

The values are the words that FORMAT and the model of the law use; they are what a person reads
in a file, in JSON and on the screen, so they are never translated on the way.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

UNPUBLISHED: Final = "UNPUBLISHED"
"""A value, never a blank: the thing exists and its content is not public."""

Unpublished = Literal["UNPUBLISHED"]


class Word(StrEnum):
    """A word of a closed vocabulary."""

    # A word is its text; an enum's own hash is that of the member's name, by a slower way.
    __hash__ = str.__hash__


class Precision(Word):
    """How exactly an outside date is known (FORMAT §1)."""

    DAY = "day"
    MONTH = "month"
    WEEK_OF = "week-of"
    ON_OR_BEFORE = "on-or-before"
    ON_OR_AFTER = "on-or-after"


class Family(Word):
    """The four families of reported facts."""

    REGULATORY_ACTION = "regulatory_action"
    COMPANY_ORDER = "company_order"
    ADVOCACY_SUBMISSION = "advocacy_submission"
    CLAIM = "claim"


class RelationKind(Word):
    """What one fact does to another, or says of it (FORMAT §1)."""

    AMENDS = "amends"
    CORRECTS = "corrects"
    SUPERSEDES = "supersedes"
    STAYS = "stays"
    ENDS = "ends"
    NOT_ENFORCED = "not_enforced"
    CONFIRMS = "confirms"
    ACCELERATES = "accelerates"
    GRANTS = "grants"
    ASSURES = "assures"
    EXTENDS = "extends"
    ANSWERS = "answers"
    OPPOSES = "opposes"
    CONTRADICTS = "contradicts"
    ADDS_TO = "adds_to"
    PART_OF = "part_of"
    CLAIMS_ABOUT = "claims_about"
    EXEMPTS = "exempts"


class Grade(Word):
    """How the registrar verified a fact: in a source, through a third party, or from memory."""

    CHECKED = "checked"
    SECONDHAND = "secondhand"
    MEMORY = "memory"


class Certainty(Word):
    """How strong the source of a fact is, strongest first."""

    OFFICIAL = "official"
    COMPANY_FILING = "company_filing"
    PRESS_REPORT = "press_report"
    ATTRIBUTED_CLAIM = "attributed_claim"


class ItemCertainty(Word):
    """Where the parameters of an item come from."""

    VENDOR_SPECIFICATION = "vendor_specification"
    MIXED = "mixed"
    ATTRIBUTED_CLAIM = "attributed_claim"


class OutcomeKind(Word):
    """What a submission asks for."""

    IMPOSE = "impose"
    KEEP = "keep"
    TIGHTEN = "tighten"
    RELAX = "relax"
    RESCIND = "rescind"
    GRANT = "grant"
    DELAY = "delay"
    OTHER = "other"


class Parameter(Word):
    """The parameters that a technical test may read (FORMAT §2)."""

    TPP = "tpp"
    TOPS_BITS = "tops_bits"
    PERF_DENSITY = "perf_density"
    MEM_BW_GBS = "mem_bw_gbs"
    IO_GBS = "io_gbs"
    INTERCONNECT_GBS = "interconnect_gbs"
    DATACENTER = "datacenter"


class Operator(Word):
    """The comparisons of a technical test."""

    AT_LEAST = ">="
    BELOW = "<"
    EQUAL = "=="


class Transaction(Word):
    """The kind of movement that is asked about."""

    EXPORT = "export"
    REEXPORT = "reexport"
    IN_COUNTRY = "in-country"


class EndUse(Word):
    """The part-744 end uses that a question may supply; ``none`` denies all of them."""

    NONE = "none"
    MILITARY = "military"
    SUPERCOMPUTER = "supercomputer"
    SEMICONDUCTOR = "semiconductor"
    AI_TRAINING = "ai-training"


class Basis(Word):
    """Whose knowledge a question cuts by (P1)."""

    PUBLIC = "PUBLIC"
    ADDRESSEE = "ADDRESSEE"
    LEDGER = "LEDGER"


class Axis(Word):
    """The axes that an effect may set; a license requirement is never an effect."""

    AUTHORIZATION = "authorization"
    DESTINATION_MEASURE = "destination_measure"
    COMMERCIAL_CONDITION = "commercial_condition"


class Requirement(Word):
    """First axis: must a license be had?"""

    NO_RECORD = "NO_RECORD"
    NO_LICENSE_REQUIRED = "NO_LICENSE_REQUIRED"
    LICENSE_REQUIRED = "LICENSE_REQUIRED"
    DEFERRED = "DEFERRED"
    STAYED = "STAYED"
    CODIFIED_NOT_ENFORCED = "CODIFIED_NOT_ENFORCED"
    INDETERMINATE = "INDETERMINATE"
    NOT_SUBJECT_TO_EAR = "NOT_SUBJECT_TO_EAR"


class ReviewPolicy(Word):
    """Second axis: how would an application be reviewed?"""

    NOT_STATED = "NOT_STATED"
    PRESUMPTION_OF_APPROVAL = "PRESUMPTION_OF_APPROVAL"
    CASE_BY_CASE = "CASE_BY_CASE"
    PRESUMPTION_OF_DENIAL = "PRESUMPTION_OF_DENIAL"
    POLICY_OF_DENIAL = "POLICY_OF_DENIAL"
    N_A = "N_A"


class Authorization(Word):
    """Third axis: what permission is on record?"""

    NONE_ON_RECORD = "NONE_ON_RECORD"
    EXCEPTION_AVAILABLE = "EXCEPTION_AVAILABLE"
    APPLIED = "APPLIED"
    ASSURED_NOT_ISSUED = "ASSURED_NOT_ISSUED"
    GRANTED_SCOPED = "GRANTED_SCOPED"
    RETURNED = "RETURNED"
    DENIED = "DENIED"
    SUSPENDED = "SUSPENDED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class DestinationMeasure(Word):
    """Fourth axis: what has the destination state done? Members stand in order of severity."""

    NONE_ON_RECORD = "NONE_ON_RECORD"
    INQUIRY = "INQUIRY"
    INVESTIGATION = "INVESTIGATION"
    DISCOURAGED = "DISCOURAGED"
    ORDERED_STOP_REPORTED = "ORDERED_STOP_REPORTED"
    CUSTOMS_BLOCK_REPORTED = "CUSTOMS_BLOCK_REPORTED"
    CONDITIONAL_APPROVAL_REPORTED = "CONDITIONAL_APPROVAL_REPORTED"
    BANNED_FOR_CLASS_REPORTED = "BANNED_FOR_CLASS_REPORTED"
    CONFLICT = "CONFLICT"


class Evidence(Word):
    """Fifth axis: how strong is the weakest applied link? Members stand weakest first."""

    ATTRIBUTED_CLAIM = "ATTRIBUTED_CLAIM"
    PRESS_SINGLE = "PRESS_SINGLE"
    PRESS_MULTI = "PRESS_MULTI"
    COMPANY_FILING = "COMPANY_FILING"
    OFFICIAL_TEXT = "OFFICIAL_TEXT"


class CommercialCondition(Word):
    """The side fact: what is paid, or expected to be paid, for the sale?"""

    NONE = "NONE"
    EXPECTED_UNCODIFIED = "EXPECTED_UNCODIFIED"
    TARIFF = "TARIFF"


class Disposition(Word):
    """What became of an entry that the determination considered."""

    APPLIED = "APPLIED"
    CONFLICTING = "CONFLICTING"
    SUPERSEDED_BY = "SUPERSEDED_BY"
    NOT_YET_KNOWN = "NOT_YET_KNOWN"
    NOT_YET_EFFECTIVE = "NOT_YET_EFFECTIVE"
    ENDED = "ENDED"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    NO_STATUS_EFFECT = "NO_STATUS_EFFECT"


class Role(Word):
    """What an author may be (DESIGN §4)."""

    REGISTRAR = "registrar"
    AUTHORITY = "authority"
    COMPANY = "company"
    ADVOCATE = "advocate"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"


class FactKind(Word):
    """The kinds of facts that a delegation may be limited to: all but those about authors."""

    REGULATORY_ACTION = "regulatory_action"
    COMPANY_ORDER = "company_order"
    ADVOCACY_SUBMISSION = "advocacy_submission"
    CLAIM = "claim"
    COVERAGE = "coverage"
    PARTY = "party"
    ITEM = "item"
    MEMBERSHIP = "membership"
    CO_SIGNATURE = "co_signature"


class Collection(Word):
    """The first part of a stream's name: which aggregate lives there."""

    INSTRUMENTS = "instruments"
    LICENSES = "licenses"
    ORDERS = "orders"
    SUBMISSIONS = "submissions"
    CLAIMS = "claims"
    ITEMS = "items"
    DESTINATIONS = "destinations"
    PARTIES = "parties"
    AUTHORS = "authors"
    COVERAGE = "coverage"
    ATTACHMENTS = "attachments"
