"""The catalogue of requirements as text: for the terminal, for programs, and as a page of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby

from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.report.phrases import LEVELS

_SOURCES: Mapping[str, str] = {
    "document": "the published OpenAPI document",
    "prose": "the published page",
    "standard": "a standard",
    "server": "Rocket.Chat's own source code",
    "observed": "seen on servers",
}

_HEAD = """\
# Requirements

Written by `rocketchat-contract requirements --format markdown`; do not edit.

A required check (`must`) that fails makes the verdict *violated*. A recommended one (`should`) is a warning, unless
`--strict` is given.
"""


def requirement_lines(requirement: Requirement) -> str:
    """One requirement in lines: sentence, level, source, and the wrong server that breaks it."""
    return "\n".join(_lines(requirement))


def _lines(requirement: Requirement) -> Iterator[str]:
    yield f"{requirement.id} ({requirement.level}: {LEVELS[requirement.level]}, group {requirement.group})"
    yield f"  {requirement.sentence}"
    if requirement.only_when:
        yield f"  applies when: {requirement.only_when}"
    if requirement.needs:
        yield f"  needs: {', '.join(requirement.needs)}"
    yield f"  source: {_SOURCES[requirement.source]}: {requirement.quote}"
    yield f"  address: {requirement.address}"
    yield f"  proved by a server that breaks it: rocketchat-contract run --wrong {requirement.wrong}"


def catalogue_data(chosen: Sequence[Requirement]) -> str:
    """The requirements as a JSON array of objects."""
    return json.dumps([asdict(requirement) for requirement in chosen], indent=2, ensure_ascii=False)


def as_markdown(groups: Mapping[str, str], chosen: Sequence[Requirement]) -> str:
    """The requirements as a page: a section each group, a heading each requirement."""
    places = {group: place for place, group in enumerate(groups)}
    in_order = sorted(chosen, key=lambda requirement: places[requirement.group])
    sections = groupby(in_order, key=lambda requirement: requirement.group)
    return "\n".join([_HEAD, *(_section(group, groups[group], list(members)) for group, members in sections)])


def _section(group: str, about: str, members: Sequence[Requirement]) -> str:
    return "\n".join([f"## {group}", "", about, "", *map(_entry, members)])


def _entry(requirement: Requirement) -> str:
    condition = f" Applies when {requirement.only_when}." if requirement.only_when else ""
    quote = requirement.quote.replace("`", "'")
    return (
        f"### {requirement.id}\n\n"
        f"{requirement.sentence}{condition}\n\n"
        f"- level: {requirement.level} ({LEVELS[requirement.level]})\n"
        f"- source: {_SOURCES[requirement.source]}, `{quote}` ([address]({requirement.address}))\n"
        f"- proved by the wrong server `{requirement.wrong}`\n"
    )
