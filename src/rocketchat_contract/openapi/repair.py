"""Gives booleans and numbers that a page carries as strings their type back: by position, not by look.

The keyword decides where the OpenAPI specification fixes its type; the value's own schema decides in
``example``, ``examples``, ``default``, ``enum`` and ``const``. The order matters: keywords first, so that
schemas say what they mean, then the constants of schemas, then the values that these schemas decide about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rocketchat_contract.openapi.conversion import converted
from rocketchat_contract.openapi.grammar import KeywordSite, Sites, ValueSite, sites
from rocketchat_contract.openapi.pointer import Pointer, pointer_text, value_at, with_changes
from rocketchat_contract.openapi.reading import Reading, Stuck, TypedValue, TypeReader, agreed

_CONSTANTS = {"enum", "const"}


@dataclass(frozen=True)
class Repair:
    """One string that became a boolean or a number; ``rule`` says what decided."""

    pointer: Pointer
    old: str
    new: bool | int | float
    rule: str
    of_keyword: bool


@dataclass(frozen=True)
class Unrepaired:
    """One string that stands where a boolean or a number is due and that is not how JSON writes one."""

    pointer: Pointer
    old: str
    expected: str
    rule: str


@dataclass(frozen=True)
class Repaired:
    """A repaired document, what was repaired in it, what could not be, and its sites."""

    data: dict[str, Any]
    repairs: tuple[Repair, ...]
    unrepaired: tuple[Unrepaired, ...]
    sites: Sites


def repair(data: dict[str, Any]) -> Repaired:
    """Repairs an OpenAPI 3.0 or 3.1 document; the one given stays as it is."""
    is_31 = str(data.get("openapi")).startswith("3.1")
    found = sites(data, is_31=is_31)
    steps: list[Callable[[dict[str, Any]], list[Repair | Unrepaired]]] = [
        lambda now: _keywords(now, found.keywords, is_31=is_31),
        lambda now: _values(now, found, is_31=is_31, constants=True),
        lambda now: _values(now, found, is_31=is_31, constants=False),
    ]
    reported: list[Repair | Unrepaired] = []
    for step in steps:
        news = step(data)
        data = with_changes(data, {each.pointer: each.new for each in news if isinstance(each, Repair)})
        reported += news
    repairs = tuple(each for each in reported if isinstance(each, Repair))
    return Repaired(data, repairs, tuple(each for each in reported if isinstance(each, Unrepaired)), found)


def _keywords(data: dict[str, Any], found: Iterable[KeywordSite], *, is_31: bool) -> list[Repair | Unrepaired]:
    reported: list[Repair | Unrepaired] = []
    for site in found:
        old = value_at(data, site.pointer)
        if isinstance(old, str):
            new = converted(old, site.type, is_31=is_31)
            rule = _keyword_rule(site)
            reported.append(
                Unrepaired(site.pointer, old, site.type, rule)
                if new is None
                else Repair(site.pointer, old, new, rule, of_keyword=True)
            )
    return reported


def _keyword_rule(site: KeywordSite) -> str:
    owner = site.owner.title() if site.owner != "xml" else "XML"
    return f"OpenAPI, {owner} Object: {site.pointer[-1]} is of type {site.type}"


def _values(data: dict[str, Any], found: Sites, *, is_31: bool, constants: bool) -> list[Repair | Unrepaired]:
    reader = TypeReader(data, found.schemas, is_31=is_31)
    reading = agreed(
        _whole_reading(reader, data, site, constants=constants)
        for site in found.values
        if (site.keyword in _CONSTANTS) is constants
    )
    return [
        reported
        for pointer, verdict in reading.items()
        for reported in _reported(value_at(data, pointer), pointer, verdict)
    ]


def _whole_reading(reader: TypeReader, data: dict[str, Any], site: ValueSite, *, constants: bool) -> Reading:
    reading = reader.read(value_at(data, site.pointer), site.schema, without_enum=constants)
    return {(*site.pointer, *place): verdict for place, verdict in reading.items()}


def _reported(old: str, pointer: Pointer, verdict: TypedValue) -> Iterator[Repair | Unrepaired]:
    where = f"schema at {pointer_text(verdict.schema)}"
    match verdict.value:
        case Stuck(expected):
            yield Unrepaired(pointer, old, expected, f"{where}: {expected}")
        case bool() | int() | float() as new:
            type_ = {bool: "boolean", int: "integer", float: "number"}[type(new)]
            yield Repair(pointer, old, new, f"{where}: {type_}", of_keyword=False)
