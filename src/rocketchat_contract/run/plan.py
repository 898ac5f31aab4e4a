"""What a run may cost, told before anything is created."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import wrap
from typing import Any

from rocketchat_contract.client.budget import CORE, Budget, Deadline
from rocketchat_contract.client.facts import probe_limiter
from rocketchat_contract.config import MOST_TIMES, Profile, Rate, RunConfig, spoken
from rocketchat_contract.contract.requirements import Requirements
from rocketchat_contract.contract.selection import Selection
from rocketchat_contract.errors import UsageError
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.report.plain import shortened_text, visible
from rocketchat_contract.rocketchat.paths import CONFIG_PATH, ROOM_PATH
from rocketchat_contract.run.effective_profile import selection_of
from rocketchat_contract.run.session import Run, Watcher, start

_SECONDS_PER_CALL, _OWN_SECONDS = 0.1, 0.05
"""What a call takes where nothing was measured yet, and what comes on top of the target's part of it."""

_START_SECONDS, _JUDGING_SECONDS = 5.0, 0.005
"""What a run takes to start and end, and what each of many calls takes on top of the target's part of it."""

_STEPS = 20
"""Sizes of a budget between two whole multiples of the profile's own."""

_SIZES = range(1, MOST_TIMES * _STEPS + 1)

_LEAST_CALLS = 3
"""Room calls without which a run shows nothing."""

_FACT = 50
"""Characters of a fact; what a server says beyond them is not read in a plan."""

_LOOKS = 6
"""Calls that only look: version, configuration, limiter, and with credentials three more."""


