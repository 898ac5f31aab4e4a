"""Generated traffic goes on after a finding: what is known is set aside, so that only what is new fails an example.

A failing example ends what Hypothesis was asked for, once it is shrunk. The examples that are left are then asked for
anew, with all that was found by now set aside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.tally import MOST_KEPT_FINDINGS
from rocketchat_contract.record.generated import Explored, Generated, by_kind
from rocketchat_contract.run.hypothesis_settings import Memory

if TYPE_CHECKING:
    from hypothesis import settings

T = TypeVar("T")

MOST_FAILING = 5
"""Examples of one test that fail with something new, and are shrunk; what is found after them is only counted."""


class ContractBrokenError(AssertionError):
    """A driver's traffic showed that a must is broken."""

    def __init__(self, findings: list[Finding]) -> None:
        first = findings[0]
        super().__init__(f"{first.requirement}: expected {first.expected}, but got {first.actual}")


class CutShortError(Exception):
    """What was to be generated ahead of a driver is not all there."""


def broken_in(error: BaseException) -> ContractBrokenError | None:
    """What an error says of a broken must: Hypothesis wraps what does not come again."""
    return next((part for part in _parts(error) if isinstance(part, ContractBrokenError)), None)


def _parts(error: BaseException) -> Iterator[BaseException]:
    yield error
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _parts(part)


@dataclass
class Distinct:
    """Findings by requirement and signature; of one requirement no more than a report shows."""

    _signatures: dict[str, set[str]] = field(default_factory=dict)

    def lacks(self, found: Finding) -> bool:
        """Whether a finding would be one more."""
        known = self._signatures.get(found.requirement, set())
        return found.signature not in known and len(known) < MOST_KEPT_FINDINGS

    def add(self, findings: list[Finding]) -> None:
        """Take findings in."""
        for found in filter(self.lacks, findings):
            self._signatures.setdefault(found.requirement, set()).add(found.signature)

    def __len__(self) -> int:
        return sum(map(len, self._signatures.values()))


@dataclass
class Shown:
    """What a run's traffic showed to be broken: ``of_test`` by the driver's test under way, ``known`` by those before.

    ``generated`` is what generated traffic showed, ``explored`` how far it came.
    """

    take_findings: Callable[[], list[Finding]]
    decides: Callable[[Finding], bool]
    of_test: list[Finding] = field(default_factory=list)
    known: Distinct = field(default_factory=Distinct)
    generated: Distinct = field(default_factory=Distinct)
    explored: list[Explored] = field(default_factory=list)

    def take(self) -> list[Finding]:
        """The deciding findings since the last time."""
        taken = [found for found in self.take_findings() if self.decides(found)]
        self.of_test += taken
        return taken

    def set_aside(self) -> None:
        """Let what was taken by now fail no further example."""
        self.known.add(self.of_test)

    @property
    def explored_so_far(self) -> Generated:
        """How much was explored, for the record."""
        return Generated(by_kind(self.explored), len(self.generated))

    def end_of_test(self) -> list[Finding]:
        """All that the test under way has shown, known or not; the next one begins with nothing."""
        self.take()
        self.set_aside()
        ended, self.of_test = self.of_test, []
        return ended


@dataclass
class Explorer:
    """Lets Hypothesis make the examples that one driver's test has planned.

    ``made`` counts those made by now, without what shrinking tries. With ``stops_at_first`` the first failing example
    ends the test.
    """

    memory: Memory
    shown: Shown
    driver: str
    stops_at_first: bool = False
    made: int = 0
    _is_failing: bool = False
    _failed: int = 0

    def check(self) -> None:
        """End an example; raises ``ContractBrokenError`` when it showed that a must is broken that is not set aside."""
        found = self.shown.take()
        self.shown.generated.add(found)
        self.made += not self._is_failing
        new = [each for each in found if self.shown.known.lacks(each)]
        if new and self._failed < MOST_FAILING:
            self._is_failing = True
            raise ContractBrokenError(new)

    def explore(
        self,
        make: Callable[[settings], Callable[[], None]],
        name: str,
        what: str,
        planned: int,
        ahead: Iterable[Callable[[], None]] | None = None,
        **more: Any,
    ) -> None:
        """Make the planned examples of the test that ``make`` gives for settings; ``what`` they are, in the plural.

        ``ahead`` are the same examples, generated elsewhere.
        """
        self.shown.take()
        self.shown.set_aside()
        try:
            if ahead is not None and self._plays_all(ahead):
                return
            for turn in count():
                left = planned - self.made
                if left <= 0 or self._is_over(make, name, turn, max_examples=left, **more):
                    break
        finally:
            self.shown.explored.append(Explored(self.driver, what, min(self.made, planned), planned))

    def counted(self, calls: Iterable[T], what: str, planned: int) -> Iterator[T]:
        """Hand on calls made of generated values, and note how many of those planned were asked for."""
        made = 0
        try:
            for call in calls:
                made += 1
                yield call
        finally:
            self.shown.explored.append(Explored(self.driver, what, made, planned))

    def _plays_all(self, ahead: Iterable[Callable[[], None]]) -> bool:
        """Play examples; false where some are missing or one shows something: Hypothesis makes all again.

        Raises ``ContractBrokenError`` instead where the first such example ends the test.
        """
        try:
            for play in ahead:
                play()
        except (CutShortError, ContractBrokenError) as error:
            if self.stops_at_first and isinstance(error, ContractBrokenError):
                raise
            self.made, self._is_failing = 0, False
            return False
        return True

    def _is_over(self, make: Callable[[settings], Callable[[], None]], name: str, turn: int, **more: Any) -> bool:
        """Ask for examples once; whether Hypothesis came to its end, and not to a failing example."""
        keeps = len(self.shown.known) > 0
        test = make(self.memory.settings(keeps=keeps, **more))
        try:
            self.memory.prepared(test, name, turn)()
        except Exception as error:
            if broken_in(error) is None or self.stops_at_first:
                raise
            self._is_failing, self._failed = False, self._failed + 1
            self.shown.set_aside()
            return False
        return True
