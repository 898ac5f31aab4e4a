"""What a run may cost, as a hard limit: nothing is sent beyond it, whatever the drivers want."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rocketchat_contract.client.transport import Call
from rocketchat_contract.config import UNCLOSED, UNDELETED, UNDELETED_KEPT, Profile, spoken
from rocketchat_contract.rocketchat.paths import ROOM_PATH, VISITOR_PATH

CORE = "core"


class RunStoppedError(BaseException):
    """The run cannot or may not go on; its text is the sentence that the report shows.

    Like ``KeyboardInterrupt`` it is no ``Exception``, so that nothing between here and the run takes it for a
    failing example and tries it again.
    """


class BudgetSpentError(RunStoppedError):
    """The run reached the limit of its budget; what was not judged for it is listed in the report."""


UNCLOSABLE = "as visitors may not close them"
"""Why a budget of rooms is that small, whatever the profile."""

UNDELETABLE = "as none can be deleted"
"""Why a budget of visitors is that small, whatever the profile."""

UNTRIED_DELETION, DELETION_TRIES = 6, 2
"""How many visitors are made at most before one is deleted to see whether that works, and how often it is tried."""


_WRITING = 0.5
"""Seconds of a run's time that are kept for judging to the end and for the reports."""


@dataclass
class Deadline:
    """The end of a run's time, clean-up included; ``rest`` tells the seconds that what comes after a driver takes."""

    seconds: float
    ends: float
    rest: Callable[[str], float]
    now: Callable[[], float] = time.monotonic

    def check(self, driver: str, ahead: float = 0.0) -> None:
        """Raise ``BudgetSpentError`` when a driver's call that leaves in so many seconds would come too late."""
        if self.now() + ahead + self.rest(driver) + _WRITING > self.ends:
            raise BudgetSpentError(f"The time of {spoken(self.seconds)} (--within) is spent, but for the clean-up.")


