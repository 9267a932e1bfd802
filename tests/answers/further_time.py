"""More rows of a possible 2026: what ends, extends, amends and contradicts what, and when."""

from __future__ import annotations

from typing import Any

from tests.answers.further import PLACE
from tests.answers.rows import Row, act, at_least, license_event, on, relates, rule


def small_rule(fact_id: str, day: str, country: str, **more: Any) -> Row:
    """A rule that asks a license for TPP of 1500 and more, for one country."""
    tests = {"items": at_least(1500), "destinations": {"codes": [country]}, **more}
    return act(fact_id, day, provisions=[rule(f"{fact_id}#place", day, **tests)])


TWICE: tuple[Row, ...] = (
    small_rule("us-2026-02-11-twice", "2026-02-11", "HN", review_policy="CASE_BY_CASE"),
    act(
        "us-2026-02-20-second",
        "2026-02-20",
        dates={"effective": on("2026-04-01")},
        provisions=[
            {
                "id": "us-2026-02-20-second#place",
                "amends": "us-2026-02-11-twice#place",
                "effective": on("2026-04-01"),
                "review_policy": "PRESUMPTION_OF_APPROVAL",
            }
        ],
    ),
    act(
        "us-2026-03-01-first",
        "2026-03-01",
        provisions=[
            {
                "id": "us-2026-03-01-first#place",
                "amends": "us-2026-02-11-twice#place",
                "effective": on("2026-03-01"),
                "review_policy": "PRESUMPTION_OF_DENIAL",
            }
        ],
    ),
    small_rule("us-2026-02-12-back", "2026-02-12", "SV"),
    act(
        "us-2026-03-07-withdrawn",
        "2026-03-07",
        relates_to=relates("us-2026-02-12-back", "ends"),
    ),
    act(
        "us-2026-03-17-reinstated",
        "2026-03-17",
        relates_to=relates("us-2026-03-07-withdrawn", "ends"),
    ),
    small_rule("us-2026-02-13-later", "2026-02-13", "DO", compliance=on("2026-06-01")),
    act(
        "us-2026-03-01-later-stay",
        "2026-03-01",
        dates={"ends": on("2026-04-30")},
        relates_to=relates("us-2026-02-13-later", "stays"),
    ),
    license_event(
        "lic-2026-03-01-tencent",
        "2026-03-01",
        "GRANTED_SCOPED",
        "Dell",
        "A800",
        scope="Tencent as the only consignee",
    ),
    license_event(
        "lic-2026-04-01-baidu", "2026-04-01", "DENIED", "Dell", "A800", scope="Baidu as consignee"
    ),
)

ROWS: tuple[Row, ...] = (
    *TWICE,
    act(
        "us-2026-09-01-enforced",
        "2026-09-01",
        relates_to=relates("us-2025-05-13-diffusion-nonenforce", "ends"),
    ),
    act(
        "us-2026-10-01-rescinded",
        "2026-10-01",
        relates_to=relates("us-2025-01-13-ai-diffusion", "ends"),
    ),
    small_rule("us-2026-02-06-chile", "2026-02-06", "CL", ends=on("2026-03-31")),
    act(
        "us-2026-03-20-chile-longer",
        "2026-03-20",
        dates={"ends": on("2026-06-30")},
        relates_to=relates("us-2026-02-06-chile", "extends"),
    ),
    small_rule("us-2026-02-07-peru", "2026-02-07", "PE"),
    act(
        "us-2026-02-20-peru-stay",
        "2026-02-20",
        dates={"ends": on("2026-12-31")},
        relates_to=relates("us-2026-02-07-peru", "stays"),
    ),
    act(
        "us-2026-04-01-peru-lifted",
        "2026-04-01",
        relates_to=relates("us-2026-02-20-peru-stay", "ends"),
    ),
    small_rule("us-2026-02-08-transit", "2026-02-08", "UY", shipped_from=["TW"]),
    act(
        "us-2026-02-09-memory",
        "2026-02-09",
        provisions=[
            rule(
                "us-2026-02-09-memory#place",
                "2026-02-09",
                items={
                    "any_of": [{"all_of": [{"param": "mem_bw_gbs", "op": ">=", "value": 2000}]}]
                },
                destinations={"codes": ["PY"]},
            )
        ],
    ),
    act(
        "us-2026-05-05-b30a-assured",
        "2026-05-05",
        addressee="NVIDIA",
        effects=[
            {
                "axis": "authorization",
                "value": "ASSURED_NOT_ISSUED",
                "items": ["B30A"],
                "destinations": {"codes": ["CN"]},
                "scope": "licenses are to be granted",
            }
        ],
    ),
    license_event(
        "lic-2026-02-25",
        "2026-02-25",
        "GRANTED_SCOPED",
        "NVIDIA",
        "H800",
        scope="Tencent as the only consignee",
    ),
    {
        "id": "cl-2026-06-04-mi308-free",
        "family": "claim",
        "subtype": "attributed_claim",
        "stream": "claims/cl-2026-06-04-mi308-free",
        "actor": "Daily B",
        "dates": {"public": on("2026-06-04")},
        "relates_to": relates("us-2025-04-amd-mi308-letter", "ends"),
        "claims": [{"text": "The MI308 is free.", "subject": "MI308", "kind": "legal_status"}],
        "certainty": "attributed_claim",
        "attributed_to": "Daily B",
        "grade": "secondhand",
    },
    act(
        "us-2026-06-03-leak",
        "2026-06-03",
        certainty="press_report",
        sources=[{"publisher": "Wire A", "title": "Policy said to change"}],
        provisions=[
            {
                "id": "us-2026-06-03-leak#place",
                "amends": PLACE,
                "effective": on("2026-06-03"),
                "review_policy": "PRESUMPTION_OF_DENIAL",
            }
        ],
    ),
    act(
        "us-2026-07-05-statement",
        "2026-07-05",
        subtype="guidance",
        relates_to=relates("us-2026-03-03-listed", "contradicts"),
    ),
    act(
        "us-2026-03-16-costa-rica",
        "2026-03-16",
        dates={"effective": on("2026-03-16", "week-of"), "public": on("2026-03-10")},
        provisions=[
            rule(
                "us-2026-03-16-costa-rica#place",
                "2026-03-16",
                items=at_least(1500),
                destinations={"codes": ["CR"]},
            )
            | {"effective": on("2026-03-16", "week-of")}
        ],
    ),
    small_rule("us-2026-02-10-andes", "2026-02-10", "EC"),
    act(
        "us-2026-04-10-andes-wider",
        "2026-04-10",
        provisions=[
            {
                "id": "us-2026-04-10-andes-wider#place",
                "amends": "us-2026-02-10-andes#place",
                "effective": on("2026-04-10"),
                "destinations": {"codes": ["EC", "BO"]},
            }
        ],
    ),
    act(
        "us-2026-05-10-andes-withdrawn",
        "2026-05-10",
        relates_to=relates("us-2026-04-10-andes-wider", "ends"),
    ),
    act(
        "in-2026-03-05-discouraged",
        "2026-03-05",
        actor="authorities",
        issuer_country="IN",
        effects=[
            {
                "axis": "destination_measure",
                "value": "DISCOURAGED",
                "items": ["L2"],
                "destinations": {"codes": ["IN"]},
                "ends": on("2026-03-31"),
            }
        ],
    ),
)
