"""Answers out of a cache say so in their header fields, and other findings name them."""

from __future__ import annotations

import pytest

from rocketchat_contract.judge.cached import CACHED_REQUIREMENT, cache_sign_of
from rocketchat_contract.record.exchange import Response
from support.histories import ANNA, HEADERS, asked, broken, call, created, findings, registered, room_body

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "room1"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Age", "12"),
        ("CF-Cache-Status", "HIT"),
        ("CF-Cache-Status", "REVALIDATED"),
        ("CF-Cache-Status", "UPDATING"),
        ("X-Cache", "HIT from squid.test"),
        ("X-Cache", "Hit from cloudfront"),
        ("X-Cache", "RefreshHit from cloudfront"),
        ("X-Cache", "MISS, HIT"),
        ("X-Cache", "TCP_MEM_HIT from a23-1-2-3"),
        ("X-Cache-Status", "STALE"),
        ("X-Cache-Hits", "0, 2"),
        ("X-Varnish", "32770 3"),
        ("Cache-Status", "ExampleCache; hit; ttl=376"),
        ("x-vercel-cache", "HIT"),
    ],
)
def test_a_cache_says_that_it_answered(name: str, value: str) -> None:
    assert cache_sign_of(Response(200, ((name, value),))).startswith(name.lower())


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Age", "0"),),
        (("Age", "x"),),
        (("Age", "100"), ("X-Cache", "MISS from squid.test")),
        (("CF-Cache-Status", "DYNAMIC"),),
        (("CF-Cache-Status", "BYPASS"),),
        (("X-Cache", "Miss from cloudfront"),),
        (("X-Cache-Lookup", "HIT from squid.test:3128"), ("X-Cache", "MISS from squid.test")),
        (("X-Cache-Hits", "0"),),
        (("X-Varnish", "32770"),),
        (("X-Cache", "hit-for-pass"),),
        (("Cache-Status", "ExampleCache; fwd=miss; stored"),),
        (("Cache-Control", "no-store, stale-while-revalidate=60"),),
    ],
)
def test_a_cache_that_passed_the_call_on_is_not_accused(headers: tuple[tuple[str, str], ...]) -> None:
    assert cache_sign_of(Response(200, headers)) == ""


def test_a_cached_answer_is_the_first_finding_and_the_others_name_it() -> None:
    stale = call(asked(ANNA), body=room_body(ANNA, "room1", new=True), headers=(*HEADERS, ("X-Cache", "HIT")))
    first, second = findings(*OPEN, stale)

    assert (first.requirement, first.story) == (CACHED_REQUIREMENT, ())
    assert (second.requirement, second.story[-1]) == (
        "newroom-is-false-for-a-returned-room",
        f"Exchange 3 was answered out of a cache (x-cache: hit): see {CACHED_REQUIREMENT}.",
    )


def test_an_answer_without_such_a_field_is_fresh() -> None:
    assert broken(*OPEN) == set()
