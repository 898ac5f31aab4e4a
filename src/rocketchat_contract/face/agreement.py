"""Before a run: what would be refused, what it may cost, and whether somebody agrees to it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from rocketchat_contract.errors import TargetError, UsageError
from rocketchat_contract.face.console import say_folded

if TYPE_CHECKING:
    from rocketchat_contract.config import RunConfig
    from rocketchat_contract.run.engine import Engine
    from rocketchat_contract.run.plan import Plan


def refuse_unasked(config: RunConfig) -> None:
    """Raise when a live server would be touched although nobody can be asked."""
    from rocketchat_contract.client.address import parse_address
    from rocketchat_contract.config import MOST_TIMES, numbered
    from rocketchat_contract.run.effective_profile import effective_profile

    if config.url is None:
        return
    parse_address(config.url)  # an address that is none is told first
    if config.yes or sys.stdin.isatty():
        return
    profile = effective_profile(config).profile.scaled(MOST_TIMES if config.within is not None else 1)
    if not profile.room_calls:
        cost = f"at most {profile.others} generated calls (profile {profile.name})"
        raise UsageError(f"A run on {config.url} sends {cost}.", "Pass --yes to allow it.")
    visitors = numbered(profile.most_visitors, "visitor")
    cost = f"at most {profile.most_room_calls} room calls and {visitors} (profile {profile.name})"
    does = "creates rooms" if profile.opens else "sends room calls that open no room"
    raise UsageError(f"A run on {config.url} {does}: {cost}.", "Pass --yes to allow it.")


def begin(driving: Engine) -> Plan | None:
    """Look at the target, and plan what a live one may be asked; a run that gets no further leaves nothing."""
    from rocketchat_contract.client.budget import RunStoppedError
    from rocketchat_contract.run.plan import plan_of

    try:
        run = driving.open()
        return (driving.plan or plan_of(run)) if run.config.url is not None else None
    except KeyboardInterrupt:
        driving.abandon()
        raise TargetError("Interrupted before anything was created.", "Run again when it suits.") from None
    except RunStoppedError as stopped:
        driving.abandon()
        raise TargetError(str(stopped), "Nothing was created; run again when the target answers.") from None
    except BaseException:
        driving.abandon()
        raise


def ask(plan: Plan, driving: Engine) -> None:
    """Show what the run may cost and ask; a run that nobody agrees to leaves nothing."""
    say_folded("\n".join(plan.lines()), err=True)
    try:
        with driving.interruption.allowed():
            agreed = click.confirm("Go on?", err=True)
    except click.Abort:
        agreed = False
    if not agreed:
        driving.abandon()
        raise TargetError("Nothing was created: the run was not agreed to.", "Pass --yes to run without a question.")
    driving.open().client.waiter.start()  # nobody's thinking counts
