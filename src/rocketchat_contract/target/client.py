"""Sends calls for a driver: paced, counted against the budget, masked, recorded."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from rocketchat_contract.judge.operation import ROOM_PATH, VISITOR_PATH, Operation
from rocketchat_contract.record.exchange import Exchange, Failure, Request, Response
from rocketchat_contract.record.mask import Mask
from rocketchat_contract.target.pacer import Pacer
from rocketchat_contract.target.recorder import Recorder
from rocketchat_contract.target.transport import Call, Connection, Reply, Transport, failure_of, put, receive

FAILURES_IN_A_ROW = 5
"""Calls without any answer after which the target counts as gone."""

MOST_RETRIES = 3
"""How often a call that the limiter turned away is sent again: it is known not to have taken effect."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Who sends a call, what for, and for which visitor (its name), as the record keeps it."""

    driver: str
    why: str
    visitor: str | None = None


class RunStoppedError(BaseException):
    """The run cannot or may not go on; its text is the sentence that the report shows.

    Like ``KeyboardInterrupt`` it is no ``Exception``, so that nothing between here and the run takes it for a
    failing example and tries it again.
    """


class BudgetSpentError(RunStoppedError):
    """The run reached the wall of its budget; what was not judged for it is listed in the report."""


@dataclass
class Budget:
    """The most that a run may cost; a hard wall, whatever the drivers want."""

    room_calls: int
    visitors: int
    spent_room_calls: int = 0
    spent_visitors: int = 0

    def spend(self, *calls: Call) -> None:
        """Count calls; raises ``BudgetSpentError``, and counts none, when they would cost more than there is."""
        paths = [call.target.partition("?")[0] for call in calls]
        rooms = self.spent_room_calls + paths.count(ROOM_PATH)
        visitors = self.spent_visitors + paths.count(VISITOR_PATH)
        if rooms > self.room_calls:
            raise BudgetSpentError(f"The budget of {self.room_calls} room calls is spent.")
        if visitors > self.visitors:
            raise BudgetSpentError(f"The budget of {self.visitors} visitors is spent.")
        self.spent_room_calls, self.spent_visitors = rooms, visitors


@dataclass
class Client:
    """The one way from drivers to the target; safe to use from several threads."""

    transport: Transport
    recorder: Recorder
    mask: Mask
    pacer: Pacer
    budget: Budget
    sent: Callable[[Operation], None] = lambda _: None
    _failures: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, call: Call, purpose: Purpose, *, free: bool = False) -> Operation:
        """Send one call and record it; a call that the limiter turned away is sent again after its wait.

        ``free`` calls tidy up or look at facts: they are paced, but cost no budget.
        """
        for _ in range(MOST_RETRIES):
            operation = self._send_once(call, purpose, free=free)
            if operation.status != 429:
                break
        return operation

    def volley(self, calls: Sequence[Call], purpose: Purpose) -> list[Operation]:
        """Send calls so that their last bytes leave together, each on its own warm connection."""
        self._check_alive()
        self.budget.spend(*calls)
        for route in sorted({route_of(call) for call in calls}):
            self.pacer.before(route, sum(route_of(call) == route for call in calls))
        return _Volley(self, purpose).fire(calls)

    def keep(self, number: int, call: Call, reply: Reply, purpose: Purpose) -> Operation:
        """Mask and record what happened to a call."""
        self._learn(call, reply)
        operation = self.recorder.record(exchange_of(number, call, reply, self.mask, purpose))
        self.sent(operation)
        return operation

    def _send_once(self, call: Call, purpose: Purpose, *, free: bool) -> Operation:
        if not free:
            self._check_alive()
            self.budget.spend(call)
        self.pacer.before(route_of(call))
        number, started = self.recorder.begin()
        try:
            reply = self.transport.send(call, started)
        except BaseException:
            self.keep(number, call, self._stopped(started), purpose)
            raise
        return self.keep(number, call, reply, purpose)

    def _stopped(self, started: int) -> Reply:
        """What is known of a call during which the run was stopped: it may have taken effect."""
        self.transport.close()
        return Reply(started, self.transport.options.clock(), failure=Failure("stopped", True, "the run was stopped"))  # noqa: FBT003

    def _check_alive(self) -> None:
        if self._failures >= FAILURES_IN_A_ROW:
            raise RunStoppedError(f"The target gave no answer {self._failures} times in a row.")

    def _learn(self, call: Call, reply: Reply) -> None:
        self.pacer.after(route_of(call), reply)
        with self._lock:
            self._failures = self._failures + 1 if reply.status is None else 0
        if route_of(call) == f"POST {VISITOR_PATH}" and reply.status == 200:
            token = registered_token(reply)
            if token:
                self.mask.add_token(token)