@dataclass(frozen=True)
class Plan:
    """The most that a run may cost; ``rate`` is that of the room call.

    ``usual`` is the rate of the neighbours that tidy up: a stock Rocket.Chat allows twice as many calls there.
    ``everywhere`` is that of all calls together, ``per_call`` the seconds that a call takes.
    """

    target: str
    profile: Profile
    rate: Rate | None
    usual: Rate | None
    facts: tuple[str, ...] = ()
    everywhere: Rate | None = None
    per_call: float = _SECONDS_PER_CALL
    asked: str = ""
    within: float | None = None

    @property
    def requests(self) -> int:
        """All calls together, cleaning up included."""
        profile = self.profile
        driving = profile.most_room_calls + profile.most_visitors + profile.others
        return _LOOKS + driving + self.tidying + 2 * profile.again_visitors

    @property
    def reserve(self) -> str:
        """What may come on top, only to ask again what got no answer of the server's own; empty for nothing."""
        calls, visitors = self.profile.again_calls, self.profile.again_visitors
        text = [f"{calls:,} room calls"] * bool(calls) + [f"{visitors:,} visitors"] * bool(visitors)
        return " and ".join(text)

    @property
    def tidying(self) -> int:
        """Calls of the clean-up: each room closed and looked for again, each visitor looked at and deleted."""
        return 2 * self.profile.opens + 2 * self.profile.visitors

    @property
    def seconds(self) -> float:
        """The longest that it may take at the limiter's rate when nothing has to be asked again.

        Routes wait side by side, cleaning up comes after; the pause before visitors come back counts whole.
        """
        profile = self.profile
        waits = self._waits(profile.room_calls, profile.visitors, profile.others, profile.opens + profile.visitors)
        spent = self.per_call * self.requests + profile.pause
        return max(waits, _windows(self.requests, self.everywhere)) + spent

    @property
    def tidying_seconds(self) -> float:
        """The longest that the clean-up may take."""
        waits = _windows(self.profile.opens + self.profile.visitors, self.usual)
        return max(waits, _windows(self.tidying, self.everywhere)) + self.per_call * self.tidying

    def _waits(self, room_calls: int, visitors: int, others: int, tidied: int) -> float:
        driving = max(_windows(room_calls, self.rate), _windows(visitors, self.rate), _windows(others, self.usual))
        return driving + _windows(tidied, self.usual)

    def left(self, budget: Budget, *, tidies: bool) -> float:
        """Seconds that the rest may take at most after what a budget counts; only the clean-up when it ``tidies``."""
        most = self.profile
        if tidies:
            rooms = visitors = others = 0
            tidied = budget.rooms_made() + budget.visitors
        else:
            rooms, visitors = most.room_calls - budget.room_calls, most.visitors - budget.visitors
            others, tidied = most.others - budget.others, most.opens + most.visitors
        calls = max(0, rooms) + max(0, visitors) + max(0, others) + 2 * tidied
        waits = self._waits(rooms, visitors, others, tidied)
        return max(waits, _windows(calls, self.everywhere)) + self.per_call * calls

    def lines(self) -> Iterator[str]:
        """The plan in lines of at most 80 columns."""
        profile = self.profile
        yield f"target    {self.target}"
        yield from (f"          {fact}" for fact in self.facts)
        if self.asked:
            yield f"asked     {self.asked}"
        yield f"profile   {profile.name}"
        yield from (f"          {line}" for line in wrap(profile.about, 70))
        yield f"drivers   {', '.join(profile.drivers)}"
        if not profile.room_calls:
            yield f"at most   {profile.others:,} generated calls, about {spoken(self.seconds)}"
            yield f"          {self._pace}"
            return
        yield f"at most   {profile.room_calls:,} room calls, {profile.visitors:,} visitors, {profile.opens:,} rooms,"
        yield f"          {profile.others:,} {'messages, closings and deletions' if profile.visitors else 'looks'}"
        if self.reserve:
            yield f"          and only to ask again what was lost: {self.reserve}"
        if "corpus" in profile.drivers:
            yield "          (the profile's own, and more for the replay of the corpus)"
        if self.tidying:
            yield f"after it  at most {self.tidying:,} calls that close rooms and delete visitors"
        if self.within is not None:
            yield f"within    {spoken(self.within)}, of which the clean-up takes {spoken(self.tidying_seconds)} at most"
        yield f"in all    {self.sum}"
        yield f"          {self._pace}"

    @property
    def sum(self) -> str:
        """What the run costs at the most, in one line; how long it usually takes where that is far from it."""
        if self.usual_seconds is None:
            return f"at most {self.requests:,} requests, about {spoken(self.seconds)}"
        usually = f"usually about {self.profile.usual_requests:,} in {spoken(self.usual_seconds)}"
        return f"at most {self.requests:,} requests, {usually}"

    @property
    def usual_seconds(self) -> float | None:
        """What the run usually takes where its limits are far from it; None where they are not, or a limiter is."""
        usual = self.profile.usual_requests
        if not usual or (self.rate, self.everywhere, self.within) != (None, None, None):
            return None
        return _START_SECONDS + self.profile.pause + usual * (max(0.0, self.per_call - _OWN_SECONDS) + _JUDGING_SECONDS)

    def to_json(self) -> dict[str, Any]:
        """The plan as JSON values; seconds are the longest that the run may take."""
        profile = self.profile
        return {
            "target": self.target,
            "profile": profile.name,
            **({"asked": self.asked} if self.asked else {}),
            "drivers": list(profile.drivers),
            "facts": list(self.facts),
            "room_calls": profile.room_calls,
            "visitors": profile.visitors,
            "rooms": profile.opens,
            "other_calls": profile.others,
            "again": {"room_calls": profile.again_calls, "visitors": profile.again_visitors},
            "clean_up_calls": self.tidying,
            "requests": self.requests,
            "seconds": round(self.seconds, 1),
            **({"usual_seconds": round(self.usual_seconds, 1)} if self.usual_seconds is not None else {}),
            "clean_up_seconds": round(self.tidying_seconds, 1),
            "within": self.within,
            "limiter": None if self.rate is None else str(self.rate),
        }

    @property
    def _pace(self) -> str:
        if self.rate is None:
            return "(no limiter seen)"
        return f"(the limiter allows {self.rate} {'of room calls' if self.profile.room_calls else 'on each route'})"


