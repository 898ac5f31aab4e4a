"""``spec strength`` for people: one row per kind of change, and what goes unnoticed, with the reason."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill

import click

from rocketchat_contract.contract.strength import Excused, KindStrength, Measured, Spoken

_SHOWN = 6


def print_strength(measured: Measured) -> None:
    """Print the tables."""
    click.echo("Single changes of the example's 200 answer, and how many each contract rejects.")
    click.echo("The changed body answers the second of three calls; the other two are right.\n")
    click.echo(_row("kind of change", "changes", "published", "full", "should only"))
    for each in (*measured.kinds, measured.total):
        click.echo(_numbers(each))
    _print_spoken(measured)
    click.echo("\nNot noticed, and no requirement speaks of it:")
    for why, places in measured.reasons.items():
        more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
        _print_item(f"{why}: {', '.join(places[:_SHOWN])}{more}")
    click.echo("\nWith --format json every place is named.")


def _print_spoken(measured: Measured) -> None:
    spoken, total = measured.spoken, measured.spoken.total
    click.echo("\nThe same, only changes of what a requirement speaks of:\n")
    click.echo(_row("kind of change", "changes", "full", "should only", "exceptions"))
    for each in (*spoken.kinds, total):
        click.echo(_spoken_numbers(each))
    click.echo(f"\n{strength_sentence(total, len(spoken.missed))}\n\nExceptions:")
    for why, found in _by_reason(spoken.excused).items():
        _print_item(f"{why} {', '.join(found)}")
    for kind, place in spoken.missed:
        _print_item(f"Missed, without a reason: {place} ({kind})")


def strength_sentence(total: Spoken, missed: int) -> str:
    """How the full contract does on what requirements speak of, in one sentence of at most 80 columns a line."""
    left = f", and misses {missed}" if missed else ""
    return fill(
        f"Of the {total.mutations} changes of members that a requirement speaks of, the full contract rejects "
        f"{total.rejected}, warns of {total.warned} more, and excepts {total.excused}, each with its reason{left}.",
        80,
    )


def _by_reason(excused: Iterable[Excused]) -> dict[str, list[str]]:
    found: dict[str, dict[str, list[str]]] = {}
    for each in excused:
        found.setdefault(each.reason, {}).setdefault(each.place, []).append(each.kind)
    return {why: [f"{place} ({', '.join(kinds)})" for place, kinds in places.items()] for why, places in found.items()}


def _print_item(text: str) -> None:
    click.echo(fill(text, 80, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False))


def _numbers(each: KindStrength) -> str:
    return _row(each.kind, str(each.mutations), _share(each.published, each), _share(each.full, each), str(each.warned))


def _spoken_numbers(each: Spoken) -> str:
    return _row(each.kind, str(each.mutations), _share(each.rejected, each), str(each.warned), str(each.excused))


def _share(number: int, of: KindStrength | Spoken) -> str:
    return f"{number} ({number / of.mutations:.0%})" if of.mutations else "0"


def _row(*cells: str) -> str:
    return f"  {cells[0]:<16}" + "".join(f"{cell:>13}" for cell in cells[1:])
