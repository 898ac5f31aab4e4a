"""The editions that are measured releases answer each named call as the real server did, or there is a reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.inputs.bounded import FileKind, read_toml
from rocketchat_contract.reference.editions import make_app
from rocketchat_contract.reference.settings import Settings
from rocketchat_contract.replay.calls import read_calls
from rocketchat_contract.replay.replaying import Replayed, replay
from rocketchat_contract.replay.script import read_script

CALLS = Path(__file__).parents[2] / "data" / "real" / "calls"
SCRIPT = spec_folder() / "replay.toml"
REPLAYS = (
    ("3.4.0", "3.4"),
    ("6.5.3", "6.5"),
    ("6.5.3-scenarios", "6.5"),
    ("6.5.3-limiter", "6.5"),
    ("7.2.0", "7.2"),
    ("7.2.0", "7.2-rest"),
    ("7.2.0-limiter", "7.2"),
    ("7.2.0-limiter", "7.2-rest"),
    ("8.6.1", "8.6"),
    ("8.6.1-limiter", "8.6"),
)


@cache
def replayed(name: str, edition: str) -> list[Replayed]:
    """Replay a file of calls."""
    file = CALLS / f"{name}.jsonl.gz"
    script = read_script(SCRIPT, edition, file.name)
    return replay(read_calls(file), make_app(Settings(edition=edition).with_pairs(script.settings)), script)


@pytest.mark.parametrize(("name", "edition"), REPLAYS)
def test_no_answer_differs_without_a_reason(name: str, edition: str) -> None:
    unexplained = {f"{one.call.name}, line {one.call.line}": one.unexplained for one in replayed(name, edition)}

    assert {where: told for where, told in unexplained.items() if told} == {}


def test_every_file_of_calls_is_replayed() -> None:
    assert {f"{name}.jsonl.gz" for name, _ in REPLAYS} == {path.name for path in CALLS.iterdir()}


def test_every_reason_explains_something() -> None:
    used = {reason.why for replay in REPLAYS for one in replayed(*replay) for _, reason in one.differences if reason}
    known = {reason["why"] for reason in read_toml(SCRIPT, FileKind("The script", ""))["reason"]}

    assert {why for why in known - used if "chance" not in why} == set()


def test_few_answers_differ() -> None:
    differ = {replay: sum(1 for one in replayed(*replay) if one.differences) for replay in REPLAYS}

    assert sum(differ.values()) < 0.05 * sum(len(replayed(*replay)) for replay in REPLAYS)
