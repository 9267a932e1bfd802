"""Provisions and their parts between protobuf and the domain."""

from __future__ import annotations

from ledger.codec.scopes import some_tests, tests_from_proto, tests_of, tests_to_proto
from ledger.codec.values import grade_from_proto, outside_date_from_proto, outside_date_to_proto
from ledger.codec.within import each, given, maybe, one
from ledger.codec.words import GRADES, REQUIREMENTS, REVIEW_POLICIES
from ledger.domain.provision import (
    Exemption,
    LicenseException,
    Provision,
    ReviewLane,
    ReviewRule,
)
from ledger.v1 import facts_pb2


def provision_to_proto(provision: Provision) -> facts_pb2.Provision:
    """Write one rule of an instrument."""
    return facts_pb2.Provision(
        id=provision.id,
        tests=some_tests(provision),
        amends=provision.amends or "",
        restates=provision.restates or "",
        effective=outside_date_to_proto(provision.effective),
        compliance=outside_date_to_proto(provision.compliance),
        ends=outside_date_to_proto(provision.ends),
        declares_from=outside_date_to_proto(provision.declares_from),
        requirement=REQUIREMENTS.number(provision.requirement),
        review_policy=REVIEW_POLICIES.number(provision.review_policy),
        review_by=[_rule_to_proto(rule) for rule in provision.review_by],
        review_lanes=[_lane_to_proto(lane) for lane in provision.review_lanes],
        exceptions=[_exception_to_proto(exception) for exception in provision.exceptions],
        exempt=[_exemption_to_proto(exemption) for exemption in provision.exempt],
        presumes=provision.presumes or "",
        grade=GRADES.number(provision.grade),
        note=provision.note or "",
    )


def provision_from_proto(message: facts_pb2.Provision) -> Provision:
    """Read one rule of an instrument.

    Raises:
        EnvelopeError: A part of it is refused.
        ValidationError: The domain refuses an id or a text.
    """
    return Provision(
        **dict(tests_of(message)),
        id=message.id,
        **given(
            amends=message.amends,
            restates=message.restates,
            effective=maybe(message, "effective", outside_date_from_proto),
            compliance=maybe(message, "compliance", outside_date_from_proto),
            ends=maybe(message, "ends", outside_date_from_proto),
            declares_from=maybe(message, "declares_from", outside_date_from_proto),
            requirement=REQUIREMENTS.word_or_none(message.requirement, "requirement"),
            review_policy=REVIEW_POLICIES.word_or_none(message.review_policy, "review_policy"),
            review_by=each(message.review_by, "review_by", _rule_from_proto),
            review_lanes=each(message.review_lanes, "review_lanes", _lane_from_proto),
            exceptions=each(message.exceptions, "exceptions", _exception_from_proto),
            exempt=each(message.exempt, "exempt", _exemption_from_proto),
            presumes=message.presumes,
            grade=grade_from_proto(message.grade),
            note=message.note,
        ),
    )


def _rule_to_proto(rule: ReviewRule) -> facts_pb2.ReviewRule:
    return facts_pb2.ReviewRule(
        when=tests_to_proto(rule.when), policy=REVIEW_POLICIES.number(rule.policy)
    )


def _rule_from_proto(message: facts_pb2.ReviewRule) -> ReviewRule:
    return ReviewRule(
        when=one(message, "when", tests_from_proto),
        policy=REVIEW_POLICIES.word(message.policy, "policy"),
    )


def _lane_to_proto(lane: ReviewLane) -> facts_pb2.ReviewLane:
    return facts_pb2.ReviewLane(
        on_provision=lane.on_provision,
        tests=some_tests(lane),
        preconditions=lane.preconditions,
        policy=REVIEW_POLICIES.number(lane.policy),
        effective=outside_date_to_proto(lane.effective),
        ends=outside_date_to_proto(lane.ends),
        grade=GRADES.number(lane.grade),
        note=lane.note or "",
    )


def _lane_from_proto(message: facts_pb2.ReviewLane) -> ReviewLane:
    return ReviewLane(
        **dict(tests_of(message)),
        on_provision=message.on_provision,
        preconditions=tuple(message.preconditions),
        policy=REVIEW_POLICIES.word(message.policy, "policy"),
        effective=maybe(message, "effective", outside_date_from_proto),
        ends=maybe(message, "ends", outside_date_from_proto),
        grade=grade_from_proto(message.grade),
        note=message.note or None,
    )


def _exception_to_proto(exception: LicenseException) -> facts_pb2.LicenseException:
    return facts_pb2.LicenseException(
        code=exception.code,
        tests=some_tests(exception),
        preconditions=exception.preconditions,
        effective=outside_date_to_proto(exception.effective),
        ends=outside_date_to_proto(exception.ends),
        grade=GRADES.number(exception.grade),
        note=exception.note or "",
    )


def _exception_from_proto(message: facts_pb2.LicenseException) -> LicenseException:
    return LicenseException(
        **dict(tests_of(message)),
        code=message.code,
        preconditions=tuple(message.preconditions),
        effective=maybe(message, "effective", outside_date_from_proto),
        ends=maybe(message, "ends", outside_date_from_proto),
        grade=grade_from_proto(message.grade),
        note=message.note or None,
    )


def _exemption_to_proto(exemption: Exemption) -> facts_pb2.Exemption:
    return facts_pb2.Exemption(
        tests=some_tests(exemption),
        effective=outside_date_to_proto(exemption.effective),
        ends=outside_date_to_proto(exemption.ends),
        also_from=exemption.also_from,
        subsidiaries=exemption.subsidiaries,
        grade=GRADES.number(exemption.grade),
        note=exemption.note or "",
    )


def _exemption_from_proto(message: facts_pb2.Exemption) -> Exemption:
    return Exemption(
        **dict(tests_of(message)),
        effective=maybe(message, "effective", outside_date_from_proto),
        ends=maybe(message, "ends", outside_date_from_proto),
        also_from=tuple(message.also_from),
        subsidiaries=message.subsidiaries,
        grade=grade_from_proto(message.grade),
        note=message.note or None,
    )
