"""``requirements``: what is checked, and why, as a list or one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rocketchat_contract.cli.completions import offering, requirement_ids
from rocketchat_contract.cli.options import format_option
from rocketchat_contract.face.console import say, say_folded

if TYPE_CHECKING:
    from rocketchat_contract.contract.requirements import Requirement, Requirements


@click.command()
@click.argument("requirement_id", metavar="[ID]", required=False, shell_complete=offering(requirement_ids))
@format_option("As a table for people, as JSON, or as a page in Markdown.", "json", "markdown")
def requirements(requirement_id: str | None, format_: str) -> None:
    """List what is checked; with an ID, explain that requirement.

    A required one that fails ends a run with exit code 1; a recommended one is a warning.
    """
    from rocketchat_contract.contract.known import known_deviations
    from rocketchat_contract.report.catalogue import as_markdown, catalogue_data, requirement_lines

    catalogue, known = _catalogue(), known_deviations()
    chosen = tuple(catalogue) if requirement_id is None else (_found(catalogue, requirement_id),)
    if format_ == "json":
        say(catalogue_data(chosen))
    elif format_ == "markdown":
        say(as_markdown(catalogue.groups, chosen, known).rstrip("\n"))
    elif requirement_id is not None:
        say_folded(requirement_lines(chosen[0], known))
    else:
        _list(catalogue)


def _catalogue() -> Requirements:
    from rocketchat_contract.contract.catalogue import load_catalogue
    from rocketchat_contract.contract.vendored import load_contract

    return load_catalogue(load_contract())


def _found(catalogue: Requirements, requirement_id: str) -> Requirement:
    from difflib import get_close_matches

    from rocketchat_contract.errors import UsageError

    if requirement_id not in catalogue.ids:
        near = get_close_matches(requirement_id, catalogue.ids, n=1)
        hint = f"Did you mean {near[0]}?" if near else "List them: rocketchat-contract requirements"
        raise UsageError(f"There is no requirement {requirement_id!r}.", hint)
    return catalogue[requirement_id]


def _list(catalogue: Requirements) -> None:
    from rocketchat_contract.report.phrases import LEVELS

    for group, about in catalogue.groups.items():
        say_folded(f"{group}: {about}")
        for each in catalogue:
            if each.group == group:
                say_folded(f"  {LEVELS[each.level]:<11}  {each.id}")
        say("")
    say_folded("Explain one: rocketchat-contract requirements ID")
