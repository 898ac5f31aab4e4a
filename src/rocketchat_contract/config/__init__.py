"""What a run is asked to do: frozen values, and the profiles with their budgets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import UsageError


@dataclass(frozen=True)
class Profile:
    """A named budget and set of drivers; numbers are the most that a run may cost.

    ``rooms`` bounds the rooms that come to exist, whatever the server does; ``others`` the drivers' further calls
    (closing, messages, deletions). ``lives`` and ``queries`` are how many examples the Hypothesis machine and the
    generated queries get, ``pairs`` how often their values meet each other's afterwards, ``volleys`` how many rounds of
    simultaneous calls there are, ``width`` how many calls leave together, ``returns`` how often those whom all this
    leaves with a room come back, after so many seconds of ``pause`` on a live server, ``malformed`` how many calls have
    a malformed percent-encoding. ``kept_calls`` and ``kept_visitors`` are what the core leaves for simultaneous calls
    and what comes after them. ``replays`` is how many calls a corpus may add to the budget. ``again_calls`` and
    ``again_visitors`` are a reserve beside the budget, only for asking again what got no answer of the server's own:
    room calls and visitors. ``usual_requests`` is how many requests a run usually makes, where its limits are far from
    that; 0 where they are not.
    """

    name: str
    drivers: tuple[str, ...]
    room_calls: int
    visitors: int
    rooms: int = 1_000_000
    others: int = 1_000_000
    lives: int = 0
    steps: int = 0
    queries: int = 0
    pairs: int = 0
    volleys: int = 0
    width: int = 0
    returns: int = 0
    pause: float = 0.0
    malformed: int = 0
    kept_calls: int = 0
    kept_visitors: int = 0
    replays: int = 0
    again_calls: int = 0
    again_visitors: int = 0
    usual_requests: int = 0
    about: str = ""

    def with_replays(self, room_calls: int, visitors: int, others: int) -> Profile:
        """The profile that replays a corpus first, with a budget for just that on top of its own."""
        return replace(
            self,
            drivers=("corpus", *self.drivers),
            room_calls=self.room_calls + room_calls,
            visitors=self.visitors + visitors,
            rooms=self.rooms + room_calls,
            others=self.others + others,
        )

    def times(self, rounds: int) -> Profile:
        """The profile whose budget is that of so many rounds of its traffic."""
        return replace(
            self,
            room_calls=self.room_calls * rounds,
            visitors=self.visitors * rounds,
            rooms=self.rooms * rounds,
            others=self.others * rounds,
            again_calls=self.again_calls * rounds,
            again_visitors=self.again_visitors * rounds,
            usual_requests=self.usual_requests * rounds,
        )

    def scaled(self, times: float) -> Profile:
        """The profile with so many times its budget and its generated traffic; bursts keep their width.

        Less than its own budget is spent as ``smoke`` spends it: one visitor for three calls.
        """
        if times < 1:
            return self._reduced(int(self.room_calls * times), times)
        names = (*_BUDGETS, *_TRAFFIC, "kept_calls", "kept_visitors")
        numbers: dict[str, Any] = {name: int(getattr(self, name) * times) for name in names}
        return replace(self, **numbers)

    def _reduced(self, calls: int, times: float) -> Profile:
        keeps = calls >= 2 * self.kept_calls
        traffic: dict[str, Any] = {
            name: min(getattr(self, name), max(1, int(getattr(self, name) * times))) for name in _TRAFFIC
        }
        return replace(
            self,
            room_calls=calls,
            visitors=min(self.visitors, ceil(calls / 3)),
            rooms=min(self.rooms, ceil(calls * 2 / 3)),
            others=min(self.others, calls) if self.room_calls else int(self.others * times),
            kept_calls=self.kept_calls if keeps else 0,
            kept_visitors=self.kept_visitors if keeps else 0,
            **traffic,
        )

    @property
    def most_room_calls(self) -> int:
        """The hard limit of room calls: the budget, and the reserve for asking again."""
        return self.room_calls + self.again_calls

    @property
    def most_visitors(self) -> int:
        """The hard limit of visitors: the budget, and the reserve for asking again."""
        return self.visitors + self.again_visitors

    @property
    def opens(self) -> int:
        """How many rooms may come to exist on a server that opens none for nobody: without visitors none."""
        return self.rooms if self.visitors else 0

    @property
    def of_another_operation(self) -> Profile:
        """The same budget for an operation without rooms: its generated calls cost what room calls would."""
        return replace(
            self,
            drivers=("operation",),
            room_calls=0,
            visitors=0,
            rooms=0,
            others=self.room_calls or self.others,
            again_calls=0,
            again_visitors=0,
            usual_requests=0,
            queries=self.queries or self.room_calls // 2,
        )


_BUDGETS = ("room_calls", "visitors", "rooms", "others", "again_calls", "again_visitors")
_TRAFFIC = ("lives", "queries", "pairs", "volleys", "returns")

MOST_TIMES = 10
"""How many times its budget a profile may spend where only the time of ``within`` ends it: the hard limit."""

UNCLOSED = 12
"""The most rooms that a run makes where visitors may not close them: they stay open."""

UNDELETED, UNDELETED_KEPT = 12, 5
"""The most visitors that a run makes where none can be deleted, and how many of them simultaneous calls need."""

PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "readonly",
            ("look",),
            room_calls=20,
            visitors=0,
            rooms=20,
            others=10,
            again_calls=4,
            about="creates nothing; with --token it also repeats calls of that visitor",
        ),
        Profile(
            "smoke",
            ("core",),
            room_calls=15,
            visitors=5,
            rooms=10,
            others=10,
            replays=8,
            again_calls=4,
            again_visitors=2,
            about="the calls that prove most, in under four minutes at 5 calls per minute",
        ),
        Profile(
            "gate",
            ("core", "volley", "malformed"),
            room_calls=60,
            visitors=12,
            rooms=30,
            others=30,
            volleys=1,
            width=5,
            malformed=1,
            kept_calls=18,
            kept_visitors=4,
            replays=24,
            again_calls=12,
            again_visitors=4,
            about="for pull requests and releases; the default for a URL",
        ),
        Profile(
            "nightly",
            ("core", "volley", "life", "queries", "return", "malformed"),
            room_calls=2_000,
            visitors=400,
            rooms=1_000,
            others=1_000,
            lives=25,
            steps=20,
            queries=160,
            volleys=10,
            width=8,
            returns=2,
            pause=5.0,
            malformed=8,
            replays=500,
            again_calls=200,
            again_visitors=20,
            about="everything, for servers whose limiter is off or wide",
        ),
        Profile(
            "full",
            ("core", "volley", "life", "queries", "return", "malformed"),
            room_calls=50_000,
            visitors=10_000,
            rooms=50_000,
            others=50_000,
            lives=40,
            steps=25,
            queries=220,
            pairs=2_500,
            volleys=12,
            width=8,
            returns=25,
            pause=60.0,
            malformed=28,
            replays=2000,
            again_calls=1000,
            again_visitors=100,
            usual_requests=7_000,
            about="everything and more; the default for the embedded server",
        ),
    )
}


@dataclass(frozen=True)
class Rate:
    """So many calls in so many seconds, as a server's limiter allows them on one route."""

    calls: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """The rate of ``5/60``; raises ``ValueError``."""
        calls, slash, seconds = text.partition("/")
        rate = cls(int(calls), float(seconds))
        if not slash or rate.calls < 1 or not 0 < rate.seconds < 86_400:
            raise ValueError(text)
        return rate

    def __str__(self) -> str:
        return f"{self.calls} per {self.seconds:g} s"


