"""OpenAPI schemas as plain JSON Schema: Draft 4 for OpenAPI 3.0, Draft 2020-12 for 3.1.

Draft 4 is what OpenAPI 3.0 is built on: ``exclusiveMinimum`` is a boolean there, and ``3.0`` no integer.
A format that has no check here stays an annotation, as the OpenAPI specification has it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from rocketchat_contract.openapi.pointer import Pointer, value_at

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


def is_date_time(value: object) -> bool:
    """Tells whether a string is an RFC 3339 date-time such as ``2021-07-09T20:12:19.795Z``; others pass."""
    if not isinstance(value, str):
        return True
    found = _DATE_TIME.fullmatch(value)
    return found is not None and is_date(found[1])


def is_date(value: object) -> bool:
    """Tells whether a string is an RFC 3339 full-date; other values pass."""
    if not isinstance(value, str):
        return True
    if not _DATE.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_uuid(value: object) -> bool:
    """Tells whether a string is an RFC 4122 UUID; other values pass."""
    return not isinstance(value, str) or _UUID.fullmatch(value) is not None


FORMATS: dict[str, Callable[[object], bool]] = {"date-time": is_date_time, "date": is_date, "uuid": is_uuid}


def json_schema_document(
    data: dict[str, Any], schemas: Iterable[Pointer], *, is_31: bool, hidden: Iterable[str] = ("writeOnly",)
) -> dict[str, Any]:
    """Gives a copy of the document in which each schema is JSON Schema, at the same place.

    A required member whose schema carries one of the ``hidden`` marks is not demanded: a ``writeOnly`` member
    never comes back in an answer.
    """
    copy: dict[str, Any] = json.loads(json.dumps(data))
    for pointer in schemas:
        schema = value_at(copy, pointer)
        _translate(schema, is_31=is_31)
        _release(schema, set(hidden))
    return copy


def _translate(schema: dict[str, Any], *, is_31: bool) -> None:
    if schema.get("format") not in FORMATS:
        schema.pop("format", None)
    if is_31:
        return
    if schema.pop("nullable", None) is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]


def _release(schema: dict[str, Any], hidden: set[str]) -> None:
    required, properties = schema.get("required"), schema.get("properties")
    if not isinstance(required, list) or not isinstance(properties, dict):
        return
    demanded = [name for name in required if not _carries(properties.get(name), hidden)]
    schema.pop("required")
    if demanded:  # Draft 4 refuses an empty list
        schema["required"] = demanded


def _carries(schema: object, marks: set[str]) -> bool:
    return isinstance(schema, dict) and any(schema.get(mark) is True for mark in marks)
