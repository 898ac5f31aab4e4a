"""Sends calls for a driver: noted down, paced, counted against the budget, masked, recorded."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count

from rocketchat_contract.client.absence import Absence, got_no_answer, is_silent
from rocketchat_contract.client.budget import Budget, RunStoppedError
from rocketchat_contract.client.calls import (
    MOST_TRIES_LIMITED,
    is_ordinary,
    is_unexplained,
    may_be_blocked,
    may_be_repeated,
    most_tries,
    registered_token,
    route_of,
    tokens_of_call,
    with_harmless_values,
)
from rocketchat_contract.client.last_byte import LastByteBurst
from rocketchat_contract.client.limits import is_limited
from rocketchat_contract.client.outcome import token_of
from rocketchat_contract.client.pacer import Pacer
from rocketchat_contract.client.recorder import Recorder, without_body
from rocketchat_contract.client.resource_tracker import ResourceTracker
from rocketchat_contract.client.transport import STOPPED, Call, Reply, Transport
from rocketchat_contract.client.waiter import Waiter
from rocketchat_contract.judge.operation import Answer, Operation, read
from rocketchat_contract.record.exchange import RARE_SIGNS, Exchange, Failure, Headers, Request, Response
from rocketchat_contract.record.ordinary import hides_unusual
from rocketchat_contract.record.redactor import Mask
from rocketchat_contract.rocketchat.paths import ROOM_PATH

MOST_STRANGERS = 2_000
"""Tokens of others, shown by answers, that get a name each; more are hidden where they stand, without one."""

_PATIENCE_AGAIN = 5
"""How many times as long the calls of a burst are held back that is fired again."""

BLOCKS_TO_BELIEVE = 2
"""How often a hostile call that was turned away is asked with harmless values, before it is believed of the next."""

_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
"""Seconds before the next call when the target stumbled twice in a row, doubled with each further time."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Who sends a call, what for, and for which visitor (its name), as the record keeps it.

    ``free`` calls tidy up or look at facts: they are paced, but cost no budget. ``private`` ones are answered with
    other people's data, of which the record keeps the size only. What is asked ``again`` is paid from the reserve.
    """

    driver: str
    why: str
    visitor: str | None = None
    free: bool = False
    private: bool = False
    again: bool = False


@dataclass(slots=True)
class UnderWay:
    """A call that has left, or is about to."""

    number: int
    started: int
    call: Call
    purpose: Purpose
    transport: Transport
    arrive: Callable[[], Reply] = field(init=False)


@dataclass
class Client:
    """The one way from drivers to the target. ``usual_headers`` go with every call and are masked already.

    ``failures`` is how many calls in a row got no answer, ``lost`` how many of the drivers' got none of the API's own.
    ``blocks`` is how many hostile calls were turned away where the same with harmless values was answered.
    ``narrowed`` is the fewest calls of a burst that the limiter let leave together, and of how many. ``short_bursts``
    counts those that did not come whole, or did not overlap, and may be fired again. ``shown`` are the header fields of
    the last answer with a room. ``turned_away`` is the most calls of one burst that were. ``deletion_takes`` is how
    many seconds after its answer a deletion was seen to take effect.
    """

    transport: Transport
    recorder: Recorder
    mask: Mask
    pacer: Pacer
    budget: Budget
    tracker: ResourceTracker
    waiter: Waiter
    give_up_after: int = 8
    usual_headers: Headers = ()
    is_authorized: bool = False
    failures: int = 0
    lost: int = 0
    blocks: int = 0
    narrowed: tuple[int, int] | None = None
    turned_away: int = 0
    short_bursts: int = 0
    deletion_takes: float = 0.0
    shown: Headers = ()
    absence: Absence = field(default_factory=Absence)
    _strangers: int = 0
    _beside: Transport | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, call: Call, purpose: Purpose) -> Operation:
        """Send one call and record it; sent again, and recorded again, only when it is known to have had no effect."""
        return self.ask(call, purpose)[0]

    def ask(self, call: Call, purpose: Purpose) -> tuple[Operation, Reply]:
        """Like ``send``, with the answer as it came: for what the record may not show."""
        for tries in count(1):
            operation, reply = self.arrive(self.depart(call, purpose, self.transport))
            if self._is_blocked(call, reply, purpose) or not may_be_repeated(call, reply):
                break
            if tries == most_tries(reply):
                self._give_up_on_limiter(reply, purpose)
                break
            purpose = replace(purpose, again=True)
        return operation, reply

    def _is_blocked(self, call: Call, reply: Reply, purpose: Purpose) -> bool:
        """Whether a call was turned away for what it says: the same with harmless values is answered."""
        if not may_be_blocked(call, reply):
            return False
        if self.blocks < BLOCKS_TO_BELIEVE and self.budget.can_ask_again(1):
            again = replace(purpose, why=f"{purpose.why}, with harmless values", again=True)
            answered = self.ask(with_harmless_values(call), again)[0]
            self.blocks += not is_silent(answered) and not answered.turned_away
        return self.blocks > 0

    def _give_up_on_limiter(self, reply: Reply, purpose: Purpose) -> None:
        """A limiter that lets nothing through, however long the wait, ends the run."""
        if is_limited(reply) and not purpose.free:
            raise RunStoppedError(f"A limiter turned the same call away {MOST_TRIES_LIMITED} times.")

    def volley(self, calls: Sequence[Call], purpose: Purpose) -> list[Operation]:
        """Send calls so that their last bytes leave together, each on its own warm connection.

        No more of one route than the limiter ever allows at once: the rest is left out.
        """
        wanted, calls = len(calls), list(self._fitting(calls))
        if len(calls) < wanted:
            now = (len(calls), wanted)
            self.narrowed = min(self.narrowed or now, now, key=lambda pair: (pair[0], -pair[1]))
        self._await_turn(calls, purpose)
        volley = LastByteBurst(self.transport)
        begun: list[int] = []

        def begin() -> int:
            number, started = self.recorder.begin()
            begun.append(number)
            return started

        try:
            volley.load(calls, _PATIENCE_AGAIN if self.budget.is_asking_again else 1)
            volley.fire(begin)
            volley.collect()
        finally:
            volley.close()
            parts = zip(begun, calls, volley.replies(), strict=False)
            kept = [self._keep(number, call, reply, purpose) for number, call, reply in parts]
        return kept

    def depart(
        self, call: Call, purpose: Purpose, transport: Transport, idle: Callable[[], None] = lambda: None
    ) -> UnderWay:
        """Send a call over a connection of the caller's choice; ``idle`` is done before a wait for the limiter."""
        self._await_turn([call], purpose, idle)
        under_way = UnderWay(*self.recorder.begin(), call, purpose, transport)
        with self._kept_when_stopped(under_way):
            under_way.arrive = transport.depart(call, under_way.started)
        return under_way

    def arrive(self, under_way: UnderWay) -> tuple[Operation, Reply]:
        """Read the answer of a call that has left, and record it."""
        with self._kept_when_stopped(under_way):
            reply = under_way.arrive()
        return self._keep(under_way.number, under_way.call, reply, under_way.purpose), reply

    def is_in_time(self, call: Call) -> bool:
        """Whether the limiter lets a call through before the time is over."""
        return self.waiter.allows(self.pacer.seconds_until(route_of(call)))

    def second(self) -> Transport:
        """A connection beside the usual one; it is kept until ``close``."""
        if self._beside is None:
            self._beside = self.transport.another()
        return self._beside

    def close(self) -> None:
        """Let go of this thread's connections."""
        self.transport.close()
        if self._beside is not None:
            self._beside.close()
            self._beside = None

    def authorize(self, headers: Headers) -> None:
        """Send credentials with every call from now on: they lift the limiter."""
        options = self.transport.options
        self.close()
        self.transport = Transport(replace(options, headers=(*options.headers, *headers)))
        self.usual_headers += self.mask.headers(headers)
        self.is_authorized = True
        self.pacer.forget()

    def _fitting(self, calls: Sequence[Call]) -> Iterator[Call]:
        taken: Counter[str] = Counter()
        for call in calls:
            taken[route_of(call)] += 1
            if taken[route_of(call)] <= self.pacer.most_together(route_of(call), len(calls)):
                yield call

    @contextmanager
    def _kept_when_stopped(self, under_way: UnderWay) -> Iterator[None]:
        """Whatever ends the wait, the record keeps that the call left."""
        try:
            yield
        except BaseException:
            under_way.transport.close()
            reply = Reply(under_way.started, self.transport.options.clock(), failure=STOPPED)
            self._keep(under_way.number, under_way.call, reply, under_way.purpose)
            raise

    def _await_turn(self, calls: Sequence[Call], purpose: Purpose, idle: Callable[[], None] = lambda: None) -> None:
        self.waiter.check()
        if not purpose.free:
            if self.recorder.problem:
                raise RunStoppedError(self.recorder.problem)
            self._give_up_or_go_on(purpose.driver)
            self.budget.spend(purpose.driver, *calls, again=purpose.again)
        if self.failures > 1:
            idle()
            self.waiter.wait(min(_PAUSE * 2 ** (self.failures - 2), _LONGEST_PAUSE))
        for route in sorted({route_of(call) for call in calls}):
            together = sum(route_of(call) == route for call in calls)
            while seconds := self.pacer.reserve(route, together):
                idle()
                if not purpose.free:
                    self.budget.afford_wait(purpose.driver, seconds, calls)
                self.waiter.wait(seconds)
        for call in calls:
            self.tracker.before(call)

    def _give_up_or_go_on(self, driver: str) -> None:
        """Something in front may drop calls that look hostile: one ordinary call decides whether the target is gone."""
        in_place = self.absence.in_the_servers_place()
        if in_place:
            raise RunStoppedError(in_place)
        if self._silent >= self.give_up_after and self.absence.is_unusual:
            self.absence, self.failures = self.absence.forgiven(self.give_up_after - 1), self.give_up_after - 1
            self.send(Call("GET", ROOM_PATH), Purpose(driver, "does the target still answer", again=True))
        if self._silent >= self.give_up_after:
            in_all = f"The target gave no answer {self.failures} times in a row."
            raise RunStoppedError(in_all if self.failures >= self.give_up_after else self.absence.gave_no_answer())

    @property
    def _silent(self) -> int:
        """How often in a row no answer came, of any call or of those of one route."""
        return max(self.failures, self.absence.silent)

    def _count_failure(self, call: Call, op: Operation) -> None:
        with self._lock:
            self.failures = self.failures + 1 if is_silent(op) else 0
            self.absence = self.absence.after(route_of(call), op, ordinary=is_ordinary(call))

    def _keep(self, number: int, call: Call, reply: Reply, purpose: Purpose) -> Operation:
        """Record what happened to a call, with its secrets masked; whatever goes wrong there, the ledger has it too."""
        exchange = exchange_of(number, call, reply, purpose)
        plain = self._plainly_read(exchange)
        try:
            with self.recorder.guarded(f"reading the limits in exchange {number}"):
                if is_ordinary(call) or not is_unexplained(reply):
                    self.pacer.learn(route_of(call), reply)
            self._count_failure(call, plain)
            self._learn_shown(plain, reply)
            return self.recorder.record(self._masked(exchange, call, reply, purpose))
        finally:
            with self.recorder.guarded(f"the ledger, exchange {number}"):
                self.lost += not purpose.free and got_no_answer(plain)
                self.tracker.note(plain)
            if not purpose.free:
                self.budget.arrived(call, was_sent=reply.failure is None or reply.failure.sent)

    def _learn_shown(self, op: Operation, reply: Reply) -> None:
        """What a browser keeps of an answer, and the ids in it that are no secrets."""
        if op.room is None or op.answer is not Answer.OK:
            return
        self.shown = reply.headers
        visitor = op.document.get("v")
        of_visitor = visitor.get("_id") if isinstance(visitor, dict) else None
        for known in (op.room, of_visitor, op.document.get("fname")):
            if isinstance(known, str):
                self.mask.show(known)

    def _masked(self, exchange: Exchange, call: Call, reply: Reply, purpose: Purpose) -> Exchange:
        """The exchange as it is kept; when its secrets cannot be replaced, nothing of its answer is."""
        with self.recorder.guarded(f"masking exchange {exchange.number}"):
            self._hide_tokens(call, reply)
            return masked(exchange, self.mask, self.usual_headers, is_private=purpose.private)
        request = Request(call.method, route_of(call).partition(" ")[2])
        with suppress(Exception):
            request = masked(replace(exchange, response=None), self.mask, self.usual_headers).request
        return replace(exchange, request=request, response=None, failure=UNMASKED)

    def _plainly_read(self, exchange: Exchange) -> Operation:
        """What a call did, read off its answer as it came; off its status when more cannot be read."""
        with self.recorder.guarded(f"reading exchange {exchange.number}"):
            return read(exchange)
        return read(without_body(exchange))

    def _hide_tokens(self, call: Call, reply: Reply) -> None:
        """Tokens in an answer that nobody asked for may be those of real visitors: whoever has one is that visitor."""
        token = registered_token(call, reply)
        if token is not None:
            self.mask.add_token(token)
        asked = token_of(call)
        for other in tokens_of_call(reply):
            if other == asked or self.mask.knows(other):
                continue
            self._strangers += 1
            if self._strangers > MOST_STRANGERS:
                self.mask.hide_unknown_tokens()
                break
            self.mask.add_token(other)


