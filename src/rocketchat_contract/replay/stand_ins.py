"""Ids that a real server drew, and those that the replay has in their place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ID = re.compile(r"[A-Za-z0-9]{17}|[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ANY_ID = re.compile(rf"(?<![A-Za-z0-9])(?:{_ID.pattern})(?![A-Za-z0-9])")


@dataclass
class StandIns:
    """Which id of the replay stands for which of the record; an id is learned where both answers show one."""

    known: dict[str, str] = field(default_factory=dict)

    def replaced(self, text: str) -> str:
        """Write a text with the replay's ids."""
        return _ANY_ID.sub(lambda found: self.known.get(found[0], found[0]), text)

    def learn(self, pairs: dict[str, str]) -> None:
        """Keep what a pair of answers showed; what is known stays."""
        self.known = {**pairs, **self.known}


def is_id(text: str) -> bool:
    """Whether a text looks like an id that a server drew."""
    return _ID.fullmatch(text) is not None


def without_ids(text: str) -> str:
    """Write a text without the ids in it."""
    return _ANY_ID.sub("…", text)