@dataclass
class Budget:
    """Counts calls against a profile; ``rooms_made`` tells how many rooms may exist through this run by now.

    When traffic is repeated, the limit rises with each ``round``: none of the ``rounds`` takes what is a later one's.
    A room call counts as a room until its answer shows otherwise: a server that breaks the contract may make one for
    any of them, also for those still under way on other connections. An answer to HEAD or OPTIONS names no room, so
    each of these counts as one for good. Where rooms cannot be closed again
    (``forbids_closing``) a run makes few of them, and few visitors where these cannot be deleted
    (``forbids_deleting``, which may be known or not).

    Calls that are asked ``again`` are paid from the profile's reserve while it lasts; ``is_asking_again`` says so of
    all calls to come. ``again_calls`` and ``again_visitors`` are how much of the reserve is spent.
    """

    profile: Profile
    rooms_made: Callable[[], int] = lambda: 0
    room_calls: int = 0
    visitors: int = 0
    others: int = 0
    rounds: int = 1
    round: int = 1
    forbids_closing: Callable[[], bool] = lambda: False
    forbids_deleting: Callable[[], bool | None] = lambda: False
    is_asking_again: bool = False
    again_calls: int = 0
    again_visitors: int = 0
    deadline: Deadline | None = None
    deletions_tried: int = 0
    _under_way: int = 0
    _rooms_unseen: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, driver: str, *calls: Call, again: bool = False) -> None:
        """Count a driver's calls; raises ``BudgetSpentError``, and counts none, when they cost more than there is."""
        self._check_time(driver)
        rooms, visitors, others = _counted(calls)
        again = again or self.is_asking_again
        with self._lock:
            self._check_undeletable(driver, visitors)
            from_reserve = self._from_reserve(rooms, visitors) if again else (0, 0)
            self._check_calls(driver, rooms - from_reserve[0], visitors - from_reserve[1])
            self._check("other calls", self.others + others, self._most(self.profile.others))
            unseen = _unseen(calls)
            if rooms or unseen:
                self._check_rooms(rooms + unseen)
            self.room_calls += rooms
            self.visitors += visitors
            self.others += others
            self.again_calls += from_reserve[0]
            self.again_visitors += from_reserve[1]
            self._under_way += rooms
            self._rooms_unseen += unseen

    def afford_wait(self, driver: str, seconds: float, calls: Sequence[Call]) -> None:
        """Raise ``BudgetSpentError`` when the run's time does not hold a wait; its calls never leave."""
        try:
            self._check_time(driver, seconds)
        except BudgetSpentError:
            for call in calls:
                self.arrived(call, was_sent=False)
            raise

    def _check_time(self, driver: str, ahead: float = 0.0) -> None:
        if self.deadline is not None:
            self.deadline.check(driver, ahead)

    def arrived(self, call: Call, *, was_sent: bool = True) -> None:
        """An answer is counted in ``rooms_made`` by now, or none came; what never left gives back a registration."""
        rooms, visitors, _ = _counted([call])
        with self._lock:
            self._under_way = max(0, self._under_way - rooms)
            if not was_sent:
                self.visitors = max(0, self.visitors - visitors)

    def afford(self, driver: str, calls: int, visitors: int, *, rooms: int | None = None) -> None:
        """Raise ``BudgetSpentError`` when a driver may not make so many room calls and visitors; counts nothing.

        ``rooms`` is how many rooms the calls may make at one time; by default each may make one.
        """
        with self._lock:
            self._check_undeletable(driver, visitors)
            reserve = self._from_reserve(calls, visitors) if self.is_asking_again else (0, 0)
            self._check_calls(driver, calls - reserve[0], visitors - reserve[1])
            self._check_rooms(calls if rooms is None else rooms)

    @property
    def reserve_left(self) -> int:
        """Room calls that the reserve still holds."""
        return self._most(self.profile.again_calls) - self.again_calls

    def can_ask_again(self, calls: int, visitors: int = 0) -> bool:
        """Whether the reserve holds so much."""
        return self._from_reserve(calls, visitors) == (calls, visitors)

    def _from_reserve(self, calls: int, visitors: int) -> tuple[int, int]:
        """How many of so many room calls and visitors the reserve pays."""
        left = self.reserve_left
        visitors_left = self._most(self.profile.again_visitors) - self.again_visitors
        return min(calls, left), min(visitors, visitors_left)

    def _check_calls(self, driver: str, calls: int, visitors: int) -> None:
        kept_calls, kept_visitors = self._kept_from(driver)
        own_calls, own_visitors = self.room_calls - self.again_calls, self.visitors - self.again_visitors
        self._check("visitors", own_visitors + visitors, self._most(self.profile.visitors), kept_visitors)
        self._check("room calls", own_calls + calls, self._most(self.profile.room_calls), kept_calls)

    def _check_undeletable(self, driver: str, visitors: int) -> None:
        """Where no visitor can be deleted, few are made, whatever the profile; the core leaves some to the bursts."""
        if visitors and self.forbids_deleting():
            is_core = driver == CORE and bool(self.profile.volleys) and not self.is_asking_again
            most = min(self._most(self.profile.visitors + self.profile.again_visitors), UNDELETED)
            self._check(f"visitors, {UNDELETABLE},", self.visitors + visitors, most, UNDELETED_KEPT * is_core)

    def takes_deletion_to_try(self) -> bool:
        """Whether it is time to delete a visitor only to see whether that works; counts each time that it is."""
        is_time = self.visitors >= UNTRIED_DELETION and self.deletions_tried < DELETION_TRIES
        if not is_time or self.forbids_deleting() is not None:
            return False
        self.deletions_tried += 1
        return True

    def _check_rooms(self, rooms: int) -> None:
        few = self.forbids_closing()
        most = min(self._most(self.profile.rooms), UNCLOSED) if few else self._most(self.profile.rooms)
        why = f", {UNCLOSABLE}," if few else ""
        self._check(f"rooms{why}", self.rooms_made() + self._rooms_unseen + self._under_way + rooms, most)

    def _kept_from(self, driver: str) -> tuple[int, int]:
        """Calls and visitors that a driver may not use: the core leaves what the simultaneous calls need."""
        is_core = driver == CORE and not self.is_asking_again
        return (self.profile.kept_calls, self.profile.kept_visitors) if is_core else (0, 0)

    def _check(self, what: str, wanted: int, most: int, kept: int = 0) -> None:
        """Raise when more is wanted than there is, less what is kept for another driver; the sentence tells which."""
        if wanted + kept <= most:
            return
        but = f" but for {kept} kept for simultaneous calls" if wanted <= most else ""
        raise BudgetSpentError(f"The budget of {most} {what} (profile {self.profile.name}) is spent{but}.")

    def _most(self, of_all_rounds: int) -> int:
        return of_all_rounds * self.round // self.rounds


def _counted(calls: Sequence[Call]) -> tuple[int, int, int]:
    """How many of the calls ask for rooms, register visitors, and do something else."""
    paths = [(call.method, call.target.partition("?")[0]) for call in calls]
    rooms, visitors = paths.count(("GET", ROOM_PATH)), paths.count(("POST", VISITOR_PATH))
    return rooms, visitors, len(calls) - rooms - visitors


def _unseen(calls: Sequence[Call]) -> int:
    """How many of the calls may open a room that their answers do not name."""
    return sum(call.method in ("HEAD", "OPTIONS") and call.target.partition("?")[0] == ROOM_PATH for call in calls)
