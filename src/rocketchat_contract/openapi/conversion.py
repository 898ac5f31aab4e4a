"""Strings that stand for a boolean or a number, read as JSON writes them and not otherwise."""

from __future__ import annotations

import math
import re

Scalar = str | bool | int | float | None

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,3999})", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII)


def converted(text: str, type_: str, *, is_31: bool) -> bool | int | float | None:
    """Reads a string as a value of a JSON Schema type; None when it is not one.

    ``7.0`` is an integer in OpenAPI 3.1 (JSON Schema 2020-12) and none in 3.0.
    """
    if type_ == "boolean":
        return {"true": True, "false": False}.get(text)
    if type_ not in {"integer", "number"}:
        return None
    if _INTEGER.fullmatch(text):
        return int(text)
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    if not math.isfinite(number):
        return None
    whole = is_31 and number.is_integer()
    return number if type_ == "number" or whole else None


def is_scalar_type(type_: str) -> bool:
    """Tells whether a string can have been written in place of a value of this type."""
    return type_ in {"boolean", "integer", "number"}
