"""A value of a wrong type, wherever in a file that is read, is refused with an error that names a next step."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from fleet.fleets import mixed
from rocketchat_contract.config.loading import load
from rocketchat_contract.config.making import make_config
from rocketchat_contract.config.options import OPTIONS
from rocketchat_contract.errors import ContractError
from rocketchat_contract.fleet.folder import read_fleet, write_fleet
from rocketchat_contract.fleet.plan import read_plan
from rocketchat_contract.results.baseline import load_baseline
from support.histories import requirements

FEW_WRONG: tuple[Any, ...] = (True, -1, 1.5, "", [7], {"x": 7})
WRONG: tuple[Any, ...] = (*FEW_WRONG, None, 0, 10**30, float("inf"), float("nan"), " ", "\0x", [], {})

FLEET_FILE = """
[defaults]
profile = "smoke"
timeout = 5
header = ["X-A: b"]

[[deployment]]
name = "eu-1"
url = "https://eu.example.com"
version = ">=7"
limiter = "ingress"
limit = "5/60"
strict = true

[deployment.credentials]
user-id = "EU1_USER_ID"
auth-token = "EU1_AUTH_TOKEN"

[[deployment]]
name = "own"
server = ["edition=7.10"]
"""

BASELINE_FILE = """
[[accepted]]
requirement = "an-open-room-is-returned"
reason = "known"
expires = "2027-01-01"
signature = "refused*"
owner = "me"
versions = "<8"

[accepted.facts]
version = "7.10"
"""


@dataclass(frozen=True)
class Kind:
    """A good file, how its content is written, and what reads and uses it."""

    good: dict[str, Any]
    write: Callable[[dict[str, Any], Path], None]
    use: Callable[[Path], object]
    wrong: tuple[Any, ...] = WRONG


def as_toml(content: dict[str, Any], path: Path) -> None:
    path.write_text(tomlkit.dumps(content), "utf-8")


def as_json(content: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(content), "utf-8")


def use_fleet(path: Path) -> None:
    folder = path.with_name("in")
    folder.mkdir(exist_ok=True)
    (folder / "fleet.json").write_bytes(path.read_bytes())
    write_fleet(read_fleet(folder), path.with_name("out"))


def use_settings(path: Path) -> None:
    path.with_name("credentials.toml").write_text('user-id = "me"\nauth-token = "x"\n', "utf-8")
    make_config(load({}, {}, path))


USUAL = {"switch": True, "whole": 3, "number": 2.5, "duration": "2m", "rate": "5/60", "texts": ["x"], "text": "x"}
SETTINGS = {
    "target": "embedded",
    "profile": "smoke",
    "set": ["limit=5/60"],
    "header": ["X-Team: chat"],
    "host": "chat.example.com",
    "credentials": "credentials.toml",
}


def settings_file() -> dict[str, Any]:
    """A value of the right kind for each option that may stand in a file; any file does for the paths."""
    usual = {**USUAL, "path": "credentials.toml"}
    in_files = [option for option in OPTIONS if "file" in option.places and not option.secret]
    return {option.name: SETTINGS.get(option.name, usual[option.kind]) for option in in_files}


def fleet_json() -> dict[str, Any]:
    content = mixed().to_json()
    content["deployments"] = content["deployments"][2:3]
    content["deployments"][0]["run"] = ""
    return json.loads(json.dumps(content))  # type: ignore[no-any-return]


KINDS = {
    "fleet.json": Kind(fleet_json(), as_json, use_fleet),
    "fleet.toml": Kind(tomllib.loads(FLEET_FILE), as_toml, read_plan),
    "baseline.toml": Kind(tomllib.loads(BASELINE_FILE), as_toml, lambda path: load_baseline(path, requirements())),
    "settings.toml": Kind(settings_file(), as_toml, use_settings, FEW_WRONG),
}


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The ways to everything inside a document; of a long list the first few."""
    if way:
        yield way
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*way, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:3]):
            yield from places(inner, (*way, number))


def changed(good: dict[str, Any], way: tuple[Any, ...], wrong: Any) -> dict[str, Any]:
    content = copy.deepcopy(good)
    at: Any = content
    for step in way[:-1]:
        at = at[step]
    at[way[-1]] = wrong
    return content


def ended(kind: Kind, path: Path) -> str:
    """How reading and using a file ended: empty when it was taken, or refused with a next step."""
    try:
        kind.use(path)
    except ContractError as refused:
        return "" if refused.problem and refused.next_step else f"no next step: {refused}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


@pytest.mark.parametrize("name", KINDS)
def test_a_value_of_a_wrong_type_ends_in_no_crash(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, path = KINDS[name], tmp_path / name
    monkeypatch.chdir(tmp_path)
    crashes, tried = [], 0
    for way, wrong in product(places(kind.good), kind.wrong):
        try:
            kind.write(changed(kind.good, way, wrong), path)
        except (TypeError, ValueError):  # TOML has no such value
            continue
        tried += 1
        crashes += [(way, wrong, crash)] if (crash := ended(kind, path)) else []

    assert (crashes, tried > 50) == ([], True)


@pytest.mark.parametrize("name", KINDS)
def test_the_file_without_a_wrong_value_is_taken(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    KINDS[name].write(KINDS[name].good, path)

    KINDS[name].use(path)
