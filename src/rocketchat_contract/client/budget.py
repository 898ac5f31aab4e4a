"""What a run may cost, as a wall: nothing is sent beyond it, whatever the drivers want."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from rocketchat_contract.client.transport import Call
from rocketchat_contract.config import Profile
from rocketchat_contract.judge.operation import ROOM_PATH, VISITOR_PATH

CORE = "core"


class RunStoppedError(BaseException):
    """The run cannot or may not go on; its text is the sentence that the report shows.

    Like ``KeyboardInterrupt`` it is no ``Exception``, so that nothing between here and the run takes it for a
    failing example and tries it again.
    """


class BudgetSpentError(RunStoppedError):
    """The run reached the wall of its budget; what was not judged for it is listed in the report."""


@dataclass
class Budget:
    """Counts calls against a profile; ``rooms_made`` tells how many rooms may exist through this run by now.

    When traffic is repeated, the wall rises with each ``round``: none of the ``rounds`` takes what is a later one's.
    A room call counts as a room until its answer shows otherwise: a server that breaks the contract may make one for
    any of them.
    """

    profile: Profile
    rooms_made: Callable[[], int] = lambda: 0
    room_calls: int = 0
    visitors: int = 0
    others: int = 0
    rounds: int = 1
    round: int = 1
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, driver: str, *calls: Call) -> None:
        """Count a driver's calls; raises ``BudgetSpentError``, and counts none, when they cost more than there is."""
        paths = [call.target.partition("?")[0] for call in calls]
        rooms = paths.count(ROOM_PATH)
        visitors = paths.count(VISITOR_PATH)
        others = len(calls) - rooms - visitors
        with self._lock:
            kept_calls, kept_visitors = self._kept_from(driver)
            self._check("room calls", self.room_calls + rooms, self.profile.room_calls, kept_calls)
            self._check("visitors", self.visitors + visitors, self.profile.visitors, kept_visitors)
            self._check("other calls", self.others + others, self.profile.others)
            if rooms:
                self._check("rooms", self.rooms_made() + rooms, self.profile.rooms)
            self.room_calls += rooms
            self.visitors += visitors
            self.others += others

    def afford(self, driver: str, calls: range, visitors: int) -> int:
        """The most room calls of a range that the driver may still make, beside registering so many visitors.

        Raises ``BudgetSpentError`` when not even the fewest are left; counts nothing.
        """
        with self._lock:
            kept_calls, kept_visitors = self._kept_from(driver)
            self._check("visitors", self.visitors + visitors, self.profile.visitors, kept_visitors)
            self._check("room calls", self.room_calls + calls.start, self.profile.room_calls, kept_calls)
            made = self.rooms_made()
            self._check("rooms", made + calls.start, self.profile.rooms)
            return min(
                calls[-1],
                self._most(self.profile.room_calls) - self.room_calls - kept_calls,
                self._most(self.profile.rooms) - made,
            )

    def _kept_from(self, driver: str) -> tuple[int, int]:
        """Calls and visitors that a driver may not use: the core leaves what the simultaneous calls need."""
        return (self.profile.kept_calls, self.profile.kept_visitors) if driver == CORE else (0, 0)

    def _check(self, what: str, wanted: int, most: int, kept: int = 0) -> None:
        """Raise when more is wanted than there is, less what is kept for another driver; the sentence tells which."""
        most = self._most(most)
        if wanted + kept <= most:
            return
        but = f" but for {kept} kept for simultaneous calls" if wanted <= most else ""
        raise BudgetSpentError(f"The budget of {most} {what} (profile {self.profile.name}) is spent{but}.")

    def _most(self, of_all_rounds: int) -> int:
        return of_all_rounds * self.round // self.rounds