def registered_token(reply: Reply) -> str | None:
    """The token that the server gave the visitor: it may be another than the one sent."""
    try:
        visitor = json.loads(reply.body)["visitor"]
        token = visitor["token"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return token if isinstance(token, str) else None


def route_of(call: Call) -> str:
    """The limiter's key: method and path, a token in the path left out."""
    path = call.target.partition("?")[0]
    if path.startswith(VISITOR_PATH + "/"):
        path = VISITOR_PATH + "/:token"
    return f"{call.method} {path}"


def exchange_of(number: int, call: Call, reply: Reply, mask: Mask, purpose: Purpose) -> Exchange:
    """The exchange as it is kept: every secret replaced by its name."""
    body = None if call.body is None else mask.text(call.body.decode())
    request_headers = (("Accept-Encoding", "identity"), *mask.headers(call.headers))
    request = Request(call.method, mask.text(call.target), request_headers, body)
    return Exchange(
        number=number,
        driver=purpose.driver,
        why=purpose.why,
        visitor=purpose.visitor,
        started=reply.started,
        ended=reply.ended,
        request=request,
        response=None if reply.status is None else _response(reply, reply.status, mask),
        failure=reply.failure,
    )


def _response(reply: Reply, status: int, mask: Mask) -> Response:
    try:
        body, raw = mask.text(reply.body.decode()), b""
    except UnicodeDecodeError:
        body, raw = None, mask.bytes(reply.body)
    return Response(status, mask.headers(reply.headers), body, raw, len(reply.body), reply.complete)


class _Volley:
    """Last-byte synchronisation: connections warm, requests sent but for a byte, then all last bytes at once."""

    def __init__(self, client: Client, purpose: Purpose) -> None:
        self._client = client
        self._purpose = purpose

    def fire(self, calls: Sequence[Call]) -> list[Operation]:
        loaded = [(call, self._load(call)) for call in calls]
        begun = [self._client.recorder.begin() for _ in calls]
        for _, connection in loaded:
            if isinstance(connection, Connection):
                connection.release()
        replies: list[Reply | None] = [None] * len(calls)
        threads = [
            threading.Thread(target=self._collect, args=(replies, n, connection, begun[n][1]))
            for n, (call, connection) in enumerate(loaded)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [
            self._client.keep(number, call, reply, self._purpose)
            for (number, _), (call, _), reply in zip(begun, loaded, replies, strict=True)
            if reply is not None
        ]

    def _load(self, call: Call) -> Connection | Reply:
        transport = self._client.transport
        clock = transport.options.clock
        try:
            connection = transport.open()
            connection.holds = True
            put(connection, call, transport.options)
            connection.send_all_but_one()
        except OSError as error:
            return Reply(clock(), clock(), failure=failure_of(error, sent=False))
        return connection

    def _collect(self, replies: list[Reply | None], n: int, connection: Connection | Reply, started: int) -> None:
        if isinstance(connection, Reply):
            replies[n] = connection
            return
        replies[n] = receive(connection, started, self._client.transport.options)
        connection.close()
