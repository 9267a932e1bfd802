"""Short ways to write rows of the record's format, each with what most rows have in common."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def on(value: str, precision: str = "day") -> Row:
    """An outside date."""
    return {"value": value, "precision": precision}


def act(fact_id: str, day: str, **more: Any) -> Row:
    """An official act of the United States, public and effective on one day."""
    dates = {"effective": on(day), "public": on(day), **more.pop("dates", {})}
    return {
        "id": fact_id,
        "family": "regulatory_action",
        "subtype": "rule",
        "stream": f"instruments/{fact_id}",
        "actor": "BIS",
        "issuer_country": "US",
        "dates": dates,
        "certainty": "official",
        "grade": "secondhand",
        **more,
    }


def rule(name: str, day: str, **more: Any) -> Row:
    """A provision that asks a license from a day on."""
    return {"id": name, "effective": on(day), "requirement": "LICENSE_REQUIRED", **more}


def at_least(tpp: int) -> Row:
    """The class of items with this TPP or more."""
    return {"any_of": [{"all_of": [{"param": "tpp", "op": ">=", "value": tpp}]}]}


def relates(target: str, relation: str) -> list[Row]:
    """One relation."""
    return [{"id": target, "relation": relation}]


def license_event(
    fact_id: str, day: str, value: str, addressee: str, *items: str, **more: Any
) -> Row:
    """A license event of which the scope is not public, for China."""
    effect = {
        "axis": "authorization",
        "value": value,
        "items": list(items),
        "destinations": {"codes": ["CN"]},
        "scope": "UNPUBLISHED",
        **more,
    }
    stream = f"licenses/{addressee.lower()}-{items[0].lower()}-2026"
    return act(fact_id, day, stream=stream, addressee=addressee, effects=[effect])


def measure(fact_id: str, day: str, value: str, item: str, country: str = "CN", **more: Any) -> Row:
    """A measure of a destination state, as two publishers report it."""
    effect = {
        "axis": "destination_measure",
        "value": value,
        "items": [item],
        "destinations": {"codes": [country]},
    }
    sources = [{"publisher": "Wire A", "title": "A"}, {"publisher": "Daily B", "title": "B"}]
    return act(
        fact_id,
        day,
        actor="authorities",
        issuer_country=country,
        effects=[effect],
        **{"certainty": "press_report", "sources": sources, **more},
    )


def party(name: str, country: str, **more: Any) -> Row:
    """A party, its headquarters where it is."""
    slug = name.lower().replace(" ", "-")
    return {
        "id": f"party-{slug}",
        "family": "party",
        "subtype": "described",
        "stream": f"parties/{slug}",
        "name": name,
        "country": country,
        "headquarters": country,
        "dates": {"public": on("2025-06-01")},
        "grade": "secondhand",
        **more,
    }


def lane(provision: str, *preconditions: str) -> Row:
    """The case-by-case lane for what is below both limits."""
    below = [
        {"param": "tpp", "op": "<", "value": 21000},
        {"param": "mem_bw_gbs", "op": "<", "value": 6500},
    ]
    return {
        "on_provision": provision,
        "items": {"any_of": [{"all_of": below}]},
        "destinations": {"codes": ["CN", "HK", "MO"]},
        "transactions": ["export"],
        "preconditions": list(preconditions),
        "policy": "CASE_BY_CASE",
    }
