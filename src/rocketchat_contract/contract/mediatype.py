"""Media types, as far as a contract needs them: which are JSON, and which documented range one falls in."""

from __future__ import annotations

from collections.abc import Iterable


def essence(media_type: str) -> str:
    """Gives ``type/subtype`` in lower case, without parameters such as ``charset``."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str | None) -> bool:
    """Tells whether a media type carries JSON; so does a value that has no media type, and any open range."""
    if media_type is None:
        return True
    name = essence(media_type)
    return name in {"application/json", "application/*", "*/*", "text/json"} or name.endswith("+json")


def covers(documented: Iterable[str], media_type: str) -> bool:
    """Tells whether a media type is one of those documented, or falls in a documented range."""
    name = essence(media_type)
    ranges = {name, name.partition("/")[0] + "/*", "*/*"}
    return any(essence(each) in ranges for each in documented)
