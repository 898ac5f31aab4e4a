"""Error pages in answer to hostile calls: the server broke and said so, or a firewall blocks in that way.

They wait until the end, as only other calls tell. A server breaks on a kind of value, or in one parameter, and answers
everything else; a firewall turns away whatever looks hostile, and may name another server than the API's answers do.
Where several kinds got such a page and nothing names its author, nobody is accused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace

from rocketchat_contract.judge.answered import SERVER_ERROR, By
from rocketchat_contract.judge.fate import Cause, Fate
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.ordinary import LONGEST, is_ordinary_value

Suspect = tuple[str, str]
"""A parameter, and what is unusual about it."""

_SIGNS = {
    "control characters": re.compile(r"[\0-\x1f\x7f]"),
    "markup and quotes": re.compile(r"[<>\"'`]"),
    "operators": re.compile(r"[$\[\]{}()|;*\\]"),
    "a way up": re.compile(r"\.\./"),
    "non-ASCII": re.compile(r"[^\0-\x7f]"),
}

_SERVER_ERRORS = "no-call-ends-in-a-server-error"
_ALIKE = "A firewall that blocks just these values, and with status 500, would look the same."


@dataclass
class ErrorPages:
    """Holds them back; ``rest`` answers them with their author, and ``named`` what became of them.

    ``_bore`` is what the API answered without breaking, ``_servers`` how its answers name the server.
    """

    _waiting: list[Operation] = field(default_factory=list)
    _bore: set[Suspect] = field(default_factory=set)
    _servers: set[str | None] = field(default_factory=set)
    _pages: int = 0
    _by: By | None = None

    def take(self, op: Operation) -> list[Operation]:
        """The operation, if it can be judged now."""
        response = op.exchange.response
        if op.query is None or response is None:
            return [op]
        if error_page_of(op):
            self._waiting.append(op)
            return []
        if not op.is_page and not op.turned_away:
            self._bore |= suspects_of(op)
            self._servers.add(response.header("server"))
        elif op.is_page and response.status == SERVER_ERROR:
            self._by = By.API  # ordinary calls break it too
        return [op]

    def rest(self) -> list[Operation]:
        """What waited, now that nothing comes any more."""
        waiting, self._waiting = self._waiting, []
        self._pages += len(waiting)
        if waiting:
            self._by = self._by or self._author(waiting)
        return [op if self._by is By.API else replace(op, by=self._by or By.API) for op in waiting]

    def named(self, cause: Cause) -> Cause:
        """A cause by its right name, now that it is known who wrote the pages."""
        if not cause.sign.startswith(str(SERVER_ERROR)):
            return cause
        fate = {By.FRONT: Fate.FIREWALL, By.EITHER: Fate.EITHER}.get(self._by or By.API, cause.fate)
        return Cause(fate, cause.detail if fate is cause.fate else cause.sign)

    def hint(self, requirement: str) -> str:
        """What else such a page may be, beside a finding about it; empty when nothing."""
        return _ALIKE if requirement == _SERVER_ERRORS and self._by is By.API and self._pages else ""

    def _author(self, waiting: list[Operation]) -> By:
        if self._servers and all(_server_of(op) not in {None, *self._servers} for op in waiting):
            return By.FRONT
        suspects = [suspects_of(op) - self._bore for op in waiting]
        return By.EITHER if all(suspects) and not _have_one_cause(suspects) else By.API


def _have_one_cause(calls: Sequence[Set[Suspect]]) -> bool:
    """Whether one parameter, or one kind of value, may have brought each of the pages."""
    names = ({name for name, _ in call} for call in calls)
    kinds = ({kind for _, kind in call} for call in calls)
    return bool(set.intersection(*names) or set.intersection(*kinds))


def error_page_of(op: Operation) -> str:
    """Status and media type of an error page in answer to a hostile call; empty for any other answer."""
    response = op.exchange.response
    if response is None or response.status != SERVER_ERROR or not op.is_page or op.turned_away:
        return ""
    if op.query is None or op.query.is_ordinary:
        return ""
    return f"{response.status} {response.media_type}"


def suspects_of(op: Operation) -> set[Suspect]:
    """What a firewall or a server may take offence at in a room call; nothing in one that is ordinary."""
    query = op.query
    if query is None or query.is_ordinary:
        return set()
    odd = {(name, "structure") for name in query.structured} | {(name, "repetition") for name in query.twice}
    malformed = {(name, "encoding") for name in query.malformed}
    plain = {(name, kind) for name, value in query.plain.items() for kind in _kinds_of(value)}
    hidden = {("token", "hidden")} if op.exchange.request.unusual else set[Suspect]()
    return odd | malformed | plain | hidden | {(name, "name") for name in query.unnamed}


def _kinds_of(value: str) -> Iterator[str]:
    """What is unusual about a value; the signs of an alias are not its own."""
    if is_ordinary_value(value):
        return
    found = [kind for kind, sign in _SIGNS.items() if sign.search(value)]
    yield from found
    if len(value) > LONGEST:
        yield "length"
    elif not found:
        yield "other signs"


def _server_of(op: Operation) -> str | None:
    response = op.exchange.response
    return response.header("server") if response else None
