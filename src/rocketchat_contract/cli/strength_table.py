"""``spec strength`` for people: one row per kind of change, and what nothing notices, with the reason."""

from __future__ import annotations

from textwrap import fill

import click

from rocketchat_contract.contract.strength import Measured, Strength

_SHOWN = 6


def print_strength(measured: Measured) -> None:
    """Print the table."""
    click.echo("Single changes of the example's 200 answer, and how many each contract rejects:\n")
    click.echo(_row("kind of change", "changes", "published", "full", "should only"))
    for each in (*measured.kinds, measured.total):
        click.echo(_numbers(each))
    click.echo("\nNot noticed:")
    for why, places in measured.reasons.items():
        more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
        click.echo(
            fill(f"{why}: {', '.join(places[:_SHOWN])}{more}", 80, initial_indent="  ", subsequent_indent="    ")
        )
    click.echo("\nWith --format json every place is named.")


def _numbers(each: Strength) -> str:
    return _row(each.kind, str(each.mutations), _share(each.published, each), _share(each.full, each), str(each.warned))


def _share(number: int, of: Strength) -> str:
    return f"{number} ({number / of.mutations:.0%})"


def _row(*cells: str) -> str:
    return f"  {cells[0]:<16}" + "".join(f"{cell:>13}" for cell in cells[1:])
