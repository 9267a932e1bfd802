"""The base of every value in the domain: frozen, strict, closed against unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value.

    ``strict`` keeps ``"5"`` from becoming 5 and ``true`` from becoming 1; ``extra="forbid"`` is the
    rule of the record format: "Unknown keys are refused" (FORMAT). Rows of JSON are read with
    ``model_validate_json``, where strictness still lets an array become a tuple.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        ser_json_inf_nan="strings",
        str_min_length=1,
        str_max_length=4000,
    )
