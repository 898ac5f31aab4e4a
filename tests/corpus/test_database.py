"""Databases of Hypothesis: a folder, a real Redis, both; only read in CI; keys that no edit of a driver changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, get_state_machine_test, rule

from corpus.conftest import PASSWORD, Redis
from rocketchat_contract.config import RunConfig
from rocketchat_contract.errors import UsageError
from rocketchat_contract.run.hypothesis_settings import Memory, memory_of


def memory(*places: object, is_ci: bool = False, password: str | None = None) -> Memory:
    config = RunConfig(database=tuple(map(str, places)), seed=3, redis_password=password)
    return memory_of(config, is_ci=is_ci)


def first_tried(remembering: Memory, most: int = 1) -> list[int]:
    """What a driver tries first when it finds nothing."""
    tried: list[int] = []

    @remembering.settings(max_examples=most)
    @given(st.integers(0, 10**6))
    def sends(number: int) -> None:
        tried.append(number)

    remembering.prepared(sends, "driver")()
    return tried


def find(remembering: Memory) -> None:
    """A driver that finds something at 4321."""

    @remembering.settings(max_examples=400)
    @given(st.integers(0, 10**6))
    def sends(number: int) -> None:
        assert number < 4321

    with pytest.raises(AssertionError):
        remembering.prepared(sends, "driver")()


def test_without_a_database_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    find(memory())

    assert 4321 not in first_tried(memory())


def test_what_one_run_found_is_tried_first_by_the_next(tmp_path: Path) -> None:
    find(memory(tmp_path / "db"))

    assert first_tried(memory(tmp_path / "db"))[0] == 4321


def test_editing_a_driver_loses_nothing(tmp_path: Path) -> None:
    find(memory(tmp_path))
    edited: list[int] = []
    remembering = memory(tmp_path)

    @remembering.settings(max_examples=1)
    @given(st.integers(0, 10**6))
    def sends_otherwise(number: int) -> None:
        edited.extend([number, number])

    remembering.prepared(sends_otherwise, "driver")()

    assert edited[0] == 4321


def test_another_driver_has_its_own_examples(tmp_path: Path) -> None:
    find(memory(tmp_path))
    remembering = memory(tmp_path)
    tried: list[int] = []

    @remembering.settings(max_examples=1)
    @given(st.integers(0, 10**6))
    def sends(number: int) -> None:
        tried.append(number)

    remembering.prepared(sends, "another driver")()

    assert 4321 not in tried


def machine(deed: Callable[[int], None]) -> type[RuleBasedStateMachine]:
    class Machine(RuleBasedStateMachine):
        @rule(number=st.integers(0, 10**6))
        def do(self, number: int) -> None:
            deed(number)

    return Machine


def test_a_state_machine_remembers_too(tmp_path: Path) -> None:
    def fail(number: int) -> None:
        assert number < 4321

    def live(deed: Callable[[int], None], most: int) -> None:
        remembering = memory(tmp_path)
        settings = remembering.settings(max_examples=most, stateful_step_count=3)
        remembering.prepared(get_state_machine_test(machine(deed), settings=settings), "life")()

    with pytest.raises(AssertionError):
        live(fail, 100)
    tried: list[int] = []
    live(tried.append, 1)

    assert tried[0] == 4321


def test_the_same_seed_makes_the_same_calls() -> None:
    other = memory_of(RunConfig(seed=4), is_ci=False)

    assert first_tried(memory(), 20) == first_tried(memory(), 20) != first_tried(other, 20)


def test_a_run_in_ci_only_reads(tmp_path: Path) -> None:
    find(memory(tmp_path / "new", is_ci=True))
    find(memory(tmp_path / "old"))

    assert not (tmp_path / "new").exists()
    assert first_tried(memory(tmp_path / "old", is_ci=True))[0] == 4321


def test_hypothesis_own_ci_profile_does_not_forbid_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    find(memory(tmp_path))

    assert first_tried(memory(tmp_path, is_ci=True))[0] == 4321


def test_a_redis_is_shared(redis: Redis) -> None:
    find(memory(redis.url))

    assert first_tried(memory(redis.url))[0] == 4321


def test_a_folder_and_a_redis_know_the_same(redis: Redis, tmp_path: Path) -> None:
    shared = redis.url.removesuffix("0") + "1"
    find(memory(tmp_path, shared))

    assert [first_tried(memory(place))[0] for place in (tmp_path, shared)] == [4321, 4321]


def test_a_redis_is_only_read_in_ci(redis: Redis) -> None:
    empty = redis.url.removesuffix("0") + "2"

    find(memory(empty, is_ci=True))

    assert 4321 not in first_tried(memory(empty))


def test_a_redis_that_vanishes_stops_no_run(tmp_path: Path) -> None:
    server = Redis(tmp_path)
    remembering = memory(server.url)
    server.stop()

    assert len(first_tried(remembering, 5)) == 5
    assert remembering.problems[0].startswith("lost during the run: ")


def test_a_redis_with_a_password(tmp_path: Path) -> None:
    server = Redis(tmp_path, f"--requirepass {PASSWORD}")
    try:
        find(memory(server.url, password=PASSWORD))
        with pytest.raises(UsageError) as refused:
            memory(server.url, password="wrong")
    finally:
        server.stop()

    assert "cannot be used" in str(refused.value)


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("redis://127.0.0.1:1/0", "The database redis://127.0.0.1:1/0 cannot be used"),
        ("redis://127.0.0.1:6379/nonsense", "cannot be used"),
        ("mongodb://localhost", "no database of the kind mongodb://"),
        ("/dev/null/database", "cannot be written"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused(place: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        memory(place)


def test_a_password_in_a_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="holds a password") as refused:
        memory(f"redis://:{PASSWORD}@127.0.0.1:1/0")

    assert PASSWORD not in str(refused.value)
