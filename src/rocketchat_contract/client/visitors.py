"""What a driver can do: live visitors' lives on the target."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from rocketchat_contract.client.absence import is_in_the_servers_place, page_phrase
from rocketchat_contract.client.address import path_segment, query_value
from rocketchat_contract.client.budget import RunStoppedError
from rocketchat_contract.client.calls import registered_token
from rocketchat_contract.client.client import Client, Purpose
from rocketchat_contract.client.outcome import failure_reason
from rocketchat_contract.client.pipeline import Pipeline, single
from rocketchat_contract.client.transport import Call, Transport
from rocketchat_contract.client.values import NEVER_SENT
from rocketchat_contract.judge.answered import GATEWAY
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.record.exchange import Headers
from rocketchat_contract.record.redactor import Alias, Token
from rocketchat_contract.rocketchat.own_visitors import NAME_LEAD, TOKEN_LEAD
from rocketchat_contract.rocketchat.paths import CLOSE_PATH, MESSAGE_PATH, ROOM_PATH, VISITOR_PATH

_MOST_TRIES = 3

LIMITED_STATUS = 429
"""The limiter's answer: the client has waited and sent the call again by then."""

DELETION_PAUSES = (0.5, 2.0, 6.0)
"""Seconds after which a visitor who was deleted, and was answered with a room all the same, is asked for again."""

WIDGET_COOKIES = (("Cookie", "rc_room_type=l; rc_is_widget=t"),)

SOMEBODY = (
    "A registration was answered with a visitor who was there before this run, or whom several share; "
    "nothing of theirs is touched."
)

