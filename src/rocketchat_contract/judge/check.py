"""What a check of one answer says: kept, broken, or nothing because it does not apply."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from rocketchat_contract.judge.operation import GATEWAY, LONG_TARGET, Operation

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


@dataclass(frozen=True)
class Known:
    """What checks of one answer may know: the schemas, and which visitor has which ``_id`` (token to id)."""

    published: BodySchemas
    full: BodySchemas
    visitor_ids: Mapping[str, str] = field(default_factory=dict)
    ids_of_visitors: Set[str] = field(default_factory=set)


Result = Broken | Kept | None
Check = Callable[[Operation, Known], Result]


def verdict(right: bool, expected: str, actual: str, sign: str = "") -> Result:  # noqa: FBT001
    """``KEPT`` when right, else what was expected and what came."""
    return KEPT if right else Broken(expected, actual, sign or actual)


def turned_away(op: Operation) -> bool:
    """Whether something before the API answered: a gateway, the limiter, or a limit on the request's length."""
    if op.status in GATEWAY or op.status == 429:
        return True
    return op.status in (400, 414, 431) and len(op.exchange.request.target) > LONG_TARGET and not op.body


def shorten(value: object, most: int = 80) -> str:
    """A value as text of at most ``most`` characters."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"
