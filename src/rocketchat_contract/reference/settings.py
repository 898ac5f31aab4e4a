"""How one reference server is set up: a frozen value, readable from ``NAME=VALUE`` pairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from rocketchat_contract.errors import UsageError


@dataclass(frozen=True)
class LimitSetting:
    """So many calls in so many seconds, per address and route."""

    calls: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> LimitSetting:
        """Read ``5/60``."""
        calls, slash, seconds = text.partition("/")
        try:
            limit = cls(int(calls), float(seconds))
        except ValueError:
            limit = cls(0, 0)
        if not slash or limit.calls < 1 or not 0 < limit.seconds < float("inf"):
            raise UsageError(f"Expected calls/seconds, got limit={text!r}.", "Write for instance --limit 5/60.")
        return limit

    def __str__(self) -> str:
        return f"{self.calls}/{self.seconds:g}"


@dataclass(frozen=True)
class Settings:
    """What a workspace's administrator, or the machine in front of it, decides."""

    edition: str = "newest"
    wrong: str = ""
    """Which wrong server: a name in the catalogue or ``module:attribute``."""
    limit: LimitSetting | None = None
    store: str = ":memory:"
    """Where SQLite keeps the rooms; several servers may share a file."""
    prefix: str = ""
    """The sub-path the workspace lives under, such as ``/chat``."""
    password: str = ""
    """The admin's; a random one when empty."""
    livechat_enabled: bool = True
    agent_online: bool = True
    accept_without_agents: bool = False
    contact_blocked: bool = False
    visitors_may_close: bool = True
    store_last_message: bool = True
    """Whether a room carries its last message."""
    show_agent_info: bool = True
    """Whether visitors see who serves; where they do not, the agent of a call is taken without looking."""
    manual_selection: bool = False
    """Agents pick chats themselves: a room is served by nobody at first."""
    ignore_undefined: bool = False
    """Whether members without a value are left out of the database; 8.6 stores them as null unless told."""
    delete_forbidden: bool = False
    delete_with_open_rooms: bool = False
    premium: bool = False
    """The paid edition's two extra parameters, ``sla`` and ``priority``, are accepted."""
    agent_answers: bool = False
    """The agent answers each message at once, so that rooms show response times."""
    message_limit: int = 0
    """The most characters of a message; 0 is no limit."""
    latency: float = 0.0
    """Seconds between an answer and its way back."""
    chunked: bool = False
    close_connections: bool = False

    def __post_init__(self) -> None:
        if self.prefix and (not self.prefix.startswith("/") or self.prefix.endswith("/")):
            raise UsageError(f"Expected a path, got prefix={self.prefix!r}.", "Write for instance prefix=/chat.")

    def with_pairs(self, pairs: Iterable[str]) -> Settings:
        """Lay ``NAME=VALUE`` pairs over these settings; a bare ``NAME`` means true."""
        changes: dict[str, Any] = dict(_value(pair) for pair in pairs)
        return replace(self, **changes)

    def to_pairs(self) -> list[str]:
        """Write what differs from the defaults, as ``with_pairs`` reads it."""
        plain = Settings()
        names = [field.name for field in fields(self) if getattr(self, field.name) != getattr(plain, field.name)]
        return [f"{name}={getattr(self, name)}" for name in names]


def _value(pair: str) -> tuple[str, object]:
    name, equals, text = pair.partition("=")
    kinds = {field.name: str(field.type) for field in fields(Settings)}
    if name not in kinds:
        near = get_close_matches(name, kinds, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"The settings are {', '.join(sorted(kinds))}."
        raise UsageError(f"There is no setting {name!r}.", hint)
    try:
        return name, _READERS[kinds[name]](text if equals else "true")
    except (ValueError, KeyError):
        raise UsageError(
            f"Expected {kinds[name]}, got {pair}.", f"Write for instance {name}={_EXAMPLES[kinds[name]]}."
        ) from None


_SWITCH = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_READERS: dict[str, Callable[[str], object]] = {
    "bool": lambda text: _SWITCH[text.lower()],
    "int": int,
    "float": float,
    "str": str,
    "LimitSetting | None": LimitSetting.parse,
}
_EXAMPLES = {"bool": "true", "int": "5000", "float": "0.05", "str": "text", "LimitSetting | None": "5/60"}
