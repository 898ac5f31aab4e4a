"""``run``: judge a live server, or the embedded reference server."""

from __future__ import annotations

import secrets
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from rocketchat_contract.cli.outcome import tell, write
from rocketchat_contract.config import PROFILES, RunConfig
from rocketchat_contract.errors import SuiteError, UsageError

if TYPE_CHECKING:
    from rocketchat_contract.driving import Driving
    from rocketchat_contract.report.account import Account


@click.command(context_settings={"show_default": True})
@click.argument("url", required=False)
@click.option(
    "--profile", type=click.Choice(list(PROFILES)), help="Budget and drivers. [default: gate; embedded: full]"
)
@click.option("--strict", is_flag=True, help="A broken should also ends with exit 1.")
@click.option("--yes", is_flag=True, help="Ask no question before a live server is touched.")
@click.option("--edition", help="Of the embedded server: newest, 7.10 or 3.7.")
@click.option("--wrong", help="Which deviation the embedded server has, by name.")
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"))
@click.option("--seed", type=int, help="Of generated traffic. [default: random]")
@click.option("--overlay", type=click.Path(dir_okay=False, path_type=Path), help="Your own OpenAPI overlay on top.")
@click.option("--timeout", type=click.FloatRange(min=0.1), default=30.0, help="Seconds that one call may take.")
@click.option("--ca", type=click.Path(dir_okay=False), help="PEM file of your own certificate authority.")
@click.option("--insecure", is_flag=True, help="Do not check the server's certificate.")
def run(url: str | None, **options: Any) -> None:
    """Judge the Rocket.Chat at URL; without URL, an embedded reference server."""
    config = _config(url, options)
    if config.insecure:
        click.echo("Warning: the server's certificate is not checked (--insecure).", err=True)
    if url is not None and not options["yes"]:
        _ask(config)
    signal.signal(signal.SIGTERM, _interrupt)
    account = drive(config)
    tell(write(account, config.report_dir / account.header["run"], latest=True))


def _config(url: str | None, options: dict[str, Any]) -> RunConfig:
    for name in ("edition", "wrong"):
        if url is not None and options[name]:
            raise UsageError(
                f"--{name} {options[name]} is for the embedded server, but a URL was given.", "Leave one of them out."
            )
    server = tuple(f"{name}={options[name]}" for name in ("edition", "wrong") if options[name])
    seed = options["seed"] if options["seed"] is not None else secrets.randbelow(2**31)
    return RunConfig(
        url=url,
        server=server,
        profile=PROFILES[options["profile"] or ("gate" if url else "full")],
        seed=seed,
        strict=options["strict"],
        report_dir=options["report_dir"],
        overlay=options["overlay"],
        seconds=options["timeout"],
        ca=options["ca"],
        insecure=options["insecure"],
        shrink=url is None,
    )


def _ask(config: RunConfig) -> None:
    profile = config.profile
    cost = f"at most {profile.room_calls} room calls and {profile.visitors} visitors (profile {profile.name})"
    if not sys.stdin.isatty():
        raise UsageError(f"A run on {config.url} creates rooms: {cost}.", "Say --yes to allow it.")
    click.confirm(f"A run on {config.url} creates rooms, and closes and deletes them again: {cost}. Go on?", abort=True)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def drive(config: RunConfig) -> Account:
    """Let the drivers make their traffic; answers the account of the run."""
    from rocketchat_contract.cli.progress import Progress  # noqa: PLC0415 - pytest and the target are slow to import
    from rocketchat_contract.driving import Driving  # noqa: PLC0415

    with Progress(sys.stderr) as progress:
        driving = Driving(config, progress.seen, progress.entered)
        driving.open()
        progress.opened(driving.open())
        _drive_pytest(driving)
    if driving.account is None:
        raise SuiteError("The drivers ended without an account.", "Run again and report it with the output above.")
    return driving.account


def _drive_pytest(driving: Driving) -> None:
    import pytest  # noqa: PLC0415

    from rocketchat_contract.suite import drivers_folder  # noqa: PLC0415

    plugins = ("cacheprovider", "terminal", "junitxml", "schemathesis", "hypothesispytest", "warnings", "logging")
    folder = str(drivers_folder())
    arguments = [folder, "-s", f"--rootdir={folder}", "-c", "/dev/null", "--import-mode=importlib", "--noconftest", "--assert=plain"]
    pytest.main([*arguments, *(f"-pno:{name}" for name in plugins)], plugins=[driving])
