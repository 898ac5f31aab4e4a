"""What an answer says about limits, whoever set them: Rocket.Chat, a gateway, or nobody who tells.

Rocket.Chat has ``X-RateLimit`` fields of its own. The fields of the IETF's draft "RateLimit header fields for HTTP"
came in three forms: ``RateLimit-Limit`` and its sisters (up to draft 06), ``RateLimit: limit=10, remaining=3,
reset=20`` (07), and ``RateLimit: "default";r=3;t=20`` (from 08 on), each with a ``RateLimit-Policy``.

Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from rocketchat_contract.client.transport import Reply

LONGEST_WAIT = 600.0
"""Seconds; a reset, a wait or a window beyond is not believed: it counts as not said."""

UNAVAILABLE = 503
"""How nginx's ``limit_req`` refuses by default, and how other gateways say that a server is away."""

_TOO_MANY = 429
_OLD_LIMITER = 400
"""Status of Rocket.Chat's limiter before it had 429."""

_SKEW = 2.0
"""Seconds by which clocks may differ unnoticed: a ``Date`` header has whole seconds only."""

_EPOCH = 1e9
"""A number beyond is no span of seconds, but a moment."""

_READ = 2000
"""Bytes of a refusal's body, and characters of a header field, that are looked at."""

_SAYS_SO = re.compile(rb"too.many.requests", re.IGNORECASE)
_NAMED_WAIT = re.compile(rb"\bwait (?:for )?(\d{1,6}) sec", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]*)"')

_STANDARD = frozenset({"ratelimit", "ratelimit-policy", "ratelimit-remaining"})

Fields = Mapping[str, str]
"""Header fields by their names in lower case."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A limiter's own words: calls per window, what is left of them, and the seconds until the window ends."""

    limit: int | None = None
    remaining: int | None = None
    reset: float | None = None
    window: float | None = None


_NOTHING = Announced()


def fields_of(reply: Reply) -> Fields:
    """The header fields of an answer."""
    return {name.lower(): value for name, value in reply.headers}


def is_limited(reply: Reply) -> bool:
    """Whether a limiter turned the call away, so that it had no effect."""
    says_so = reply.status == _OLD_LIMITER and _SAYS_SO.search(reply.body[:_READ])
    return reply.status == _TOO_MANY or bool(says_so)


def tells_of_limits(reply: Reply) -> bool:
    """Whether an answer names a wait, or has a field of a limiter."""
    fields = fields_of(reply)
    return any("ratelimit" in name for name in fields) or named_wait(reply, fields, 0.0) is not None


def named_wait(reply: Reply, fields: Fields, now: float) -> float | None:
    """Seconds to wait by the words of a refusal; a date counts from the server's own ``Date``."""
    retry_after = fields.get("retry-after", "")
    after = number(retry_after)
    if after is not None:
        return _believed(float(after))
    moment = date_of(retry_after) if retry_after else None
    if moment is not None:
        there = date_of(fields.get("date", ""))
        return _believed(max(0.0, moment - (now if there is None else there)))
    named = _NAMED_WAIT.search(reply.body[:_READ]) if is_limited(reply) else None
    return _believed(float(named.group(1))) if named else None


def rocket_chats(fields: Fields, now: float) -> Announced:
    """What Rocket.Chat's fields say: the reset has milliseconds, seconds, or what is left."""
    limit, remaining = (number(fields.get(f"x-ratelimit-{name}", "")) for name in ("limit", "remaining"))
    return Announced(limit, remaining, _until(fields.get("x-ratelimit-reset", ""), fields, now))


def standard(fields: Fields, now: float) -> Announced:
    """What the IETF's fields say; of several limits the one of which least is left."""
    if _STANDARD.isdisjoint(fields):
        return _NOTHING
    policies = dict(_policies(fields.get("ratelimit-policy", "")))
    text = min(_limits(fields, now), key=lambda each: each[1].remaining or 0, default=("", _NOTHING))
    name, limit = text
    quota, window = policies.get(name) or policies.get("") or next(iter(policies.values()), (None, None))
    return Announced(limit.limit or quota, limit.remaining, _believed(limit.reset), _believed(window))


def _believed(seconds: float | None) -> float | None:
    return seconds if seconds is not None and seconds <= LONGEST_WAIT else None


def number(text: str) -> int | None:
    """A whole number that is none too long to be one."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None


def date_of(text: str) -> float | None:
    """A date of HTTP as epoch seconds."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _limits(fields: Fields, now: float) -> Iterator[tuple[str, Announced]]:
    """Each limit by its name, in whichever form it is told."""
    if "ratelimit-remaining" in fields:
        first = fields.get("ratelimit-limit", "").partition(",")[0].partition(";")[0]
        reset = _until(fields.get("ratelimit-reset", ""), fields, now)
        yield "", Announced(number(first), number(fields["ratelimit-remaining"]), reset)
    members = list(_members(fields.get("ratelimit", "")))
    plain = {name: value for name, value, _ in members if value}
    if number(plain.get("remaining", "")) is not None:
        yield "", _announced(plain.get("limit", ""), plain["remaining"], plain.get("reset", ""))
    for name, value, parameters in members:
        if not value and number(parameters.get("r", "")) is not None:
            yield name, _announced("", parameters["r"], parameters.get("t", ""))


def _announced(limit: str, remaining: str, reset: str) -> Announced:
    seconds = number(reset)
    return Announced(number(limit), number(remaining), None if seconds is None else float(seconds))


def _policies(text: str) -> Iterator[tuple[str, tuple[int | None, float | None]]]:
    """Quota and window of each policy by its name; an older one begins with the quota and has none."""
    for name, _, parameters in _members(text):
        window = number(parameters.get("w", ""))
        quota = number(parameters.get("q", "")) or number(name)
        yield "" if name.isdecimal() else name, (quota, float(window) if window else None)


def _members(text: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """The members of a list or dictionary: name, value, parameters."""
    plain = _QUOTED.sub(lambda found: re.sub("[,;=]", "_", found[1]), text[:_READ])
    for member in plain.split(","):
        head, *parameters = (part.strip() for part in member.split(";"))
        name, _, value = head.partition("=")
        if name:
            pairs = (part.partition("=") for part in parameters)
            yield name.strip(), value.strip(), {key.strip(): worth.strip() for key, _, worth in pairs}


def _until(text: str, fields: Fields, now: float) -> float | None:
    """Seconds until a moment; one by the server's clock counts from its own ``Date``."""
    value = number(text)
    if value is None or value <= _EPOCH:
        return None if value is None else float(value)
    there = date_of(fields.get("date", ""))
    is_skewed = there is not None and abs(there - now) > _SKEW
    return (value / 1000 if value > 100 * _EPOCH else value) - (there if is_skewed and there is not None else now)
