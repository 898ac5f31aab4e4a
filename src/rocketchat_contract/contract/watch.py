"""What moved between a vendored page and a newly downloaded one: in the document, the prose, and the requirements."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from rocketchat_contract.contract.requirements import Requirement, Requirements
from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.audit import Audit
from rocketchat_contract.openapi.difference import PlaceChange, PlaceDifference, differences
from rocketchat_contract.openapi.document import PublishedDocument
from rocketchat_contract.openapi.findings import SpecFinding
from rocketchat_contract.openapi.overlay import Overlay, applied
from rocketchat_contract.openapi.place import NamedPlace, named_place_of
from rocketchat_contract.openapi.pointer import Pointer, pointer_text, value_at

_FORMAT = "rocketchat-contract/spec-watch/1"


@dataclass(frozen=True)
class Moved:
    """One place of the document that was added, removed or changed; what is gone has its line in the old page."""

    change: PlaceChange
    place: NamedPlace
    pointer: Pointer
    line: int
    old: Any
    new: Any

    def as_json(self) -> dict[str, Any]:
        """Gives the move as a JSON object."""
        return {
            "change": self.change.value,
            "part": self.place.part.value,
            "what": str(self.place),
            "pointer": pointer_text(self.pointer),
            "line": self.line,
            "old": self.old,
            "new": self.new,
        }


@dataclass(frozen=True)
class Text:
    """One line of the page outside its document that was added or removed; ``line`` counts in its own page."""

    change: PlaceChange
    line: int
    text: str

    def as_json(self) -> dict[str, Any]:
        """Gives the line as a JSON object."""
        return {"change": self.change.value, "line": self.line, "text": self.text}


@dataclass(frozen=True)
class Mending:
    """A repair that is new, no longer needed, or of another string; ``old`` and ``new`` stand as published."""

    change: PlaceChange
    place: str
    line: int
    old: str | None
    new: str | None

    def as_json(self) -> dict[str, Any]:
        """Gives the repair as a JSON object."""
        return {
            "change": self.change.value,
            "what": self.place,
            "line": self.line,
            "old": self.old,
            "new": self.new,
        }


@dataclass(frozen=True)
class Affected:
    """A requirement whose quote is gone, or whose quoted place moved; ``places`` are those in words."""

    requirement: Requirement
    loses_its_quote: bool
    places: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Gives the requirement as a JSON object."""
        return {
            "id": self.requirement.id,
            "level": self.requirement.level,
            "quote": self.requirement.quote,
            "losesItsQuote": self.loses_its_quote,
            "places": list(self.places),
        }


@dataclass(frozen=True)
class Watch:
    """All that moved; ``unplaced`` are overlay actions (file, line, target) that select nothing any more."""

    old: PublishedDocument
    new: PublishedDocument
    moved: tuple[Moved, ...]
    text: tuple[Text, ...]
    repairs: tuple[Mending, ...]
    requirements: tuple[Affected, ...]
    unplaced: tuple[tuple[str, int, str], ...]

    @property
    def has_changes(self) -> bool:
        """Whether the page says anything else; other spaces and line ends alone are no change."""
        return bool(self.moved or self.text or self.repairs or self.requirements or self.unplaced)

    def as_json(self) -> dict[str, Any]:
        """Gives the watch as one JSON object."""
        return {
            "format": _FORMAT,
            "old": {"name": self.old.page.name, "sha256": self.old.page.sha256},
            "new": {"name": self.new.page.name, "sha256": self.new.page.sha256},
            "changed": self.has_changes,
            "document": [each.as_json() for each in self.moved],
            "text": [each.as_json() for each in self.text],
            "repairs": [each.as_json() for each in self.repairs],
            "requirements": [each.as_json() for each in self.requirements],
            "overlay": [dict(zip(("name", "line", "target"), each, strict=True)) for each in self.unplaced],
        }


def watch(old: Audit, new: Audit, requirements: Requirements, overlays: Iterable[Overlay] = ()) -> Watch:
    """Compares two audited pages after repair; what a requirement quotes is looked for in the page as published."""
    found = list(differences(old.repaired, new.repaired))
    return Watch(
        old=old.document,
        new=new.document,
        moved=tuple(_moved(old, new, each) for each in found),
        text=tuple(_text(old.document, new.document)),
        repairs=tuple(_mendings(old, new)),
        requirements=tuple(_affected(old, new, requirements, found)),
        unplaced=tuple(_unplaced(new.repaired, overlays)),
    )


def _moved(old: Audit, new: Audit, difference: PlaceDifference) -> Moved:
    is_gone = difference.change is PlaceChange.REMOVED
    at, audit = (difference.old_pointer, old) if is_gone else (difference.new_pointer, new)
    place = named_place_of(audit.repaired, at)
    return Moved(difference.change, place, at, audit.document.line(at), difference.old, difference.new)


