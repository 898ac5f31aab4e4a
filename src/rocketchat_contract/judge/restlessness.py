"""What moved twice in a row in repeats, kept until the record shows that it rests, or ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.unchanged import UNCHANGED, AtRest, Restless
from rocketchat_contract.judge.visitor import Judgement, Noted


class Restlessness:
    """Keeps findings about members of which agents and bots make changes as well."""

    def __init__(self) -> None:
        self._found: list[Restless] = []
        self._at_rest: set[tuple[str, str]] = set()

    def sift(self, noted: Iterable[Noted]) -> Iterator[Judgement]:
        """What can be said at once."""
        for each in noted:
            if isinstance(each, Restless):
                self._found.append(each)
            elif isinstance(each, AtRest):
                self._at_rest |= each.members
                yield UNCHANGED
            else:
                yield each

    def rest(self) -> list[Finding]:
        """At the end, the findings about members that were never seen at rest."""
        return [each.finding for each in self._found if each.moved not in self._at_rest]
