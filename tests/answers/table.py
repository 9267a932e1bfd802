"""The whole table: over the shipped record, and over that record with the further rows."""

from __future__ import annotations

from tests.answers import (
    cases_2022,
    cases_2022_tests,
    cases_2023,
    cases_diffusion,
    cases_further,
    cases_further_axes,
    cases_further_lives,
    cases_further_rank,
    cases_further_time,
    cases_h20,
    cases_h20_parties,
    cases_knowledge,
    cases_measures,
    cases_parties,
    cases_places,
    cases_reopened,
)

SHIPPED = (
    *cases_2022.CASES,
    *cases_2022_tests.CASES,
    *cases_2023.CASES,
    *cases_places.CASES,
    *cases_knowledge.CASES,
    *cases_diffusion.CASES,
    *cases_parties.CASES,
    *cases_measures.CASES,
    *cases_h20.CASES,
    *cases_h20_parties.CASES,
    *cases_reopened.SHIPPED,
)

FURTHER = (
    *cases_further.CASES,
    *cases_further_axes.CASES,
    *cases_further_time.CASES,
    *cases_further_rank.CASES,
    *cases_further_lives.CASES,
    *cases_reopened.FURTHER,
)
