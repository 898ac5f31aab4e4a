"""How a command shows its result: how much, in which form, in which colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rocketchat_contract.judge.operation import Operation


@dataclass(frozen=True)
class Showing:
    """``quiet`` prints the verdict alone, ``verbose`` each request too; ``as_json`` the report for programs instead.

    ``colour`` None follows the terminal; ``opens`` shows the HTML report in a browser.
    """

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False
    colour: bool | None = None
    opens: bool = False


USUAL = Showing()


def showing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command that ends with a verdict with the options of how it is shown."""
    for option in reversed(
        (
            click.option("-q", "--quiet", is_flag=True, help="Print the verdict alone."),
            click.option(
                "--format",
                "format_",
                type=click.Choice(["human", "json"]),
                default="human",
                help="json prints report.json instead of text.",
            ),
            click.option(
                "--color",
                "color",
                type=click.Choice(["auto", "always", "never"]),
                default="auto",
                help="Colours of the terminal report. [auto]",
            ),
            click.option("--open", "opens", is_flag=True, help="Open report.html in a browser at the end."),
        )
    ):
        function = option(function)
    return function


def amount_options(quiet: str, verbose: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a command with the options of how much it prints; each says what that means there."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        with_verbose = click.option("-v", "--verbose", is_flag=True, help=verbose)(function)
        return click.option("-q", "--quiet", is_flag=True, help=quiet)(with_verbose)

    return decorate


def printing(*, verbose: bool) -> Callable[[Operation], None]:
    """What hears of each request: prints it when asked to."""
    if not verbose:
        return lambda _: None
    from rocketchat_contract.cli.progress import request_line
    from rocketchat_contract.face.console import say

    return lambda op: say(request_line(op), err=True)


def showing_of(flags: dict[str, Any]) -> Showing:
    """What the options of ``showing_options`` ask for; they are taken out of ``flags``."""
    color = flags.pop("color")
    return Showing(
        quiet=flags.pop("quiet"),
        verbose=flags.pop("verbose", False),
        as_json=flags.pop("format_") == "json",
        colour=None if color == "auto" else color == "always",
        opens=flags.pop("opens"),
    )
