"""Leaves the target as it was: rooms closed by id, looked for once more, then visitors deleted.

Only what this run made is touched. Whatever an answer claimed, a visitor's open room is asked for again, in the
configuration that the widget gets: so rooms turn up whose creation was never answered, or whose closing was not true.
That is also where a visitor shows who is said to be gone and is not. Each of these calls may be made twice, so one that
a gateway did not pass on is made again.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from rocketchat_contract.client.address import query_value
from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.calls import MOST_SENDINGS
from rocketchat_contract.client.client import Client, Purpose
from rocketchat_contract.client.outcome import shown_config
from rocketchat_contract.client.pipeline import CallStep, Pipeline, Story
from rocketchat_contract.client.resource_tracker import ResourceTracker
from rocketchat_contract.client.resources import Presence
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import LIMITED_STATUS, close_call, delete_call, registration_call
from rocketchat_contract.judge.answered import GATEWAY
from rocketchat_contract.judge.operation import Answer, Operation
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.rocketchat.own_visitors import NAME_LEAD
from rocketchat_contract.rocketchat.paths import CONFIG_PATH

FAILURES_TO_GIVE_UP = 6
TIMEOUTS_TO_GIVE_UP = 3
"""Calls in a row without an answer after which no more are tried; those that time out cost the most."""

UNTRIED = "not tried, as no deletion is answered"
"""Why a visitor is left whose deletion would have got no answer either."""

UNTRIED_CLOSING = "not tried, as no closing is answered"
"""Why a room is left whose closing would have got no answer either."""

LIMITER_REASON = "a limiter lets no more such calls through in time"
"""Why something is left for which the clean-up would have had to wait too long."""

OUT_OF_TIME = "the time for cleaning up was over"
"""Why something is left that the clean-up did not come to."""

AGAIN = f"{NAME_LEAD}, cleaning up"
"""The name of a visitor who is registered once more because a room may have outlived the deletion."""

_MOST_LOOKS = 2
"""How often a look is made that nobody answers: fewer than would speak of a target that is gone."""

MOST_ROUNDS = 3
"""How often a visitor's open room is closed and asked for again, and how often one is deleted whom answers deny."""

_Steps = Generator[CallStep, Operation, Operation]


class _TooLongError(Exception):
    """The limiter would keep a call back longer than the clean-up may take."""


@dataclass
class Silence:
    """How many calls in a row got no answer of the target's, and how many of them timed out."""

    calls: int = 0
    timeouts: int = 0

    def note(self, op: Operation) -> None:
        """Count a call."""
        failure = op.exchange.failure
        timed_out = failure is not None and failure.kind == "timeout"
        answered = _is_answered(op)
        self.calls = 0 if answered else self.calls + 1
        self.timeouts = 0 if answered else self.timeouts + timed_out

    @property
    def is_final(self) -> bool:
        """Whether more calls would most likely get no answer either."""
        return self.calls >= FAILURES_TO_GIVE_UP or self.timeouts >= TIMEOUTS_TO_GIVE_UP


