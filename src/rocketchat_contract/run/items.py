"""Drivers: what each does, and what pytest's items say of them: which one a test belongs to, in which round, where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from rocketchat_contract.run.driver_order import driver_place

_ORDER = ("corpus", "look", "core", "volley", "life", "queries", "return", "malformed", "operation")
"""Drivers in the order in which they run: what was found before, then the most requirements for the fewest calls."""

CLEANUP = "cleanup"
DOING = {
    "corpus": "replaying what was found before",
    "operation": "sending generated calls",
    "look": "looking without creating anything",
    "core": "asking what proves each requirement",
    "volley": "sending bursts of simultaneous calls",
    "malformed": "sending what decodes to no text",
    "life": "simulating visitors",
    "queries": "sending generated queries",
    "return": "coming back to the rooms left open",
    CLEANUP: "closing rooms and deleting visitors",
}
"""What a driver does, in words; and what comes after all of them."""

ROUND = "contract_round"
"""The parameter of a driver's test that tells the rounds of repeated traffic apart, from 1."""


def is_driver(item: pytest.Item) -> bool:
    """Whether a test drives the run, and is not a test of the suite itself."""
    return "contract_run" in getattr(item, "fixturenames", ())


def driver_of(item: pytest.Item) -> str:
    """The driver's name: that of its module without ``test_``, and without what follows in a driver of several."""
    return driver_in(Path(item.path))


def driver_in(path: Path) -> str:
    """The name of the driver that stands in a file, as a whole or in part."""
    return path.stem.removeprefix("test_").partition("_")[0]


def place(item: pytest.Item) -> tuple[int, int, str, int]:
    """Where a driver's test comes: by round, driver and file, so that a file's visitors stay, then as placed."""
    return round_of(item), _ORDER.index(driver_of(item)), Path(item.path).stem, driver_place(once(item.name))


def round_of(item: pytest.Item) -> int:
    """In which round of the traffic a test runs, from 1."""
    params: Mapping[str, int] = item.callspec.params if hasattr(item, "callspec") else {}
    return params.get(ROUND, 1)


def once(name: str) -> str:
    """A test's name without the round."""
    return re.sub(r"\[round \d+\]|-round \d+(?=\])", "", name)
