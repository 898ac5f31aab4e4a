"""Whether an answer of a capture came out of the browser's own cache, so that no server gave it at that moment.

Browsers say it in members of their own, and the format in ``cache`` and in sizes. What is not certain is taken for an
answer of the server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LOADED = "network load"
"""What Safari calls an answer of the server in ``_fetchType``; it names each cache otherwise."""


def is_from_cache(entry: Mapping[str, Any]) -> bool:
    """Whether the server never saw the request of an entry."""
    response = entry.get("response") or {}
    return (
        bool(entry.get("_fromCache") or response.get("_fromCache"))  # Chromium
        or _is_of_safari_s_caches(entry)
        or _is_of_firefox_s_cache(entry)
        or _is_marked_by_the_format(entry, response)
        or _is_the_browser_s_own(response)
    )


def _is_of_safari_s_caches(entry: Mapping[str, Any]) -> bool:
    fetched = entry.get("_fetchType")
    return isinstance(fetched, str) and fetched.strip().lower() not in ("", _LOADED)


def _is_of_firefox_s_cache(entry: Mapping[str, Any]) -> bool:
    """Firefox leaves ``cache`` empty but for answers out of it, and tells how many bytes crossed the wire."""
    return isinstance(entry.get("cache"), dict) and "afterRequest" in entry["cache"] and _crossed_nothing(entry)


def _is_marked_by_the_format(entry: Mapping[str, Any], response: Mapping[str, Any]) -> bool:
    """HAR: an entry of the cache that was used, and a body of which nothing was received."""
    cache = entry.get("cache")
    known = cache if isinstance(cache, dict) else {}
    before, after = _object(known.get("beforeRequest")), _object(known.get("afterRequest"))
    if not (before or after):
        return False
    hits = _number(after.get("hitCount")) > _number(before.get("hitCount")) if before else False
    return hits or _crossed_nothing(entry) or (response.get("bodySize") == 0 and _has_content(response))


def _crossed_nothing(entry: Mapping[str, Any]) -> bool:
    response = entry.get("response") or {}
    stated = (response.get(name) for name in ("_transferSize", "_transferredSize"))
    return response.get("status", 0) > 0 and any(type(size) is int and size == 0 for size in stated)


def _has_content(response: Mapping[str, Any]) -> bool:
    content = response.get("content") or {}
    return bool(content.get("text") or _number(content.get("size")))


def _is_the_browser_s_own(response: Mapping[str, Any]) -> bool:
    """Chromium's redirect to https, which it makes itself."""
    headers = response.get("headers") or []
    return any(str(header["name"]).lower() == "non-authoritative-reason" for header in headers)


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0
