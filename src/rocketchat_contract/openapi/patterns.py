"""Regular expressions of documents, followed by the engine that judges by them: it gives up where Python's hangs."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema_rs


def is_found(pattern: str, value: object) -> bool:
    """Whether a text matches a regular expression somewhere, with an engine that gives up in time."""
    engine = _engine(pattern) if isinstance(value, str) else None
    return engine is not None and bool(engine.is_valid(value))


@lru_cache(maxsize=256)
def _engine(pattern: str) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except (jsonschema_rs.ValidationError, ValueError):
        return None