_OWN_LETTERS = 20
"""Letters of a token behind the mark of its run."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RunVisitor:
    """A visitor of this run: the token that the server knows it by, and the name it goes by in reports."""

    token: Token = field(repr=False)
    name: Alias


@dataclass
class Actor:
    """Acts for visitors on behalf of one driver; every method is an exchange, recorded and judged.

    One that ``asks_again`` makes a call once more when no answer of the server's own came, while the reserve lasts.
    Only where it ``races_deletions`` do other calls leave together with a deletion.
    """

    client: Client
    run: str
    driver: str
    asks_again: bool = False
    races_deletions: bool = False
    random: Callable[[str], str] = field(default=secrets.choice)

    def stranger(self, end: str = "") -> RunVisitor:
        """A visitor with a fresh token that the server does not know, and that ends so; sends nothing."""
        return self.visitor(self._token() + end)

    def long_stranger(self, twin: RunVisitor | None = None) -> RunVisitor:
        """A stranger whose token has 70 letters and repeats itself, so that its first half is its end too.

        That of a ``twin`` differs in its case alone, but for the mark of the run.
        """
        token = self._token() if twin is None else self._lead + twin.token[len(self._lead) :][:_OWN_LETTERS].swapcase()
        return self.visitor((token * 3)[:70])

    @property
    def _lead(self) -> str:
        return f"{TOKEN_LEAD}{self.client.mask.mark}"

    def _token(self) -> str:
        return self._lead + "".join(self.random(_ALPHABET) for _ in range(_OWN_LETTERS))

    def visitor(self, token: str) -> RunVisitor:
        """The visitor with this token, made up for this run and a secret from now on; sends nothing."""
        self.client.tracker.owners.made_up.add(token)
        name = self.client.mask.add_token(token)
        return RunVisitor(Token(token), name)

    def register(self, visitor: RunVisitor | None = None) -> RunVisitor:
        """Register a visitor, by default a fresh one; goes on with the token that the server answers.

        Without a clear answer a fresh visitor is tried again, another one: nobody knows what became of the first.
        """
        if self.client.budget.takes_deletion_to_try():
            self._try_deletion()
        for _ in range(_MOST_TRIES):
            asked = visitor or self.stranger()
            op, answered = self._register(asked)
            if answered is not None:
                return answered
            if op.answer is Answer.REFUSED:
                break
        raise RunStoppedError(f"A visitor could not be registered: {_said(op)}.")

    def _try_deletion(self) -> None:
        """See with a visitor of its own whether visitors can be deleted, before many are made."""
        visitor = self._register(self.stranger())[1]
        if visitor is not None:
            self.delete(visitor)

    def registered(self, asked: RunVisitor, **more: object) -> RunVisitor | None:
        """Register a visitor whom not every server takes; None when this one does not. ``more`` as in registration."""
        return self._register(asked, **more)[1]

    def _register(self, asked: RunVisitor, **more: object) -> tuple[Operation, RunVisitor | None]:
        """The visitor whom the server registered, who may go by another token than the one sent; None for nobody."""
        call = self.registration(asked, **more)
        op, reply = self.client.ask(call, Purpose(self.driver, "register", asked.name))
        token = registered_token(call, reply) or asked.token
        if op.answer is not Answer.OK:
            return op, None
        if token in self.client.tracker.owners.foreign:
            raise RunStoppedError(SOMEBODY)
        return op, asked if token == asked.token else RunVisitor(
            Token(token), Alias(self.client.tracker.name_of(token))
        )

    def registration(self, visitor: RunVisitor, **more: object) -> Call:
        """The call that registers a visitor, by a name with the run's id that no other visitor has.

        The name is not ASCII, so that every room shows how the server encodes it; ``more`` are members such as
        department.
        """
        return registration_call(visitor.token, **{"name": self.name_of(visitor), **more})

    def address_of(self, visitor: RunVisitor) -> str:
        """An e-mail address that is this visitor's, and that nothing reaches."""
        return f"{self.run}-{visitor.name.rpartition('_')[2]}@contract-suite.invalid".lower()

    def name_of(self, visitor: RunVisitor) -> str:
        """The name by which a visitor is registered."""
        return f"{NAME_LEAD} {self.run} Zoë {visitor.name.rpartition('_')[2]}"

    def get_or_create(self, visitor: RunVisitor, why: str = "get or create", **more: str) -> Operation:
        """The room of a visitor; ``more`` are further parameters such as agentId."""
        return self.room([("token", visitor.token), *more.items()], why, visitor)

    def by_rid(self, visitor: RunVisitor, rid: str, why: str = "by rid", **more: str) -> Operation:
        """The room of a visitor, asked for by its id."""
        return self.room([("token", visitor.token), ("rid", rid), *more.items()], why, visitor)

    def room(self, pairs: Pairs, why: str, visitor: RunVisitor | None = None) -> Operation:
        """A room call with any parameters, percent-encoded."""
        return self.send(room_call(pairs), why, visitor)

    def from_the_same_browser(self, visitor: RunVisitor, why: str, **more: str) -> Operation:
        """The room of a visitor, with the cookies and the validator of the last answer, whosesoever it was."""
        call = room_call([("token", visitor.token), *more.items()])
        return self.send(replace(call, headers=kept_by_a_browser(self.client.shown)), why, visitor)

    def aside(self, method: str, visitor: RunVisitor, why: str) -> Operation:
        """HEAD or OPTIONS in the place of a visitor's room call."""
        return self.send(replace(room_call([("token", visitor.token)]), method=method), why, visitor)

    def message(self, visitor: RunVisitor, rid: str, text: str) -> Operation:
        """Send a visitor's message into a room."""
        return self.send(message_call(visitor.token, rid, text), "message", visitor)

    def close(self, visitor: RunVisitor, rid: str) -> Operation:
        """Close a room as its visitor."""
        return self.send(close_call(visitor.token, rid), "close", visitor)

    def delete(self, visitor: RunVisitor) -> Operation:
        """Delete a visitor, which erases its rooms; where deletions take their time, that long is waited."""
        op = self.send(delete_call(visitor.token), "delete", visitor)
        self.client.waiter.wait(self.client.deletion_takes)
        return op

    def ask_after_deletion(self, visitor: RunVisitor, why: str = "token of a deleted visitor") -> None:
        """Ask for the room of a visitor who was deleted, again after a while where the deletion is not done yet."""
        op, waited = self.get_or_create(visitor, why), 0.0
        for seconds in DELETION_PAUSES:
            if op.answer is Answer.OK:
                self.client.waiter.wait(seconds)
                waited += seconds
                op = self.get_or_create(visitor, f"{why}, some seconds later")
        if op.answer is Answer.REFUSED:
            self.client.deletion_takes = max(self.client.deletion_takes, waited)

    def afford(self, calls: int, visitors: int = 1, *, rooms: int | None = None) -> None:
        """Raise ``BudgetSpentError`` when so many room calls and registrations are too many, before any is sent.

        ``rooms`` is how many of the calls leave together, so that each may make a room.
        """
        self.client.budget.afford(self.driver, calls, visitors, rooms=rooms)

    def may_refire(self, calls: int, visitors: int = 1) -> bool:
        """Whether the reserve holds so much; no burst is refired in a round that is one already."""
        budget = self.client.budget
        return self.asks_again and not budget.is_asking_again and budget.can_ask_again(calls, visitors)

    @contextmanager
    def asking_again(self) -> Iterator[None]:
        """Pay what is done meanwhile from the reserve."""
        budget = self.client.budget
        before, budget.is_asking_again = budget.is_asking_again, True
        try:
            yield
        finally:
            budget.is_asking_again = before

    def volley(self, visitor: RunVisitor | None, calls: Iterable[Call], why: str) -> list[Operation]:
        """Calls that leave at the same instant; no visitor when they are several visitors'.

        Deletions are left out unless they may be raced: a server can keep a chat that nobody can close then.
        """
        asked = [call for call in calls if self.races_deletions or call.method != "DELETE"]
        return self.client.volley(asked, Purpose(self.driver, why, visitor.name if visitor else None))

    def pipeline(self, calls: Iterable[tuple[Call, str, RunVisitor | None]]) -> None:
        """Calls, each with its purpose and visitor, that follow each other closely; no visitor twice in a row.

        None is sent again.
        """
        steps = ((call, Purpose(self.driver, why, who.name if who else None)) for call, why, who in calls)
        Pipeline(self.client, map(single, steps)).run()

    def reconnect(self) -> None:
        """Let the next call open a connection of its own."""
        self.client.transport.close()

    def send(self, call: Call, why: str, visitor: RunVisitor | None = None) -> Operation:
        """Any call of this driver."""
        purpose = Purpose(self.driver, why, visitor.name if visitor else None)
        op = self.client.send(call, purpose)
        if self.asks_again and may_be_asked_again(op) and self.client.budget.can_ask_again(int(op.is_room_call)):
            return self.client.send(call, replace(purpose, why=f"{why}, asked again", again=True))
        return op

    def briefly(self, call: Call, why: str, visitor: RunVisitor | None, seconds: float) -> Operation:
        """A call that a server may never answer: waited for so long at most, and no sign that the target is gone."""
        client, options = self.client, self.client.transport.options
        transport = Transport(replace(options, seconds=min(seconds, options.seconds)))
        purpose = Purpose(self.driver, why, visitor.name if visitor else None)
        before = client.failures, client.absence
        try:
            return client.arrive(client.depart(call, purpose, transport))[0]
        finally:
            client.failures, client.absence = before
            transport.close()