@dataclass(frozen=True)
class Credentials:
    """What an agent or administrator logs in with; sent to the target's origin only."""

    user_id: str = field(repr=False)
    auth_token: str = field(repr=False)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The two headers of Rocket.Chat."""
        return (("X-User-Id", self.user_id), ("X-Auth-Token", self.auth_token))


@dataclass(frozen=True)
class RunConfig:
    """One run. ``url`` None means the embedded reference server, set up by the ``NAME=VALUE`` pairs of ``server``.

    ``timeout`` is the most seconds that one call may take, ``run_timeout`` the drivers together, ``within`` the
    whole run with its clean-up; ``seed`` makes generated
    traffic repeatable, and ``repeat`` is how often all of it is made: the profile's budget is for all rounds together.
    ``give_up_after`` calls without an answer in a row end the run. ``limit`` is the limiter's,
    where the server does not tell it. ``token`` is that of a visitor who exists, for the profile ``readonly``.
    ``require`` are ids of requirements that have to be judged; ``only`` and ``skip`` ids and groups of those that the
    run is asked about, and is not.
    ``contract`` is the folder of another operation, None the suite's own. ``corpus`` and ``database`` are what a run
    remembers of earlier ones. ``race_deletions`` lets calls race the deletion of a visitor on a live server too.
    """

    url: str | None = None
    server: tuple[str, ...] = ()
    profile: Profile = PROFILES["full"]
    seed: int = 0
    repeat: int = 1
    strict: bool = False
    fail_fast: bool = False
    yes: bool = False
    report_dir: Path = Path("reports")
    secrets_file: Path | None = None
    overlay: Path | None = None
    contract: Path | None = None
    corpus: Path | None = None
    database: tuple[str, ...] = ()
    redis_password: str | None = field(default=None, repr=False)
    baseline: Path | None = None
    accept_known: bool = False
    accept_incomplete: bool = False
    require: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    timeout: float = 30.0
    run_timeout: float | None = None
    within: float | None = None
    limit: Rate | None = None
    give_up_after: int = 8
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    insecure: bool = False
    proxy: str | None = field(default=None, repr=False)
    host: str | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    credentials: Credentials | None = None
    token: str | None = field(default=None, repr=False)
    shrink: bool = True
    race_deletions: bool = False


def profile_named(name: str) -> Profile:
    """The profile of that name; raises ``UsageError`` when there is none."""
    if name not in PROFILES:
        raise UsageError(f"There is no profile {name!r}.", did_you_mean(name, PROFILES, "The profiles are"))
    return PROFILES[name]


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """The next step after a name that nobody knows: the nearest one, or all of them."""
    from difflib import get_close_matches  # noqa: PLC0415 - only an error pays for it

    names = list(known)
    near = get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]}?" if near else f"{otherwise} {', '.join(names)}."


_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "": 1.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(h|m(?:in)?|s|)")


def parsed_duration(text: str) -> float:
    """The seconds of ``90``, ``90s``, ``2m`` or ``1h30m``; raises ``ValueError``."""
    parts = _DURATION.findall(text.strip().lower())
    seconds = sum(float(number) * _UNITS[unit[:1]] for number, unit in parts)
    if _DURATION.sub("", text.strip().lower()).strip() or not 0 < seconds < 604_800:
        raise ValueError(text)
    return seconds


def spoken(seconds: float) -> str:
    """A duration as people say it."""
    if seconds < 90:
        return f"{ceil(seconds)} s"
    minutes = ceil(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def numbered(number: int, noun: str) -> str:
    """A number with its noun: ``1 room``, ``2 rooms``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
