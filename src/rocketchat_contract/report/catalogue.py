"""The catalogue of requirements as text: for the terminal, for programs, and as a page of the documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby

from rocketchat_contract.contract.known import Deviation, KnownDeviations
from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.report.phrases import LEVELS

_SOURCES: Mapping[str, str] = {
    "document": "the published OpenAPI document",
    "prose": "the published page",
    "standard": "a standard",
    "server": "Rocket.Chat's own source code",
    "observed": "seen on servers",
}

_MATTERS: Mapping[str, str] = {
    "wire": "A client that cannot read an answer, or reads a stale one, shows the customer an error or an old chat.",
    "schema": "A client that finds another type than was published fails while the customer waits.",
    "envelope": "A client decides by these members whether the customer has a chat; a wrong one hides an error.",
    "room": "The client shows the room as it is described: a wrong one is a chat that is closed or not the customer's.",
    "get-or-create": "The customer gets two chats with two agents, loses the chat that was open, or gets none.",
    "rid": "A client that kept the id of a chat continues the wrong one, or learns that somebody else's exists.",
    "identity": "A customer reads what another one wrote, or is taken for another one.",
    "refusals": "A call that should fail makes a chat for nobody, or changes one.",
    "robustness": "One odd name or letter in a customer's data ends in an error, or in a hole for an attacker.",
}
"""What it means for customers when a requirement of a group is broken."""

_HEAD = """\
# Requirements

Written by `rocketchat-contract requirements --format markdown`; do not edit.

A required check (`must`) that fails makes the verdict *violated*. A recommended one (`should`) is a warning, unless
`--strict` is given.
"""


def requirement_lines(requirement: Requirement, known: KnownDeviations) -> str:
    """One requirement in lines: sentence, level, why it matters, source, releases, and the server that breaks it."""
    return "\n".join(_lines(requirement, known))


def matters(requirement: Requirement) -> str:
    """What it means for customers when it is broken; empty where nobody wrote it down."""
    return requirement.why or _MATTERS.get(requirement.group, "")


def _of(requirement: Requirement, known: KnownDeviations) -> Iterator[Deviation]:
    return (each for each in known if each.speaks_of(requirement.id))


def _lines(requirement: Requirement, known: KnownDeviations) -> Iterator[str]:
    yield f"{requirement.id} ({requirement.level}: {LEVELS[requirement.level]}, group {requirement.group})"
    yield f"  {requirement.sentence}"
    if requirement.only_when:
        yield f"  applies when: {requirement.only_when}"
    if requirement.needs:
        yield f"  needs: {', '.join(requirement.needs)}"
    if matters(requirement):
        yield f"  why it matters: {matters(requirement)}"
    for each in _of(requirement, known):
        yield f"  known of releases: {each.span} ({each.source}): {each.what} {each.advice}"
    yield f"  source: {_SOURCES[requirement.source]}: {requirement.quote}"
    yield f"  address: {requirement.address}"
    yield f"  proved by a server that breaks it: rocketchat-contract run --wrong {requirement.wrong}"


def catalogue_data(chosen: Sequence[Requirement]) -> str:
    """The requirements as a JSON array of objects."""
    return json.dumps([asdict(requirement) for requirement in chosen], indent=2, ensure_ascii=False)


def as_markdown(groups: Mapping[str, str], chosen: Sequence[Requirement], known: KnownDeviations) -> str:
    """The requirements as a page: a section each group, a heading each requirement."""
    places = {group: place for place, group in enumerate(groups)}
    in_order = sorted(chosen, key=lambda requirement: places[requirement.group])
    sections = groupby(in_order, key=lambda requirement: requirement.group)
    return "\n".join([_HEAD, *(_section(group, groups[group], list(members), known) for group, members in sections)])


def _section(group: str, about: str, members: Sequence[Requirement], known: KnownDeviations) -> str:
    matters = [f"Why it matters: {_MATTERS[group]}", ""] if group in _MATTERS else []
    return "\n".join([f"## {group}", "", about, "", *matters, *(_entry(each, known) for each in members)])


def _known(deviation: Deviation) -> str:
    source = f"[{deviation.source}]({deviation.address})" if deviation.address else deviation.source
    return f"- known of releases, {deviation.span} ({source}): {deviation.meaning} {deviation.advice}\n"


def _entry(requirement: Requirement, known: KnownDeviations) -> str:
    condition = f" Applies when {requirement.only_when}." if requirement.only_when else ""
    quote = requirement.quote.replace("`", "'")
    why = f"- why it matters: {requirement.why}\n" if requirement.why else ""
    return (
        f"### {requirement.id}\n\n"
        f"{requirement.sentence}{condition}\n\n"
        f"- level: {requirement.level} ({LEVELS[requirement.level]})\n"
        f"- source: {_SOURCES[requirement.source]}, `{quote}` ([address]({requirement.address}))\n"
        f"{why}{''.join(map(_known, _of(requirement, known)))}"
        f"- proved by the wrong server `{requirement.wrong}`\n"
    )
