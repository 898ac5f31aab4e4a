"""Flags made from the options; what they mean is said, and checked, in one place for both faces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from rocketchat_contract.cli.completions import OFFERED, Offer, offering
from rocketchat_contract.config.option import Option
from rocketchat_contract.config.options import BY_FIELD, CONFIG_FILE, OPTIONS

CONFIG = click.option(
    "--config", "config_file", type=click.Path(dir_okay=False, path_type=Path), help=f"Instead of {CONFIG_FILE} here."
)


def options_of(command: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a command with the flags that it takes."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        decorated = CONFIG(function)
        for option in reversed(OPTIONS):
            if option.belongs_to(command):
                decorated = _flag(option)(decorated)
        return decorated

    return decorate


class GroupedCommand(click.Command):
    """A command whose help lists its options by their groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, group by group; those of the command itself come last."""
        groups: dict[str, list[tuple[str, str]]] = {option.group: [] for option in OPTIONS}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                known = BY_FIELD.get(parameter.name or "")
                groups.setdefault(known.group if known else "This command", []).append(record)
        for group, records in groups.items():
            if records:
                with formatter.section(group):
                    formatter.write_dl(records)


def _completions(option: Option) -> Offer | None:
    """What the shell may offer for an option's value."""
    if option.choices:
        return offering(lambda: option.choices)
    return offering(OFFERED[option.name]) if option.name in OFFERED else None


def format_option(about: str, *kinds: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option of how a command tells what it found: for people, or as one of these kinds."""
    choice = click.Choice(["human", *kinds])
    return click.option("--format", "format_", type=choice, default="human", show_default=True, help=about)


def _flag(option: Option) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    about = option.about + (f" [{option.default or option.otherwise}]" if option.kind != "switch" else "")
    if option.kind == "switch":
        return click.option(f"--{option.name}", option.field, is_flag=True, help=about)
    metavar = "|".join(option.choices) or option.metavar or "TEXT"
    multiple = option.kind == "texts"
    offered = _completions(option)
    return click.option(
        f"--{option.name}", option.field, multiple=multiple, metavar=metavar, help=about, shell_complete=offered
    )
