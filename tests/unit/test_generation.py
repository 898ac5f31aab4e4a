"""Queries that are generated in a process of their own are those that would be generated here."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import pytest

from rocketchat_contract.config import PROFILES
from rocketchat_contract.contract.vendored import load_contract
from rocketchat_contract.run import generation
from rocketchat_contract.run.exploration import CutShortError
from rocketchat_contract.run.generation import MODES, QueriesAhead, generate_ahead, query_test, schemathesis_operation
from rocketchat_contract.run.hypothesis_settings import Memory

SEED, FEW = 7, 12
PROFILE = replace(PROFILES["full"], queries=2 * FEW)


@pytest.fixture
def ahead() -> Iterator[QueriesAhead]:
    generator = generate_ahead(SEED, PROFILE)
    yield generator
    generator.stop()


def go_on() -> None:
    """A run that is not to end."""


def generated_here(mode: str, planned: int) -> list[tuple[dict[str, Any], int]]:
    made: list[tuple[dict[str, Any], int]] = []
    memory = Memory(SEED)
    test = query_test(schemathesis_operation(load_contract()), mode, lambda *example: made.append(example))
    memory.prepared(memory.settings(max_examples=planned)(test), mode)()
    return made


def test_queries_from_elsewhere_are_the_same(ahead: QueriesAhead) -> None:
    """Compared with another new process: what tests imported before would change what Hypothesis draws here."""
    with ProcessPoolExecutor(1, get_context("spawn")) as new_process:
        for mode, planned in zip(MODES, (2 * FEW, FEW), strict=True):
            assert list(ahead.of(mode, planned, go_on)) == new_process.submit(generated_here, mode, planned).result()


def test_another_number_of_queries_is_not_there(ahead: QueriesAhead) -> None:
    with pytest.raises(CutShortError):
        next(ahead.of("positive", FEW, go_on))


def test_queries_of_a_mode_come_once(ahead: QueriesAhead) -> None:
    list(ahead.of("positive", 2 * FEW, go_on))

    with pytest.raises(CutShortError):
        next(ahead.of("positive", 2 * FEW, go_on))


def test_a_process_that_ended_early_is_noticed(ahead: QueriesAhead) -> None:
    ahead.process.kill()

    with pytest.raises(CutShortError):
        list(ahead.of("positive", 2 * FEW, go_on))


@pytest.mark.parametrize("line", ["", '[{"token"', "null"], ids=["nothing", "half a query", "half an end"])
def test_a_cut_line_is_no_query(line: str) -> None:
    writes = subprocess.Popen([sys.executable, "-c", f"print({line!r}, end='')"], stdout=subprocess.PIPE)
    generator = QueriesAhead(writes, {"positive": 1})

    with pytest.raises(CutShortError):
        list(generator.of("positive", 1, go_on))

    generator.stop()


def test_a_process_that_stops_writing_is_given_up(ahead: QueriesAhead, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead.process.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(generation, "_SILENCE", 0.3)

    with pytest.raises(CutShortError):
        list(ahead.of("positive", 2 * FEW, go_on))
    assert ahead.process.poll() is None


def test_a_mode_that_was_left_early_is_not_taken_for_the_next_one(ahead: QueriesAhead) -> None:
    next(ahead.of("positive", 2 * FEW, go_on))

    with pytest.raises(CutShortError):
        next(ahead.of("negative", FEW, go_on))


def test_who_waits_for_a_query_can_be_interrupted(ahead: QueriesAhead) -> None:
    def end() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(ahead.of("positive", 2 * FEW, end))
