"""What a check of one answer says: kept, broken, or nothing because it does not apply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rocketchat_contract.judge.operation import GATEWAY, Operation, is_too_long

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
    """Which ``_id`` registration has shown for which token.

    A token has several when its visitor was deleted and came back, or when registrations raced.
    """

    def __init__(self) -> None:
        self._of_token: dict[str, tuple[str, ...]] = {}
        self._all: set[str] = set()

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
Check = Callable[[Operation, Known], Result]


def verdict(right: bool, expected: str, actual: str, sign: str = "") -> Result:  # noqa: FBT001
    """``KEPT`` when right, else what was expected and what came."""
    return KEPT if right else Broken(expected, actual, sign or actual)


def turned_away(op: Operation) -> bool:
    """Whether something before the API answered: a gateway, the limiter, or a limit on the request's length."""
    return op.status in GATEWAY or op.status == 429 or is_too_long(op.exchange, op.body)


def shorten(value: object, most: int = 80) -> str:
    """A value as text of at most ``most`` characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
