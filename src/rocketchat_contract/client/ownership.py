"""Whose a visitor is, this run's or somebody's who may have been there before, and what surely is new."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime

from rocketchat_contract.client.limits import date_of
from rocketchat_contract.judge.operation import Operation, member, sent_of

SLACK = 10
"""Seconds by which what is new may seem to be older than the answer before: a server's clocks differ."""


@dataclass
class Ownership:
    """Visitors go by their tokens.

    ``mark`` stands in the tokens that this run makes up, ``made_up`` holds those in which it cannot. ``foreign`` holds
    tokens that are not this run's: a generated one may be that of a real visitor. ``strangers`` are those of somebody
    else, or of nobody, for whom an answer showed a new room, with the number of that call.
    """

    mark: str = ""
    made_up: set[str] = field(default_factory=set)
    foreign: set[str] = field(default_factory=set)
    strangers: dict[str, int] = field(default_factory=dict)
    _asked_as: dict[str, str] = field(default_factory=dict)
    _date: str = ""
    _time: float = 0.0

    def is_made_up(self, token: str) -> bool:
        """Whether this run made a token up, and nobody turned out to have had it before."""
        return (self.mark in token.lower() or token in self.made_up) and token not in self.foreign

    def is_own(self, token: str, *, is_registered: bool) -> bool:
        """Whether a visitor is this run's: registered by it, or with a token that it made up; remembers others."""
        is_own = is_registered or self.is_made_up(token)
        if not is_own:
            self.foreign.add(token)
        return is_own

    def is_somebody_else(self, op: Operation, token: str, *, is_registered: bool) -> bool:
        """Whether a registration's answer, under another token than the one sent, shows one who was there before.

        That is who goes by another name or came earlier, and who was the answer to another token already. One of this
        run's own is nobody else: to a server that keeps tokens in one form, two of its tokens may be the same.
        """
        sent, came = member(sent_of(op.exchange.request), "visitor"), member(op.body, "visitor")
        first = self._asked_as.setdefault(token, str(sent.get("token")))
        if token == sent.get("token") or (token == first and self.is_made_up(token)):
            return False
        is_named = came.get("name") == sent.get("name") or (came.get("name") is None and "ts" in came)
        is_early = not is_registered and "ts" in came and not self.is_new(came["ts"])
        return first != sent.get("token") or not is_named or is_early

    def is_new(self, ts: object) -> bool:
        """Whether something surely was not there before, by the server's clock, or by ours when it shows none."""
        made = _moment(ts)
        return made is not None and made >= (self._time or time.time()) - SLACK

    def learn_time(self, op: Operation) -> None:
        """Take note of the time at the server."""
        response = op.exchange.response
        date = (response.header("date") or "") if response is not None else ""
        if date and date != self._date:
            self._date = date
            self._time = max(self._time, date_of(date) or 0.0)


def _moment(text: object) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
