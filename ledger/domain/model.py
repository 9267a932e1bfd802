"""The base of every value in the domain: frozen, strict, closed against unknown keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)  # Its name is private to pydantic.


class _PlainClass(ModelMetaclass):
    """The class of the domain's classes: a value is of those that its own class names, and no more.

    pydantic's would also ask a register of virtual subclasses, which no class here has. That takes
    five times as long, and every decision asks of which of fourteen kinds a fact is.
    """

    __instancecheck__ = type.__instancecheck__


class Frozen(BaseModel, metaclass=_PlainClass):
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
