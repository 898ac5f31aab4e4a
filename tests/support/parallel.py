"""On how many processes the suite's own tests run: four beside pytest itself where a folder is asked for, else none.

Half of their time is waiting for servers, limiters and timeouts, so there are more of them than processors.

The drivers share one limiter and one ledger, so they run in one process: ``pytest tests/contract`` stays as it is, and
where a folder above is asked for, a test runs them in a pytest of their own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
DRIVERS = TESTS / "contract"
WORKERS = 4
FIRST = ("wrong", "live", "fleet", "packaging", "cli")
"""Folders whose tests take longest: they come first, so that no process waits for the others at the end.

The proof in the first keeps all processors busy, and the tests of the next mostly wait.
"""

SPREAD = pytest.StashKey[bool]()
IS_SPREAD = "is_spread"
"""The name under which a worker is told that ``spread`` asked for it."""


def workers_for(config: pytest.Config) -> int:
    """How many processes share the tests that are asked for; 0 is none but pytest's own."""
    option = config.option
    is_told = option.numprocesses is not None or option.dist != "no"
    looks_on = option.usepdb or option.collectonly or option.capture == "no"
    return 0 if is_told or looks_on or _asks_for_drivers(config) or not _has_folder(config) else WORKERS


def spread(config: pytest.Config) -> None:
    """Share the tests among processes, a file each, without the drivers."""
    if is_worker(config) or not config.pluginmanager.has_plugin("xdist"):
        return
    workers = workers_for(config)
    if workers:
        config.option.numprocesses, config.option.dist = workers, "loadfile"
        config.option.loadscopereorder = False
        config.stash[SPREAD] = True


def is_worker(config: pytest.Config) -> bool:
    """Whether this is one of the processes that share the tests."""
    return hasattr(config, "workerinput")


def is_left_out(path: Path, config: pytest.Config) -> bool:
    """Whether a path is that of the drivers, and this is a process that ``spread`` started."""
    return path == DRIVERS and IS_SPREAD in getattr(config, "workerinput", {})


def longest_first(items: list[pytest.Item]) -> None:
    """Put the folders that take longest before the others, then the files that drive a browser."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    folder = _folder_of(item)
    if folder in FIRST:
        return FIRST.index(folder)
    return len(FIRST) + (item.get_closest_marker("browser") is None)


def _asks_for_drivers(config: pytest.Config) -> bool:
    options = (value for name, value in vars(config.option).items() if name.startswith("contract_"))
    return any(options) or any(DRIVERS in (path, *path.parents) for path in _asked(config))


def _has_folder(config: pytest.Config) -> bool:
    return any(path.is_dir() for path in _asked(config))


def _asked(config: pytest.Config) -> list[Path]:
    return [(config.invocation_params.dir / word.partition("::")[0]).resolve() for word in config.args]


def _folder_of(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0] if TESTS in item.path.parents else ""
