"""What a replay has to know beside the calls: who is there, what the administrator does meanwhile, why answers differ.

Kept in ``spec/replay.toml``; see there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Any

from rocketchat_contract.inputs.bounded import FileKind, read_toml
from rocketchat_contract.replay.comparison import AnswerDifference

_KIND = FileKind("The script of replays", "Install the suite again.")


@dataclass(frozen=True)
class Reason:
    """Why a difference stays: for which calls, at which places, and why."""

    calls: str
    """A pattern that the name of the call matches in full."""
    places: str
    """A pattern that the place of the difference matches in full."""
    why: str

    def explains(self, name: str, difference: AnswerDifference) -> bool:
        """Whether this is the reason of a difference."""
        return bool(re.fullmatch(self.calls, name) and re.fullmatch(self.places, difference.place))


@dataclass(frozen=True)
class Script:
    """The part of ``spec/replay.toml`` that speaks of one edition."""

    settings: tuple[str, ...]
    """What the recorded workspace had set, as ``NAME=VALUE``."""
    users: tuple[Mapping[str, Any], ...]
    departments: tuple[Mapping[str, Any], ...]
    bursts: tuple[str, ...]
    """Patterns: calls in a row whose names give the same groups were under way together."""
    changes: Mapping[str | int, Mapping[str, Any]]
    """By the name or the line of the call before which they are made."""
    reasons: tuple[Reason, ...]

    def change_before(self, name: str, line: int) -> Mapping[str, Any]:
        """What changes before a call."""
        return self.changes.get(name) or self.changes.get(line, {})

    @cached_property
    def patterns(self) -> list[re.Pattern[str]]:
        """The bursts' patterns, compiled."""
        return [re.compile(pattern) for pattern in self.bursts]

    def burst_of(self, name: str) -> tuple[str, ...] | None:
        """Which burst a call belongs to, if any."""
        found = (pattern.fullmatch(name) for pattern in self.patterns)
        return next((match.groups() for match in found if match), None)

    def reason_for(self, name: str, difference: AnswerDifference) -> Reason | None:
        """Why a difference stays, if that is known."""
        return next((reason for reason in self.reasons if reason.explains(name, difference)), None)


def read_script(path: Path, edition: str, file: str) -> Script:
    """Read what is known of an edition and a file of calls: every part that lists them."""
    parts = read_toml(path, _KIND)
    mine = [part for part in parts["edition"] if edition in part["names"] and fnmatchcase(file, part.get("file", "*"))]

    def listed(name: str) -> tuple[Any, ...]:
        return tuple(entry for part in mine for entry in part.get(name, []))

    return Script(
        settings=listed("settings"),
        users=listed("users"),
        departments=listed("departments"),
        bursts=listed("bursts"),
        changes={change["before"]: change for change in listed("changes")},
        reasons=tuple(
            Reason(reason["calls"], reason.get("places", ".*"), reason["why"])
            for reason in parts.get("reason", [])
            if edition in reason["editions"]
        ),
    )
