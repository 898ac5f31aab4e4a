"""The order of the core driver is data, and the data fits the driver."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from rocketchat_contract.contract.suite_hash import drivers_folder
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.errors import SuiteError
from rocketchat_contract.run import driver_order as order
from rocketchat_contract.run.driver_order import core_order, drift, driver_place
from rocketchat_contract.run.items import driver_of


class Collected:
    """Keeps the names of what pytest collects."""

    names: tuple[str, ...] = ()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.names = tuple(item.name for item in session.items)


@pytest.fixture(scope="module")
def standing() -> tuple[str, ...]:
    """The names of the core driver's tests."""
    collected = Collected()
    words = ["--collect-only", "--noconftest", "-c", os.devnull, "-pno:terminal", "--disable-plugin-autoload"]
    files = [str(path) for path in sorted(drivers_folder().glob("test_core*.py"))]
    pytest.main([*files, "--import-mode=importlib", *words], plugins=[collected])
    return collected.names


@pytest.mark.generated
def test_every_test_of_the_core_has_a_place(standing: tuple[str, ...]) -> None:
    lacking, _ = drift(standing)

    assert lacking == [], "run benchmarks/order_search.py --write"


@pytest.mark.generated
def test_every_placed_test_exists(standing: tuple[str, ...]) -> None:
    _, gone = drift(standing)

    assert gone == [], "run benchmarks/order_search.py --write"


@pytest.mark.parametrize(("file", "driver"), [("test_core.py", "core"), ("test_core_corners.py", "core")])
def test_a_driver_may_stand_in_several_files(file: str, driver: str) -> None:
    assert driver_of(SimpleNamespace(path=drivers_folder() / file)) == driver


def test_no_test_is_placed_twice() -> None:
    names = json.loads((spec_folder() / order.ORDER_FILE).read_text(encoding="utf-8"))["tests"]

    assert len(names) == len(set(names))


def test_a_test_that_nobody_placed_comes_last() -> None:
    assert driver_place("test_of_tomorrow") == len(core_order())


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"tests": 1}'])
def test_a_damaged_order_is_an_error_of_the_suite(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / order.ORDER_FILE).write_text(content, encoding="utf-8")
    monkeypatch.setattr(order, "spec_folder", lambda: tmp_path)

    with pytest.raises(SuiteError, match="The order of the core driver cannot be read"):
        core_order.__wrapped__()
