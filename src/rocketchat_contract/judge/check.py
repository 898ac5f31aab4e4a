"""What a check of one answer is, and what it says: kept, broken, or nothing because it does not apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rocketchat_contract.judge.operation import Operation

if TYPE_CHECKING:
    from rocketchat_contract.contract.validators import BodySchemas

Kept = Literal["kept"]
KEPT: Kept = "kept"


@dataclass(frozen=True, slots=True)
class Broken:
    """What was expected and what came. ``sign`` tells one defect from another; no ids or times in it."""

    expected: str
    actual: str
    sign: str = ""


class VisitorIds:
    """Which ``_id`` and which names registration has shown for which token.

    A token has several ids when its visitor was deleted and came back, or when registrations raced. A name that two
    visitors have tells nothing.
    """

    def __init__(self) -> None:
        self._of_token: dict[str, tuple[str, ...]] = {}
        self._all: set[str] = set()
        self._named: dict[str, str | None] = {}

    def name(self, token: str, name: str) -> None:
        """Keep a name or username that a visitor goes by."""
        self._named[name] = token if self._named.get(name, token) == token else None

    def is_anothers_name(self, value: object, token: str | None) -> bool:
        """Whether a value is a name that only a visitor with another token goes by."""
        owner = self._named.get(value) if isinstance(value, str) else None
        return owner is not None and owner != token

    def learn(self, token: str, visitor_id: str) -> None:
        """Keep an ``_id`` that a registration answered."""
        known = self._of_token.get(token, ())
        if visitor_id not in known:
            self._of_token[token] = (*known, visitor_id)
            self._all.add(visitor_id)

    def of(self, token: str | None) -> tuple[str, ...]:
        """The ids of a token, the last one last."""
        return self._of_token.get(token or "", ())

    def is_anothers(self, value: object, token: str | None) -> bool:
        """Whether a value is the ``_id`` of a visitor with another token."""
        return isinstance(value, str) and value in self._all and value not in self.of(token)


@dataclass(frozen=True)
class Known:
    """What checks of one answer may know: the schemas, and the visitors that registration has shown."""

    published: BodySchemas
    full: BodySchemas
    visitors: VisitorIds = field(default_factory=VisitorIds)


Result = Broken | Kept | None


@dataclass(frozen=True, slots=True)
class Check:
    """One promise about one answer; ``judge`` is asked only where the promise speaks.

    ``statuses`` holds the statuses of answers it speaks of, None for all and for no answer; ``unusual`` says that it
    speaks only of calls without token, with odd or with unnamed parameters.
    """

    judge: Callable[[Operation, Known], Result]
    statuses: frozenset[int] | None = None
    unusual: bool = False

    def speaks_of(self, status: int | None, *, usual: bool) -> bool:
        """Whether it speaks of an answer with this status, to a call that is usual or not."""
        return (self.statuses is None or status in self.statuses) and not (self.unusual and usual)


def of(*statuses: int) -> frozenset[int]:
    """The statuses that a check speaks of."""
    return frozenset(statuses)


def verdict(right: bool, expected: str, actual: str, sign: str = "") -> Result:  # noqa: FBT001
    """``KEPT`` when right, else what was expected and what came."""
    return KEPT if right else Broken(expected, actual, sign or actual)


def shorten(value: object, most: int = 80) -> str:
    """A value as text of at most ``most`` characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