@dataclass
class CleanUp:
    """Closes and deletes all that is left; gives up when the target is gone, and says what is left.

    ``looked`` tells of each visitor who was looked for whether no room was open any more. Something in front may drop
    ``closings``, ``deletions`` or ``looks`` alone: they are counted apart, and the others are made all the same.
    """

    client: Client
    tracker: ResourceTracker
    looked: dict[str, bool] = field(default_factory=dict)
    last_look: int = 0
    silence: Silence = field(default_factory=Silence)
    closings: Silence = field(default_factory=Silence)
    deletions: Silence = field(default_factory=Silence)
    looks: Silence = field(default_factory=Silence)
    _refused: set[str] = field(default_factory=set)

    def run(self) -> Ledger:
        """Visitor by visitor, so that the limits of the three routes run side by side; the unclear ones last."""
        self.client.failures = 0
        try:
            Pipeline(self.client, self._stories(), MOST_SENDINGS).run()
        except RunStoppedError:
            self._leave_the_rest(OUT_OF_TIME)
            raise
        return self.tracker.ledger()

    def _leave_the_rest(self, why: str) -> None:
        """Give what is left a reason, where its own answers give none."""
        resources = self.tracker.resources
        for name in resources.to_delete():
            if not resources.visitor(name).why:
                self.tracker.leave(name, why)

    @property
    def fact(self) -> Fact | None:
        """What asking again showed, with the last exchange that did; None when nothing had to be asked."""
        if not self.looked:
            return None
        value = f"no room open any more: {sum(self.looked.values())} of {len(self.looked)} visitors"
        return Fact("closing read back", value, self.last_look)

    @property
    def is_in_vain(self) -> bool:
        """Whether the target gives no answer any more."""
        return self.silence.is_final

    def _stories(self) -> Iterator[Story]:
        for name in sorted(self.tracker.resources.with_something(), key=self.tracker.doubtful.__contains__):
            if self.is_in_vain:
                break
            yield self._tidying(name)

    def _tidying(self, name: str) -> Story:
        """All that one visitor needs; where a limiter keeps one call back too long, the others get their turn."""
        try:
            yield from self._tidied(name)
        except _TooLongError:
            self.tracker.leave(name, LIMITER_REASON)

    def _tidied(self, name: str) -> Story:
        token = self.tracker.token_of(name)
        if self.tracker.resources.visitor(name).raced:
            why = "is there a room that outlived the deletion"
            yield from self._done(_step(registration_call(token, AGAIN), why, name))
        yield from self._close_rooms(name, token)
        if self.closings.is_final and self.tracker.resources.unexplained_rooms(name):
            self.tracker.leave(name, UNTRIED_CLOSING)
        if self.tracker.resources.is_to_delete(name) and not self._is_deleting_in_vain:
            yield from self._delete(name, token)
        elif self.tracker.resources.is_to_delete(name) and self.deletions.is_final:
            self.tracker.leave(name, UNTRIED)

    @property
    def _is_deleting_in_vain(self) -> bool:
        return self.is_in_vain or self.deletions.is_final

    def _close_rooms(self, name: str, token: str) -> Story:
        refused = set[str]()
        for _ in range(MOST_ROUNDS):
            for room in [room for room in self.tracker.resources.open_rooms(name) if room not in refused]:
                is_final = yield from self._close(name, token, room)
                refused |= {room} if is_final else set()
            if self.is_in_vain or not self.tracker.resources.visitor(name).own:
                break
            yield from self._look(name, token)
            if refused.issuperset(self.tracker.resources.open_rooms(name)):
                break

    def _close(self, name: str, token: str, room: str) -> Generator[CallStep, Operation, bool]:
        """Close a room; whether asking again would change nothing."""
        if self.closings.is_final:
            return True
        closing = yield from self._done(_step(close_call(token, room), "close", name), self.closings)
        is_refused = closing.answer is Answer.REFUSED and not self.tracker.resources.contradictory
        return is_refused or self.closings.is_final

    def _delete(self, name: str, token: str) -> Story:
        """Delete a visitor; one who is said not to be there, although it was registered, is looked for."""
        for _ in range(MOST_ROUNDS):
            yield from self._done(_step(delete_call(token), "delete", name), self.deletions)
            if self._is_deleting_in_vain or not self._may_be_there_still(name):
                break
            yield from self._look(name, token)
            if not self.tracker.resources.is_to_delete(name):
                break

    def _may_be_there_still(self, name: str) -> bool:
        return self.tracker.resources.presence(name) is Presence.UNCONFIRMED

    def _done(self, step: CallStep, silence: Silence | None = None, tries: int = MOST_SENDINGS) -> _Steps:
        """A call that may be made twice, made again when nobody answered it, or a gateway in the server's place.

        ``silence`` is that of its kind; any answer shows that the target is there.
        """
        for _ in range(tries):
            self.client.waiter.check()
            if not self.client.is_in_time(step[0]):
                raise _TooLongError
            op = yield step
            self._hear(op, silence)
            is_done = _is_answered(op) and not self._deserves_another(op)
            if is_done or (silence or self.silence).is_final or self.is_in_vain:
                break
        return op

    def _deserves_another(self, op: Operation) -> bool:
        """Whether something in front refused a call, for the first time in a row of its kind."""
        was_refused = op.kind in self._refused
        if op.is_page:
            self._refused.add(op.kind)
        else:
            self._refused.discard(op.kind)
        return op.is_page and not was_refused

    def _hear(self, op: Operation, silence: Silence | None) -> None:
        if silence is not None:
            silence.note(op)
        if _is_answered(op) or silence is None or silence is self.looks:
            self.silence.note(op)
        if _is_answered(op) and op.status != LIMITED_STATUS:
            self.client.waiter.earn()

    def _look(self, name: str, token: str) -> Story:
        """Look for the visitor and its open room; what shows is in the ledger from then on."""
        if self.looks.is_final:
            return
        look = Call("GET", f"{CONFIG_PATH}?token={query_value(token)}")
        op = yield from self._done(_step(look, "look for an open room", name), self.looks, _MOST_LOOKS)
        if shown_config(op) is not None:
            self.last_look = op.number
            self.looked[name] = not self.tracker.resources.open_rooms(name)


def _is_answered(op: Operation) -> bool:
    return op.status is not None and op.status not in GATEWAY


def _step(call: Call, why: str, name: str) -> CallStep:
    return call, Purpose("cleanup", why, name, free=True)
