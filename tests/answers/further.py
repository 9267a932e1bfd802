"""Rows of a possible 2026, in the record's format: what the shipped record has no example of.

They are made up. Names of rules and dates follow nothing that happened; each row is here for one
rule of the model that the shipped record cannot show.
"""

from __future__ import annotations

from tests.answers.rows import (
    Row,
    act,
    at_least,
    lane,
    license_event,
    measure,
    on,
    party,
    relates,
    rule,
)

PLACE = "us-2023-10-17-acs-ifr2#place"
HEADQUARTERS = "us-2023-10-17-acs-ifr2#hq"
TESTED = "tested in the United States by a third party"
SUPPLIED = "no delay to customers in the United States"


COVERAGE: Row = {
    "id": "coverage-2022-2026",
    "family": "coverage",
    "subtype": "declared",
    "stream": "coverage/us-advanced-computing",
    "actor": "registrar",
    "regime": "US export controls on advanced computing items, with foreign counter-measures, "
    "orders and advocacy about them",
    "from": "2022-08-26",
    "to": "2026-12-31",
    "grade": "secondhand",
}

RULES: tuple[Row, ...] = (
    act(
        "us-2026-01-15-lane",
        "2026-01-15",
        provisions=[
            {
                "id": "us-2026-01-15-lane#review",
                "effective": on("2026-01-15"),
                "review_lanes": [
                    lane(PLACE, TESTED, SUPPLIED),
                    lane(HEADQUARTERS, TESTED, SUPPLIED),
                ],
            }
        ],
    ),
    act(
        "us-2026-02-01-small",
        "2026-02-01",
        provisions=[
            rule(
                "us-2026-02-01-small#place",
                "2026-02-01",
                items=at_least(1500),
                destinations={"codes": ["VN"]},
            )
        ],
    ),
    act(
        "us-2026-03-01-stay",
        "2026-03-01",
        dates={"ends": on("2026-05-31")},
        stream="instruments/us-2026-02-01-small",
        relates_to=relates("us-2026-02-01-small#place", "stays"),
    ),
    act(
        "us-2026-05-20-longer",
        "2026-05-20",
        dates={"ends": on("2026-08-31")},
        stream="instruments/us-2026-02-01-small",
        relates_to=relates("us-2026-03-01-stay", "extends"),
    ),
    act(
        "us-2026-02-02-gulf",
        "2026-02-02",
        provisions=[
            rule(
                "us-2026-02-02-gulf#place",
                "2026-02-02",
                items=at_least(2400),
                destinations={"codes": ["SA", "QA"]},
                review_policy="CASE_BY_CASE",
                exempt=[
                    {
                        "consignees": {"names": ["Humain"]},
                        "subsidiaries": True,
                        "also_from": [PLACE],
                        "ends": on("2026-06-30"),
                    }
                ],
            )
        ],
    ),
    act(
        "us-2026-03-03-listed",
        "2026-03-03",
        provisions=[
            rule(
                "us-2026-03-03-listed#parties",
                "2026-03-03",
                items={"any": True},
                destinations={"any": True},
                consignees={"names": ["Hongqi Systems"], "complete": True},
                review_policy="POLICY_OF_DENIAL",
            )
        ],
    ),
    act(
        "us-2026-05-31-guidance",
        "2026-05-31",
        provisions=[
            {
                "id": "us-2026-05-31-guidance#hq",
                "items": at_least(4800),
                "destinations": {"any": True},
                "headquarters": {"codes": ["MO"], "any_group": ["D:5"]},
                "declares_from": on("2023-11-17"),
                "restates": HEADQUARTERS,
                "requirement": "LICENSE_REQUIRED",
            }
        ],
    ),
    act(
        "us-2026-06-01-withdrawal",
        "2026-06-01",
        stream="instruments/us-2025-04-09-nvda-h20-letter",
        relates_to=relates("us-2025-04-09-nvda-h20-letter", "ends"),
    ),
    act(
        "us-2026-06-02-said-to-end",
        "2026-06-02",
        certainty="press_report",
        sources=[{"publisher": "Wire A", "title": "Rule said to be gone"}],
        relates_to=relates(HEADQUARTERS, "ends"),
    ),
    act(
        "us-2026-02-05-outside",
        "2026-02-05",
        provisions=[
            {
                "id": "us-2026-02-05-outside#item",
                "items": {"names": ["Kestrel K1"]},
                "destinations": {"any": True},
                "effective": on("2026-02-05"),
                "requirement": "NOT_SUBJECT_TO_EAR",
            }
        ],
    ),
    act(
        "us-2026-01-20-tariff",
        "2026-01-20",
        actor="the President",
        effects=[
            {
                "axis": "commercial_condition",
                "value": "TARIFF",
                "items": ["H200"],
                "destinations": {"codes": ["CN"]},
                "shipped_from": ["US"],
            }
        ],
    ),
)

