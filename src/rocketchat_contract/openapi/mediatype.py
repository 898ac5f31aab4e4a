"""Media types, as far as a contract needs them: which are JSON."""

from __future__ import annotations


def essence(media_type: str) -> str:
    """Gives ``type/subtype`` in lower case, without parameters such as ``charset``."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str | None) -> bool:
    """Tells whether a media type carries JSON; so does a value that has no media type, and any open range."""
    if media_type is None:
        return True
    name = essence(media_type)
    return name in {"application/json", "application/*", "*/*", "text/json"} or name.endswith("+json")