def plan_of(run: Run) -> Plan:
    """The plan of a run that has looked at its target; sends one more call that creates nothing, for the limiter."""
    client = run.client
    usual = client.pacer.rate_of(f"GET {CONFIG_PATH}")
    rate = probe_limiter(client, run.facts) if run.promises.operation_profile.is_stateful else usual
    facts = tuple(shortened_text(visible(f"{fact.name}: {fact.value}"), _FACT) for fact in run.facts.known.values())
    return replace(paced(run), rate=rate, usual=usual, facts=facts)


def fitting(plan: Plan, seconds: float) -> Plan:
    """The plan with the largest budget that is spent within so many seconds at the target's pace, clean-up included.

    Raises ``UsageError`` when not even three room calls are.
    """
    sizes = [replace(plan, profile=plan.profile.scaled(step / _STEPS), within=seconds) for step in _SIZES]
    fits = [each for each in sizes if each.seconds <= seconds and _is_worth_it(each.profile)]
    if not fits:
        least = min(each.seconds for each in sizes if _is_worth_it(each.profile))
        problem = f"Nothing of the profile {plan.profile.name} fits into {spoken(seconds)} (--within)."
        raise UsageError(problem, f"Give at least {spoken(least)}, or lift the limiter.")
    return max(fits, key=lambda each: (each.profile.room_calls, each.profile.others))


def _is_worth_it(profile: Profile) -> bool:
    return max(profile.room_calls, profile.others) >= _LEAST_CALLS


def fit_run(run: Run, seconds: float) -> Plan:
    """Give a run that has looked at its target the budget that fits into its time, and the time as a limit too."""
    plan = fitting(plan_of(run), seconds)
    run.config = replace(run.config, profile=plan.profile)
    run.client.budget.profile = plan.profile
    run.client.budget.deadline = Deadline(seconds, run.started + seconds, lambda driver: _rest(run, driver))
    run.facts.add("time budget", f"{spoken(seconds)}: at most {plan.profile.room_calls:,} room calls fit into it")
    return plan


def _rest(run: Run, driver: str) -> float:
    """Seconds that must stay after a driver: for the clean-up, and after the core for simultaneous calls."""
    plan, budget = paced(run), run.client.budget
    kept = budget.profile.kept_calls if driver == CORE else 0
    return plan.left(budget, tidies=True) + _windows(kept, plan.rate) + plan.per_call * kept


def paced(run: Run) -> Plan:
    """The plan by what is known now: limits and latency show while a run goes on."""
    pacer = run.client.pacer
    rate, usual = (pacer.rate_of(f"GET {path}") for path in (ROOM_PATH, CONFIG_PATH))
    took = pacer.seconds_per_call
    per_call = _SECONDS_PER_CALL if took is None else took + _OWN_SECONDS
    asked = asked_sentence(selection_of(run.config), run.promises.requirements)
    return Plan(run.address.url, run.config.profile, rate, usual, (), pacer.rate_everywhere, per_call, asked)


def asked_sentence(selection: Selection, requirements: Requirements) -> str:
    """How many requirements a run is asked about, and by which options; empty for all."""
    if not selection.is_given:
        return ""
    number = sum(map(selection.asks, requirements))
    return f"{number} of {len(requirements)} requirements ({selection.words})"


def look(config: RunConfig, seen: Callable[[Operation], None] = lambda _: None) -> Plan:
    """The plan of a run that does not come to be; leaves nothing behind, here or there."""
    with TemporaryDirectory(prefix="rocketchat-contract-") as folder:
        run = start(replace(config, report_dir=Path(folder)), Watcher(seen))
        try:
            run.probe()
            plan = plan_of(run)
            return plan if config.within is None else fitting(plan, config.within)
        finally:
            run.abandon()


def _windows(calls: int, rate: Rate | None) -> float:
    """Seconds of waiting until the last of so many calls may leave."""
    return 0.0 if rate is None else max(0, ceil(calls / rate.calls) - 1) * rate.seconds
