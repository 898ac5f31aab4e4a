"""What a check of one answer is, and what it says: kept, broken, or nothing because it does not apply."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rocketchat_contract.judge.conditional import Validators
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.registrations import Registrations
from rocketchat_contract.judge.visitor_traces import VisitorTraces

if TYPE_CHECKING:
    from rocketchat_contract.openapi.validators import BodySchemas

_OTHER_VALUE = re.compile(r"true|false|null|-?[0-9]+(?:\.[0-9]+)?|", re.IGNORECASE)
"""Texts that a reader would take for another value, or for none."""

Kept = Literal["kept"]
KEPT: Kept = "kept"


@dataclass(frozen=True, slots=True)
class Broken:
    """What was expected and what came.

    ``sign`` tells one defect from another, when ``actual`` holds ids or times and cannot. ``transient`` says that a
    network or something in front may have caused it and that the next call may fare better.
    """

    expected: str
    actual: str
    sign: str = ""
    transient: bool = False


class Cuts:
    """How often the body of a call broke off, by what the call asks for and how it was answered.

    A network cuts one body now and then; a server that cuts does it to the same call again and again. Likewise a
    balancer drops an idle connection now and then, just as a call leaves over it.
    """

    def __init__(self) -> None:
        self._answers: Counter[object] = Counter()
        self._cut: Counter[object] = Counter()
        self._calls = self._dropped = 0

    def learn(self, op: Operation) -> None:
        """Count an answer."""
        if op.exchange.response is not None:
            self._answers[op.kind, op.status] += 1
            self._cut[op.kind, op.status] += is_cut(op)
        if op.asks_plainly:
            failure = op.exchange.failure
            self._calls += 1
            self._dropped += op.status is None and failure is not None and failure.kind == "closed"

    def drops(self, op: Operation) -> bool:
        """Whether a call without an answer is no accident: it is an unusual one, or so many usual ones fared alike."""
        return not op.asks_plainly or (self._dropped >= CUTS and self._dropped * CUTS_ONE_IN >= self._calls)

    def is_systematic(self, op: Operation) -> bool:
        """Whether so many answers to such calls broke off that it is the server's doing."""
        key = op.kind, op.status
        return self._cut[key] >= CUTS and self._cut[key] * CUTS_ONE_IN >= self._answers[key]


CUTS = 3
CUTS_ONE_IN = 5
"""From this many cut answers on, and from one in so many on, a cut body is no accident of the network."""

GIVEN_UP = frozenset({"stopped", "timeout", "too-large"})
"""Failures that are our own end of patience: they do not tell whether the rest would have come."""


def is_cut(op: Operation) -> bool:
    """Whether the connection ended between the head and the end of the body."""
    response, failure = op.exchange.response, op.exchange.failure
    if response is None or response.complete:
        return False
    return failure is None or failure.kind not in GIVEN_UP


@dataclass(frozen=True)
class CheckContext:
    """What checks of one answer may know: the schemas, what is known of visitors, and cut bodies."""

    published: BodySchemas
    full: BodySchemas
    visitors: VisitorTraces = field(default_factory=VisitorTraces)
    registered: Registrations = field(default_factory=Registrations)
    validators: Validators = field(default_factory=Validators)
    cuts: Cuts = field(default_factory=Cuts)


CheckResult = Broken | Kept | None


@dataclass(frozen=True, slots=True)
class Check:
    """One promise about one answer; ``judge`` is asked only where the promise speaks.

    ``statuses`` holds the statuses of answers it speaks of, None for all and for no answer; ``unusual`` says that it
    speaks only of calls without token, with odd or with unnamed parameters.
    """

    judge: Callable[[Operation, CheckContext], CheckResult]
    statuses: frozenset[int] | None = None
    unusual: bool = False

    def speaks_of(self, status: int | None, *, usual: bool) -> bool:
        """Whether it speaks of an answer with this status, to a call that is usual or not."""
        return (self.statuses is None or status in self.statuses) and not (self.unusual and usual)


def of(*statuses: int) -> frozenset[int]:
    """The statuses that a check speaks of."""
    return frozenset(statuses)


def named(op: Operation, actual: str) -> str:
    """What came, with the kind of call where it is no call that a client makes."""
    return f"{actual} to malformed percent-encoding" if op.is_malformed else actual


def shortened_value(value: object, most: int = 80) -> str:
    """A value as text of at most ``most`` characters; a text that looks like another value has its quotes."""
    return cut(_text(value) if isinstance(value, str) else repr(value), most)


def cut(text: str, most: int = 80) -> str:
    """The first ``most`` characters of a text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _text(value: str) -> str:
    looks_otherwise = _OTHER_VALUE.fullmatch(value) is not None or value != value.strip()
    return json.dumps(value, ensure_ascii=False) if looks_otherwise else value