def may_be_asked_again(op: Operation) -> bool:
    """Whether a call deserves another try: nothing came of the server's own, and nothing in it invites a firewall.

    An unusual token does not: its registration came through.
    """
    if op.kind is Kind.REGISTER or op.status == LIMITED_STATUS:
        return False
    no_answer = op.answer is Answer.UNKNOWN and (
        op.status is None or op.status in GATEWAY or op.exchange.failure is not None
    )
    is_plain = op.query is None or op.asks_plainly
    return no_answer or ((op.turned_away or op.is_page) and is_plain)


def room_call(pairs: Pairs) -> Call:
    """``GET livechat/room`` with these parameters, but for those that may damage a workspace."""
    harmless = [pair for pair in pairs if pair[0].partition("[")[0] not in NEVER_SENT]
    query = urlencode(harmless, quote_via=quote, errors="surrogatepass")
    return Call("GET", f"{ROOM_PATH}?{query}" if query else ROOM_PATH)


def widget_call(token: str, *more: tuple[str, str]) -> Call:
    """The same, with the cookies that the widget sets."""
    return replace(room_call([("token", token), *more]), headers=WIDGET_COOKIES)


def kept_by_a_browser(headers: Headers) -> Headers:
    """The header fields that a browser sends back: cookies, and the validator of what it keeps."""
    fields = [(name.lower(), value) for name, value in headers if value.isascii() and value.isprintable()]
    cookies = "; ".join(value.partition(";")[0].strip() for name, value in fields if name == "set-cookie")
    tags = [value for name, value in fields if name == "etag"]
    sent = (("Cookie", cookies), ("If-None-Match", tags[-1] if tags else ""))
    return tuple((name, value) for name, value in sent if value)


def encoded_call(token: str, percent: str = "%") -> Call:
    """The same, with the first letter of the token encoded as well; a ``percent`` of ``%25`` encodes it twice."""
    first = "".join(f"{percent}{byte:02x}" for byte in token[:1].encode(errors="surrogatepass"))
    return Call("GET", f"{ROOM_PATH}?token={first}{query_value(token[1:])}")


def registration_call(token: str, name: object, **more: object) -> Call:
    """``POST livechat/visitor``."""
    body = {"visitor": {"token": token, "name": name, **more}}
    return Call("POST", VISITOR_PATH, body=json.dumps(body).encode())


def close_call(token: str, rid: str) -> Call:
    """``POST livechat/room.close``."""
    return Call("POST", CLOSE_PATH, body=json.dumps({"rid": rid, "token": token}).encode())


def message_call(token: str, rid: str, text: str) -> Call:
    """``POST livechat/message``."""
    return Call("POST", MESSAGE_PATH, body=json.dumps({"token": token, "rid": rid, "msg": text}).encode())


def delete_call(token: str) -> Call:
    """``DELETE livechat/visitor/:token``."""
    return Call("DELETE", f"{VISITOR_PATH}/{path_segment(token)}")


def _said(op: Operation) -> str:
    if op.exchange.response is None:
        return failure_reason(op)
    if is_in_the_servers_place(op):
        return f"a firewall answers in the server's place, {page_phrase(op)}"
    return f"status {op.status}, error {op.error[:80] or 'none'}"
