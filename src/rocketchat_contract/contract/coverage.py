"""Which changes of a body concern what a requirement speaks of, and why some of them break none all the same."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rocketchat_contract.contract.requirements import Requirements
from rocketchat_contract.contract.vendored import spec_folder

OF_TYPES = ("wrong type", "null")
"""The kinds of change that concern the type of a member; the schema speaks of the type of every member."""

_SCHEMA = "a-200-fits-the-full-schema"


@dataclass(frozen=True)
class Excuse:
    """Why changes of some kinds at some places leave every requirement kept."""

    members: tuple[str, ...]
    kinds: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Speech:
    """The members that requirements name, each with the ids of those requirements, and the excuses."""

    members: Mapping[str, tuple[str, ...]]
    excuses: tuple[Excuse, ...] = ()

    def of(self, kind: str, place: str) -> tuple[str, ...]:
        """The requirements that speak of what a change of this kind at this place changes."""
        named = self.members.get(place, ())
        return tuple(dict.fromkeys((_SCHEMA, *named))) if kind in OF_TYPES else named

    def reason(self, kind: str, place: str) -> str | None:
        """The reason why such a change may go unnoticed, if there is one."""
        return next((each.reason for each in self.excuses if kind in each.kinds and place in each.members), None)


SILENT = Speech({})


def speech_of(requirements: Requirements) -> Speech:
    """What the requirements speak of, with the excuses in ``spec/strength.toml``."""
    members: dict[str, list[str]] = {}
    for requirement in requirements:
        for place in requirement.members:
            members.setdefault(place, []).append(requirement.id)
    return Speech({place: tuple(ids) for place, ids in members.items()}, tuple(_excuses(excuses_file())))


def excuses_file() -> Path:
    """Where the excuses stand."""
    return spec_folder() / "strength.toml"


def _excuses(path: Path) -> Iterable[Excuse]:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return (Excuse(tuple(each["members"]), tuple(each["kinds"]), each["reason"]) for each in content["exception"])
