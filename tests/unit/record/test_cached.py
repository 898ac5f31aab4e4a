"""Answers out of the browser's own cache, as browsers and the format tell them."""

from __future__ import annotations

from typing import Any

import pytest

from rocketchat_contract.record.cached import is_from_cache

STORED = {"expires": "2026-05-05T00:00:00.000Z", "lastAccess": "2026-05-04T10:00:05.000Z", "eTag": "", "hitCount": 2}


def entry(response: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """An entry answered with 200 and a body."""
    told = {"status": 200, "headers": [], "content": {"size": 9, "text": "{}"}, "bodySize": 9}
    return {"response": {**told, **(response or {})}, "cache": {}, **members}


@pytest.mark.parametrize(
    "found",
    [
        entry(_fromCache="disk"),
        entry(_fetchType="Memory Cache"),
        entry(_fetchType="Disk Cache"),
        entry(_fetchType="Service Worker"),
        entry(cache={"beforeRequest": None, "afterRequest": STORED}, response={"bodySize": 0}),
        entry(cache={"beforeRequest": {**STORED, "hitCount": 1}, "afterRequest": STORED}),
        entry(cache={"afterRequest": None}, response={"_transferredSize": 0}),
        entry(cache={"afterRequest": {"fetchCount": 2}}, response={"_transferredSize": 0}),
        entry(response={"headers": [{"name": "Non-Authoritative-Reason", "value": "HSTS"}]}),
    ],
)
def test_an_answer_of_a_cache_is_known(found: dict[str, Any]) -> None:
    assert is_from_cache(found)


@pytest.mark.parametrize(
    "found",
    [
        entry(),
        entry(_fetchType="Network Load"),
        entry(_fetchType=None),
        entry(cache=None),
        entry(response={"bodySize": 0}),
        entry(cache={"afterRequest": STORED}),
        entry(cache={"beforeRequest": {}, "afterRequest": {}}, response={"bodySize": 0}),
        entry(cache={"beforeRequest": STORED, "afterRequest": STORED}),
        entry(response={"_transferSize": 400}),
        entry(cache={"afterRequest": {}}, response={"status": 0, "_transferSize": 0}),
        {},
    ],
)
def test_what_is_not_certain_is_an_answer_of_the_server(found: dict[str, Any]) -> None:
    assert not is_from_cache(found)