def _text(old: PublishedDocument, new: PublishedDocument) -> Iterator[Text]:
    before, after = _prose(old), _prose(new)
    matcher = difflib.SequenceMatcher(None, [text for _, text in before], [text for _, text in after], autojunk=False)
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag != "equal":
            yield from (Text(PlaceChange.REMOVED, line, text) for line, text in before[first:last])
            yield from (Text(PlaceChange.ADDED, line, text) for line, text in after[start:end])


def _prose(document: PublishedDocument) -> list[tuple[int, str]]:
    """The lines around the document that say something, each with its number."""
    lines = document.page.text.split("\n")
    first = document.block_line - 1
    last = first + document.block_lines
    return [
        (number, _plain(text)) for number, text in enumerate(lines, 1) if text.strip() and not first < number <= last
    ]


def _mendings(old: Audit, new: Audit) -> Iterator[Mending]:
    before, after = _by_place(old), _by_place(new)
    for place, repair in before.items():
        if place not in after:
            yield Mending(PlaceChange.REMOVED, place[0], repair.line, repair.old, None)
    for place, repair in after.items():
        was = before[place].old if place in before else None
        if was != repair.old:
            change = PlaceChange.ADDED if was is None else PlaceChange.CHANGED
            yield Mending(change, place[0], repair.line, was, repair.old)


def _by_place(audit: Audit) -> dict[tuple[str, int], SpecFinding]:
    """The repairs by their place in words, which survives a new order; alike ones are counted."""
    seen: Counter[str] = Counter()
    found = {}
    for repair in audit.repairs:
        name = str(named_place_of(audit.repaired, repair.pointer))
        found[name, seen[name]] = repair
        seen[name] += 1
    return found


def _affected(old: Audit, new: Audit, requirements: Requirements, found: list[PlaceDifference]) -> Iterator[Affected]:
    page = _plain(new.document.page.text)
    quotable = dict(_quotable(old.document.data))
    for requirement in requirements:
        if requirement.source not in ("document", "prose"):
            continue
        quote = _plain(requirement.quote)
        is_lost = quote not in page
        subjects = [each for at, text in quotable.items() if quote in text for each in _subjects(old.repaired, at)]
        places = dict.fromkeys(str(_moved(old, new, each).place) for each in found if _touches(each, subjects))
        if is_lost or places:
            yield Affected(requirement, is_lost, tuple(places))


def _quotable(data: Any, at: Pointer = ()) -> Iterator[tuple[Pointer, str]]:
    """Every member of a document as it stands in a page: its name, and its value where that is plain."""
    steps: Iterable[tuple[str | int, Any]] = data.items() if isinstance(data, dict) else enumerate(data)
    for step, value in steps:
        place = (*at, step)
        if isinstance(value, (dict, list)):
            yield place, f'"{step}": {"{" if isinstance(value, dict) else "["}'
            yield from _quotable(value, place)
        else:
            yield place, _plain(f'"{step}": {json.dumps(value, ensure_ascii=False)}')


def _subjects(data: dict[str, Any], at: Pointer) -> tuple[Pointer, ...]:
    """What a quoted place speaks of: the parameter, the response, or a member in an example and its schema."""
    match at[3:]:
        case ("parameters", index, *_) if at[0] == "paths":
            return ((*at[:4], index),)
        case ("responses", status, "description"):
            return ((*at[:4], status),)
        case ("responses", _, "content", _, "examples", _, "value", *inner) | (
            "responses",
            _,
            "content",
            _,
            "example",
            *inner,
        ):
            return at, _member_schema(data, at[:7], inner)
        case _:
            return (at,)


def _member_schema(data: dict[str, Any], media_type: Pointer, inner: list[str | int]) -> Pointer:
    """The schema of a member of a body, as deep as the document has one."""
    place: Pointer = (*media_type, "schema")
    for step in inner:
        further: Pointer = (*place, "items") if isinstance(step, int) else (*place, "properties", step)
        try:
            value_at(data, further)
        except (KeyError, IndexError, TypeError):
            return place
        place = further
    return place


def _touches(difference: PlaceDifference, subjects: list[Pointer]) -> bool:
    return any(_meets(difference.old_pointer, subject) for subject in subjects)


def _meets(at: Pointer, subject: Pointer) -> bool:
    """Whether a difference lies in a subject or around it.

    A response is also met by another one that comes or goes beside it, and not by its examples; a media type only as
    a whole.
    """
    if len(subject) == 5 and subject[3] == "responses":
        is_beside = len(at) == 5 and at[:4] == subject[:4]
        return is_beside or (at[:5] == subject and not {"example", "examples"} & set(at[5:8]))
    if subject[-2:-1] == ("content",):
        return subject[: len(at)] == at
    return at[: len(subject)] == subject or subject[: len(at)] == at


def _unplaced(data: dict[str, Any], overlays: Iterable[Overlay]) -> Iterator[tuple[str, int, str]]:
    """Actions that can no longer be carried out; those after them are still tried."""
    for overlay in overlays:
        for action in overlay.actions:
            try:
                data = applied(data, replace(overlay, actions=(action,)))
            except UsageError:
                yield overlay.name, action.line, action.target


def _plain(text: str) -> str:
    return " ".join(text.split())
