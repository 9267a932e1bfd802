"""Kinship: destinations that nothing on record can tell apart.

The tests that a destination meets are codes and dated groups (FORMAT §2). A country whose code no
known provision, effect or policy names, and that is in the same tested groups as another one, has
the same status.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from ledger.domain.determination.situation import Situation
from ledger.domain.provision import Provision
from ledger.domain.scope import PlaceScope


@dataclass(frozen=True, slots=True)
class Kinship:
    """What tells destinations apart in a situation, on the day that it asks about.

    Attributes:
        situation: The question, of which the destination is not read, and the record.
        named: Codes that some test names.
        groups: Groups that some test of a destination or of headquarters names.
    """

    situation: Situation
    named: frozenset[str]
    groups: tuple[str, ...]

    def __call__(self, code: str) -> Hashable:
        """What a destination has in common with all that have the same status."""
        if code in self.named:
            return code
        day = self.situation.question.as_of
        return tuple(self.situation.in_group(code, group, day) for group in self.groups)


def kinship(situation: Situation) -> Kinship:
    """What tells destinations apart, by all that is known."""
    scopes = [scope for rule in situation.rules for scope in _scopes(rule.provision)]
    scopes += [e.effect.destinations for e in situation.effects if e.effect.destinations]
    named = {code for scope in scopes for code in (*scope.codes, *scope.not_codes)}
    named |= {code for o in situation.register.policy.outside_record for code in o.codes}
    groups = {group for scope in scopes for group in (*scope.any_group, *scope.not_group)}
    return Kinship(situation, frozenset(named), tuple(sorted(groups)))


def _scopes(provision: Provision) -> Iterator[PlaceScope]:
    for part in provision.parts:
        yield from (scope for scope in (part.destinations, part.headquarters) if scope)
