"""In which order the core driver's tests run: data in ``spec/order.json``, found by ``benchmarks/order_search.py``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache

from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.errors import SuiteError

ORDER_FILE = "order.json"


@cache
def core_order() -> Mapping[str, int]:
    """The place of each test of the core driver, by its name; raises ``SuiteError`` when the file is damaged."""
    path = spec_folder() / ORDER_FILE
    try:
        names = json.loads(path.read_text(encoding="utf-8"))["tests"]
        return {name: place for place, name in enumerate(names)}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SuiteError(f"The order of the core driver cannot be read: {error}", f"Restore {path}.") from error


def driver_place(name: str) -> int:
    """The place of a test; those that nobody has placed come after all others, in the order in which they stand."""
    places = core_order()
    return places.get(name, len(places))


def drift(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Names of tests that the order lacks, and those in it that no test has any more."""
    standing, placed = list(names), core_order()
    return [name for name in standing if name not in placed], [name for name in placed if name not in standing]
