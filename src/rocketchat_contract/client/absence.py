"""Whether the target is still there, route by route: how often in a row it gave no answer of its own.

What fails on one route fails, whatever others answer. Calls that look hostile prove little: something in front may
drop them, or answer in the server's place, and let everybody else through. Where only closings or deletions are dropped
the rest can be judged all the same; but each wait for an answer costs time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from rocketchat_contract.judge.answered import GATEWAY, SERVER_ERROR
from rocketchat_contract.judge.operation import Answer, Kind, Operation

MOST_PAGES = 4
"""So many ordinary calls of a route in a row, answered by something else than the API, tell that it is not reached."""

_NOT_PASSED_ON = 404

_OF_OTHERS = frozenset({400, 429})
"""The status of the API's refusals, with which a page is more likely the server's own, and that of limiters."""


@dataclass(frozen=True, slots=True)
class Streak:
    """What came back in a row on one route: calls without an answer, and pages; ``is_unusual`` when a call was.

    ``endured`` is how many of the silent ones cost nothing that the run needs: neither an answer nor a wait.
    """

    silent: int = 0
    endured: int = 0
    pages: int = 0
    is_unusual: bool = False
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """The streaks of all routes; ``after`` answers those after one more answer."""

    streaks: Mapping[str, Streak] = field(default_factory=dict)

    def after(self, route: str, op: Operation, *, ordinary: bool) -> Absence:
        """The streaks when a call of a route came back so."""
        streak = self.streaks.get(route, Streak())
        if is_silent(op):
            streak = _longer(streak, op, is_unusual=not ordinary)
        elif is_in_the_servers_place(op) and (op.is_room_call or op.kind is Kind.REGISTER):
            streak = Streak(pages=streak.pages + 1, phrase=_phrase(route, op))
        elif not op.turned_away:
            streak = Streak()
        return Absence({**self.streaks, route: streak})

    @property
    def silent(self) -> int:
        """For how many calls in a row the most silent route has been so."""
        return max((streak.silent - streak.endured for streak in self.streaks.values()), default=0)

    @property
    def is_unusual(self) -> bool:
        """Whether calls that look hostile are among those that got no answer."""
        return any(streak.is_unusual for streak in self.streaks.values())

    def forgiven(self, most: int) -> Absence:
        """The same with no streak longer than that, and nothing unusual in them."""
        return Absence({route: Streak(min(each.silent, most), each.pages) for route, each in self.streaks.items()})

    def gave_no_answer(self) -> str:
        """A sentence about the most silent route, while others answered."""
        route, streak = max(self.streaks.items(), key=lambda pair: pair[1].silent - pair[1].endured)
        times = f"{streak.silent} times in a row ({streak.phrase})"
        return f"{route} was not answered {times}, while other calls were."

    def in_the_servers_place(self) -> str:
        """A sentence when something else answers ordinary calls of a route; empty when the server does."""
        text = (each for each in self.streaks.values() if each.pages >= MOST_PAGES)
        return next((f"{each.phrase} ({each.pages} ordinary calls in a row)." for each in text), "")


def _longer(streak: Streak, op: Operation, *, is_unusual: bool) -> Streak:
    failure = op.exchange.failure
    is_needed = op.is_room_call or op.kind is Kind.REGISTER or (failure is not None and failure.kind == "timeout")
    return replace(
        streak,
        silent=streak.silent + 1,
        endured=streak.endured + (not is_needed),
        is_unusual=streak.is_unusual or is_unusual,
        phrase=failure.word if failure else f"status {op.status}",
    )


def is_silent(op: Operation) -> bool:
    """Whether no whole answer came, or only a gateway's."""
    return op.status is None or op.status in GATEWAY or op.exchange.failure is not None


def got_no_answer(op: Operation) -> bool:
    """Whether nothing came of the API's own; an answer to HEAD or OPTIONS is one, whatever it says."""
    if op.is_aside and op.answer is Answer.UNKNOWN:
        return is_silent(op)
    return op.answer in (Answer.NOTHING, Answer.UNKNOWN)


def is_in_the_servers_place(op: Operation) -> bool:
    """Whether an ordinary call got a page that no Rocket.Chat makes, with a status that those in front choose."""
    if not op.is_page or op.turned_away or op.status is None or op.status in _OF_OTHERS or op.status >= SERVER_ERROR:
        return False
    response = op.exchange.response
    text = ((response.body if response else None) or "").lstrip()
    return (op.query is None or op.query.is_ordinary) and (op.status >= 300 or text.startswith("<"))


def _phrase(route: str, op: Operation) -> str:
    who = "A proxy" if op.status == _NOT_PASSED_ON else "A firewall"
    but = " and does not pass the call on" if op.status == _NOT_PASSED_ON else ""
    return f"{who} answers in the server's place{but}: {page_phrase(op)} to {route}"


def page_phrase(op: Operation) -> str:
    """Status and media type of a page."""
    response = op.exchange.response
    kind = response.media_type if response else "no media type"
    return f"status {op.status} with {kind[:40]}"