LICENSES: tuple[Row, ...] = (
    license_event("lic-2026-01-10", "2026-01-10", "APPLIED", "AMD", "MI308"),
    license_event(
        "lic-2026-02-10", "2026-02-10", "GRANTED_SCOPED", "AMD", "MI308", ends=on("2026-04-30")
    ),
    license_event("lic-2026-01-22", "2026-01-22", "RETURNED", "NVIDIA", "H200"),
    license_event("lic-2026-02-14", "2026-02-14", "APPLIED", "NVIDIA", "H200"),
    license_event("lic-2026-02-15", "2026-02-15", "GRANTED_SCOPED", "NVIDIA", "H200"),
    license_event("lic-2026-03-20", "2026-03-20", "SUSPENDED", "NVIDIA", "H200"),
    license_event("lic-2026-04-20", "2026-04-20", "REVOKED", "NVIDIA", "H200"),
    license_event("lic-2026-02-03", "2026-02-03", "DENIED", "NVIDIA", "B30A"),
)

MEASURES: tuple[Row, ...] = (
    measure("cn-2026-03-01-customs", "2026-03-01", "CUSTOMS_BLOCK_REPORTED", "H200"),
    measure("cn-2026-03-10-approval", "2026-03-10", "CONDITIONAL_APPROVAL_REPORTED", "H200"),
    act(
        "cn-2026-04-01-opened",
        "2026-04-01",
        actor="authorities",
        issuer_country="CN",
        certainty="press_report",
        relates_to=relates("cn-2026-03-01-customs", "ends"),
    ),
    measure("cn-2026-03-02-customs", "2026-03-02", "CUSTOMS_BLOCK_REPORTED", "MI325X"),
    measure(
        "cn-2026-03-12-approval",
        "2026-03-12",
        "CONDITIONAL_APPROVAL_REPORTED",
        "MI325X",
        relates_to=relates("cn-2026-03-02-customs", "ends"),
    ),
    measure("kr-2026-02-20-inquiry", "2026-02-20", "INQUIRY", "H200", "KR", certainty="official"),
)

PARTIES: tuple[Row, ...] = (
    party("Yunhai Singapore", "SG", aliases=["YH Cloud SG"], ultimate_parent="Yunhai Group"),
    party("Yunhai Group", "CN"),
    party("Humain Cloud", "SA", ultimate_parent="Humain"),
    party("Humain", "SA"),
    party("Umbra Trading", "DE", ultimate_parent="Umbra Holding"),
)

ITEMS: tuple[Row, ...] = (
    {
        "name": "Kestrel K1",
        "vendor": "Kestrel",
        "launch": on("2025-06-01"),
        "parameters": {"tpp": 500, "perf_density": 1, "datacenter": True, "mem_bw_gbs": 100},
        "unpublished": ["interconnect_gbs"],
        "certainty": "vendor_specification",
    },
    {
        "id": "item-rtx-pro-6000d-2",
        "stream": "items/rtx-pro-6000d",
        "name": "RTX PRO 6000D",
        "aliases": ["6000D"],
        "vendor": "NVIDIA",
        "launch": on("2025-07", "month"),
        "parameters": {
            "tpp": 2300,
            "tops_bits": 2300,
            "perf_density": 3.07,
            "mem_bw_gbs": 1398,
            "interconnect_gbs": 0,
            "io_gbs": 128,
            "datacenter": True,
        },
        "certainty": "vendor_specification",
    },
)

ROWS = (COVERAGE, *RULES, *LICENSES, *MEASURES, *PARTIES)