UNMASKED = Failure("malformed", sent=True, detail="an answer came, in which secrets could not be masked")
"""Stands in the record for an answer that may not be kept."""


def exchange_of(number: int, call: Call, reply: Reply, purpose: Purpose) -> Exchange:
    """The exchange as it was, with every secret in it; it never leaves the process."""
    body = None if call.body is None else call.body.decode()
    return Exchange(
        number=number,
        driver=purpose.driver,
        why=purpose.why,
        visitor=purpose.visitor,
        started=reply.started,
        ended=reply.ended,
        request=Request(call.method, call.target, call.headers, body),
        response=None if reply.status is None else _response(reply, reply.status),
        failure=reply.failure,
        released=reply.released,
        answered=reply.answered,
    )


def _response(reply: Reply, status: int) -> Response:
    raw, body = (reply.body, None) if reply.undecoded else _text_or_bytes(reply.body)
    more = {name: getattr(reply, name) for name in RARE_SIGNS}
    return Response(status, reply.headers, body, raw, len(reply.body), reply.complete, **more)


def _text_or_bytes(content: bytes) -> tuple[bytes, str | None]:
    try:
        return b"", content.decode()
    except UnicodeDecodeError:
        return content, None


def masked(exchange: Exchange, mask: Mask, usual_headers: Headers = (), *, is_private: bool = False) -> Exchange:
    """The exchange as it is kept: every secret replaced by its name; ``usual_headers`` are masked already."""
    asked, came = exchange.request, exchange.response
    headers = (("Accept-Encoding", "identity"), *usual_headers, *mask.headers(asked.headers))
    body = None if asked.body is None else mask.text(asked.body)
    target = mask.text(asked.target)
    request = Request(asked.method, target, headers, body, hides_unusual(asked.target, target))
    response = None if came is None else _masked_response(came, mask, is_private=is_private)
    failure = exchange.failure and replace(exchange.failure, detail=mask.answer(exchange.failure.detail))
    return replace(exchange, request=request, response=response, failure=failure)


def _masked_response(response: Response, mask: Mask, *, is_private: bool) -> Response:
    headers = mask.headers(response.headers)
    if is_private:
        return replace(response, headers=headers, body='"Not kept: it may hold other people\'s data."', raw=b"")
    body = None if response.body is None else mask.answer(response.body)
    raw = mask.bytes(response.raw) if response.raw else b""
    return replace(response, headers=headers, body=body, raw=raw)
