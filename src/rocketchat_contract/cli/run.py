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

from rocketchat_contract.cli.options import GroupedCommand, options_of
from rocketchat_contract.cli.outcome import tell
from rocketchat_contract.cli.showing import USUAL, Showing, showing_of, showing_options
from rocketchat_contract.errors import ContractError, SuiteError, TargetError
from rocketchat_contract.face.agreement import ask, begin, refuse_unasked
from rocketchat_contract.face.asked import config_of
from rocketchat_contract.face.console import say, say_folded
from rocketchat_contract.face.written import keep_secrets, refuse_secrets_file, write

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
    with progress, without_secrets_in_errors(driving):
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
            return write_result(driving, latest=latest)
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
def without_secrets_in_errors(driving: Engine) -> Iterator[None]:
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


def write_result(driving: Engine, *, latest: bool) -> RunResult:
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
