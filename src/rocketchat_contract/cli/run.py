"""``run``: judge a live server, or the embedded reference server."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from rocketchat_contract.cli.console import say, say_folded
from rocketchat_contract.cli.options import GroupedCommand, config_of, options_of
from rocketchat_contract.cli.outcome import refuse_secrets_file, tell, write, write_secrets
from rocketchat_contract.cli.showing import USUAL, Showing, showing_of, showing_options
from rocketchat_contract.errors import ContractError, SuiteError, TargetError, UsageError
from rocketchat_contract.record.ledger import sweep_of

if TYPE_CHECKING:
    from rocketchat_contract.cli.progress import Progress
    from rocketchat_contract.config import RunConfig
    from rocketchat_contract.report.run_result import RunResult
    from rocketchat_contract.run.engine import Engine
    from rocketchat_contract.run.plan import Plan


@click.command(
    cls=GroupedCommand,
    epilog="""Examples:

\b
  rocketchat-contract run --edition 7.10
  rocketchat-contract run https://chat.example.com --yes
  rocketchat-contract run https://chat.example.com --yes --strict -v
""",
)
@click.argument("url", required=False)
@options_of("run")
@click.option("-v", "--verbose", is_flag=True, help="Print each request with its status and time.")
@showing_options
def run(url: str | None, **flags: Any) -> None:
    """Judge the Rocket.Chat at URL; without URL, an embedded reference server.

    Values in brackets are defaults. Every option can also stand in the environment or in a file: see `config
    reference`.
    """
    showing = showing_of(flags)
    tell(drive(config_of(url, flags), showing), showing)


def drive(config: RunConfig, showing: Showing = USUAL, *, latest: bool = True) -> RunResult:
    """Let the drivers make their traffic and write the reports; answers the result of the run.

    Signals are held back until the last file is whole. ``latest`` lets the link of that name lead to the run.
    """
    from rocketchat_contract.cli.progress import Progress
    from rocketchat_contract.run.drivers import run_drivers
    from rocketchat_contract.run.engine import Engine

    refuse_unasked(config)
    refuse_secrets_file(config.secrets_file)
    progress = Progress(sys.stderr, quiet=showing.quiet, verbose=showing.verbose)
    driving = Engine(config, progress.seen, progress.entered, progress.waiting)
    driving.interruption.answer = answer_at_once
    with progress, told_without_secrets(driving):
        plan = begun(driving, progress)
        progress.opened(driving.open())
        if plan is not None:
            progress.planned(plan, left_of(driving))
            if not config.yes:
                progress.pause()
                ask(plan, driving)
        try:
            run_drivers(driving, LongLived(), CrashTeller(driving))
            progress.pause()
            return told_in_files(driving, latest=latest)
        finally:
            driving.interruption.remove()


def begun(driving: Engine, progress: Progress) -> Plan | None:
    """Begin a run; a target that cannot be judged at all gets its reports too, so that a red night says why."""
    try:
        return begin(driving)
    except TargetError:
        progress.pause()
        say_of_proxies(driving.config)
        if driving.result is not None:
            report_unopened(driving, driving.result)
        raise


def answer_at_once(text: str) -> None:
    """Say that a signal was taken, from within its handler: nothing that could wait for a lock."""
    with suppress(OSError):
        os.write(2, f"\r\n{text}\r\n".encode())


PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")


def say_of_proxies(config: RunConfig) -> None:
    """Say that proxy variables are not read, where that may be why a target cannot be reached."""
    found = [name for name in PROXIES if os.environ.get(name)]
    if found and config.proxy is None:
        say_folded(f"{found[0]} is set, but not read by this suite. If a proxy is needed, pass --proxy.", err=True)


def report_unopened(driving: Engine, result: RunResult) -> None:
    """Write the reports of a run that never got to its traffic, and say where they are."""
    from rocketchat_contract.report.files import tell_github

    written = write(result, driving.config.report_dir / result.header.run, latest=True)
    click.echo(tell_github(written, os.environ, sys.stdout.encoding or "ascii"), nl=False)
    say_folded(f"report: {written.paths['report.html']}", err=True)


def left_of(driving: Engine) -> Callable[[str], float]:
    """Tells the seconds that the rest of a run takes at most, by what is known then."""
    from rocketchat_contract.run.plan import paced

    run = driving.open()
    return lambda driver: paced(run).left(run.client.budget, tidies=driver == "cleanup")


@contextmanager
def told_without_secrets(driving: Engine) -> Iterator[None]:
    """What nobody expected becomes an error of the suite, its traceback with names in place of secrets."""
    try:
        yield
    except (ContractError, click.exceptions.Exit):
        raise
    except Exception:
        text = driving.masked(traceback.format_exc().rstrip())
        raise SuiteError(text, "This is an error of the suite itself. Please report it with the lines above.") from None


class CrashTeller:
    """A pytest plugin: an error inside pytest is told with names in place of secrets."""

    def __init__(self, driving: Engine) -> None:
        self._driving = driving

    def pytest_internalerror(self, excrepr: object) -> bool:
        """Tell it in pytest's stead."""
        say(self._driving.masked(str(excrepr)), err=True)
        return True


class LongLived:
    """A pytest plugin: what the drivers import lives to the end, so the garbage collector need not look at it again."""

    def pytest_collection_finish(self) -> None:
        """Everything is imported."""
        gc.freeze()


def told_in_files(driving: Engine, *, latest: bool) -> RunResult:
    """Write what a run leaves on this machine: reports, and secrets when asked for; answers the result."""
    from rocketchat_contract.run.drivers import ended_result

    result = ended_result(driving)
    written = write(result, driving.config.report_dir / result.header.run, latest=latest)
    keep_secrets(driving)
    for path in driving.kept:
        click.echo(f"kept in the corpus: {path}", err=True)
    if driving.unkept:
        say_folded(f"{driving.unkept}. The verdict stands.", err=True)
    return written


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


def refuse_unasked(config: RunConfig) -> None:
    """Raise when a live server would be touched although nobody can be asked."""
    from rocketchat_contract.client.address import parse_address
    from rocketchat_contract.config import MOST_TIMES
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
    visitors = f"{profile.most_visitors} visitor{'' if profile.most_visitors == 1 else 's'}"
    cost = f"at most {profile.most_room_calls} room calls and {visitors} (profile {profile.name})"
    does = "creates rooms" if profile.opens else "sends room calls that open no room"
    raise UsageError(f"A run on {config.url} {does}: {cost}.", "Pass --yes to allow it.")


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


def keep_secrets(driving: Engine) -> None:
    """Write the secrets file when one is asked for, and say where what is left can be swept up."""
    run = driving.run
    if run is None:
        return
    if run.config.secrets_file is not None:
        write_secrets(run.config.secrets_file, run.address.url, run.client.mask.variables())
    if run.book is not None:
        from rocketchat_contract.report.phrases import left_in_numbers

        ledger = run.tracker.ledger()
        is_left = bool(ledger.left or ledger.at_least)
        said = "Something is left on" if is_left else "A call that was given up may still take effect on"
        what = f": {left_in_numbers(ledger)}" if is_left else ""
        when = "Try again" if is_left else "Look again in a while"
        say_folded(f"{said} {run.address.url}{what}. {when}: {sweep_of(run.folder)}", err=True)
