"""The published JSON Schema of a record, and whether a line keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jsonschema_rs


def record_schema() -> dict[str, Any]:
    """The published JSON Schema of one line of a record."""
    text = files("rocketchat_contract.record").joinpath("schemas", "record.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def wrong_member(line: str, content: Mapping[str, Any]) -> str | None:
    """The member of a ``header`` or ``footer`` that is missing or wrong, if any."""
    error = next(iter(_validator(line).iter_errors(dict(content))), None)
    if error is None:
        return None
    if error.instance_path:
        return str(error.instance_path[0])
    return str(getattr(error.kind, "property", "a member"))


@lru_cache(maxsize=2)
def _validator(line: str) -> Any:
    schema = record_schema()
    return jsonschema_rs.validator_for({"$ref": f"#/$defs/{line}", "$defs": schema["$defs"]})
