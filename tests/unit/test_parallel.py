"""On how many processes tests run: what is asked for decides, and the drivers always have one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from support.parallel import DRIVERS, TESTS, WORKERS, workers_for


def asked(*words: object, **options: object) -> int:
    """The processes for a command line of these words and options."""
    usual = {"numprocesses": None, "dist": "no", "usepdb": False, "collectonly": False, "capture": "fd"}
    config = SimpleNamespace(
        args=[str(word) for word in words],
        option=SimpleNamespace(**{**usual, "contract_target": None, **options}),
        invocation_params=SimpleNamespace(dir=TESTS.parent),
    )
    return workers_for(config)  # type: ignore[arg-type]


@pytest.mark.parametrize("words", [("tests",), (".",), ("tests/unit", "tests/cli/test_har.py"), (TESTS / "live",)])
def test_a_folder_of_tests_is_shared(words: tuple[object, ...]) -> None:
    assert asked(*words) == WORKERS


@pytest.mark.parametrize("words", [("tests/contract",), (DRIVERS / "test_core.py",), ("tests/unit", "tests/contract")])
def test_drivers_are_not_shared(words: tuple[object, ...]) -> None:
    assert asked(*words) == 0


def test_a_file_is_not_shared() -> None:
    assert asked("tests/cli/test_har.py", "tests/cli/test_har.py::test_a") == 0


@pytest.mark.parametrize(
    "options",
    [
        {"contract_target": "http://h"},
        {"numprocesses": 0},
        {"numprocesses": 4},
        {"usepdb": True},
        {"collectonly": True},
        {"capture": "no"},
    ],
)
def test_an_option_can_rule_out_more_processes(options: dict[str, object]) -> None:
    assert asked("tests", **options) == 0
