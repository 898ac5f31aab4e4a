"""What a run is asked to do: frozen values, and the profiles with their budgets."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Profile:
    """A named budget and set of drivers; numbers are the most that a run may cost.

    ``lives`` and ``queries`` are how many examples the Hypothesis machine and the generated queries get,
    ``volleys`` how many rounds of simultaneous calls there are, ``width`` how many calls leave together.
    """

    name: str
    drivers: tuple[str, ...]
    room_calls: int
    visitors: int
    lives: int = 0
    steps: int = 0
    queries: int = 0
    volleys: int = 0
    width: int = 0


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("smoke", ("core",), room_calls=15, visitors=5),
        Profile("gate", ("core", "volley"), room_calls=60, visitors=12, volleys=2, width=5),
        Profile(
            "nightly",
            ("core", "volley", "life", "queries"),
            room_calls=2_000,
            visitors=300,
            lives=25,
            steps=20,
            queries=250,
            volleys=10,
            width=8,
        ),
        Profile(
            "full",
            ("core", "volley", "life", "queries"),
            room_calls=50_000,
            visitors=10_000,
            lives=40,
            steps=25,
            queries=300,
            volleys=12,
            width=8,
        ),
    )
}


@dataclass(frozen=True)
class RunConfig:
    """One run. ``url`` None means the embedded reference server, set up by the ``NAME=VALUE`` pairs of ``server``.

    ``seconds`` is the most that one call may take; ``seed`` makes generated traffic repeatable.
    """

    url: str | None = None
    server: tuple[str, ...] = ()
    profile: Profile = PROFILES["full"]
    seed: int = 0
    strict: bool = False
    report_dir: Path = Path("reports")
    overlay: Path | None = None
    seconds: float = 30.0
    ca: str | None = None
    insecure: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=())
    shrink: bool = True
