"""How much a contract can see: every single change of a right body, and whether the contract notices it.

A mutation changes one place of a body and nothing else. What notices few of them would pass most defects of a
server. The numbers of the vendored contract are kept in ``spec/`` and are the same as ``spec strength`` computes.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rocketchat_contract.contract.document import followed
from rocketchat_contract.contract.pointer import Pointer, pointer_text, value_at
from rocketchat_contract.contract.vendored import STEM, Contract, spec_folder

MEDIA_TYPE = "application/json"


@dataclass(frozen=True)
class Mutation:
    """One change of a body: its kind, its place as a JSON pointer, and the body that it makes."""

    kind: str
    place: str
    body: Any


@dataclass(frozen=True)
class Strength:
    """Of ``mutations`` of one kind, how many each contract rejects; ``warned`` are noticed by a should only."""

    kind: str
    mutations: int
    published: int
    full: int
    warned: int


Hashes = tuple[str, str]
"""The SHA-256 of the page and that of the overlays."""


@dataclass(frozen=True)
class Measured:
    """The strength per kind, and the places whose change nothing notices, by kind; ``of`` are the contract's hashes."""

    kinds: tuple[Strength, ...]
    unnoticed: Mapping[str, tuple[str, ...]]
    of: Hashes = ("", "")

    @property
    def total(self) -> Strength:
        """All kinds together."""
        counts = ("mutations", "published", "full", "warned")
        return Strength("all", *(sum(getattr(each, name) for each in self.kinds) for name in counts))

    @property
    def reasons(self) -> Mapping[str, tuple[str, ...]]:
        """The places whose change nothing notices, by the reason why."""
        found: dict[str, dict[str, None]] = {}
        for kind, places in self.unnoticed.items():
            for place in places:
                found.setdefault(reason(kind), {})[place] = None
        return {why: tuple(places) for why, places in found.items()}

    def to_json(self) -> dict[str, Any]:
        """The numbers as JSON; ``from_json`` reads them back."""
        unnoticed = {kind: list(places) for kind, places in self.unnoticed.items()}
        kinds = [asdict(each) for each in self.kinds]
        why = {kind: reason(kind) for kind, places in unnoticed.items() if places}
        of = {"page_sha256": self.of[0], "overlay_sha256": self.of[1]}
        return {**of, "kinds": kinds, "total": asdict(self.total), "unnoticed": unnoticed, "reasons": why}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Measured:
        """The numbers of ``to_json``."""
        unnoticed = {kind: tuple(places) for kind, places in content["unnoticed"].items()}
        of = content["page_sha256"], content["overlay_sha256"]
        return cls(tuple(Strength(**each) for each in content["kinds"]), unnoticed, of)


def example_of(contract: Contract, status: int = 200) -> Any:
    """The contract's own example of an answer, which is right by the contract."""
    operation: Pointer = ("paths", contract.operation.path, contract.operation.method, "responses", str(status))
    media = value_at(contract.published, (*followed(contract.published, operation), "content", MEDIA_TYPE))
    examples = media.get("examples", {})
    return next((each["value"] for each in examples.values()), media.get("example"))


def mutations(body: Any) -> Iterator[Mutation]:
    """Every single mutation of a body, kind by kind."""
    for kind, changes in KINDS.items():
        for place in _places(body):
            for changed in changes(body, place):
                yield Mutation(kind, pointer_text(place), changed)


def measure(
    right: Any,
    published: Callable[[Any], bool],
    full: Callable[[Any], bool],
    warned: Callable[[Any], bool],
    of: Hashes = ("", ""),
) -> Measured:
    """What each contract rejects of a right body's mutations; the functions tell whether one is rejected."""
    kinds, unnoticed = [], {}
    for kind in KINDS:
        made = [each for each in mutations(right) if each.kind == kind]
        broken = [full(each.body) for each in made]
        doubted = [not is_broken and warned(each.body) for each, is_broken in zip(made, broken, strict=True)]
        rejected = sum(published(each.body) for each in made)
        kinds.append(Strength(kind, len(made), rejected, sum(broken), sum(doubted)))
        seen = zip(made, broken, doubted, strict=True)
        unnoticed[kind] = tuple(each.place for each, is_broken, is_doubted in seen if not (is_broken or is_doubted))
    return Measured(tuple(kinds), unnoticed, of)


def reason(kind: str) -> str:
    """Why changes of this kind go unnoticed where they do."""
    if kind in ("removed", "renamed"):
        return "a right room may lack it"
    if kind in ("wrong type", "null"):
        return "real servers write it so, the overlay says"
    return "no source promises its value"


def strength_file() -> Path:
    """Where the vendored contract's numbers are kept."""
    return spec_folder() / f"{STEM}.strength.json"


def vendored_strength() -> Measured:
    """The numbers of the vendored contract."""
    return Measured.from_json(json.loads(strength_file().read_text(encoding="utf-8")))


def strength_of(contract: Contract) -> Measured | None:
    """The numbers of a contract, when they are known: those of a user's own overlay were never measured."""
    known = vendored_strength()
    return known if known.of == hashes_of(contract) else None


def hashes_of(contract: Contract) -> Hashes:
    """What tells whether numbers are a contract's own."""
    return contract.page_sha256, contract.overlay_sha256


def _places(value: Any, way: Pointer = ()) -> Iterator[Pointer]:
    """Every member and item at any depth; the body itself is none."""
    parts: Sequence[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        parts = tuple(value.items())
    elif isinstance(value, list):
        parts = tuple(enumerate(value))
    for name, part in parts:
        yield (*way, name)
        yield from _places(part, (*way, name))


Changes = Callable[[Any, Pointer], Iterator[Any]]


def _replaced(body: Any, place: Pointer, value: Any) -> Any:
    changed = copy.deepcopy(body)
    value_at(changed, place[:-1])[place[-1]] = value
    return changed


def _wrong_type(body: Any, place: Pointer) -> Iterator[Any]:
    value = value_at(body, place)
    if isinstance(value, str):
        yield _replaced(body, place, 7)
    elif isinstance(value, list):
        yield _replaced(body, place, {})
    else:
        yield _replaced(body, place, "x")


def _null(body: Any, place: Pointer) -> Iterator[Any]:
    yield _replaced(body, place, None)


def _removed(body: Any, place: Pointer) -> Iterator[Any]:
    changed = copy.deepcopy(body)
    del value_at(changed, place[:-1])[place[-1]]
    yield changed


def _renamed(body: Any, place: Pointer) -> Iterator[Any]:
    if isinstance(place[-1], str):
        changed = copy.deepcopy(body)
        parent = value_at(changed, place[:-1])
        parent[f"{place[-1]}X"] = parent.pop(place[-1])
        yield changed


def _emptied(body: Any, place: Pointer) -> Iterator[Any]:
    if isinstance(value_at(body, place), str):
        yield _replaced(body, place, "")


def _garbled(body: Any, place: Pointer) -> Iterator[Any]:
    value = value_at(body, place)
    if isinstance(value, str):
        yield _replaced(body, place, f"x{value}")


def _flipped(body: Any, place: Pointer) -> Iterator[Any]:
    value = value_at(body, place)
    if isinstance(value, bool):
        yield _replaced(body, place, not value)


def _negated(body: Any, place: Pointer) -> Iterator[Any]:
    value = value_at(body, place)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield _replaced(body, place, -value)


KINDS: Mapping[str, Changes] = {
    "wrong type": _wrong_type,
    "null": _null,
    "removed": _removed,
    "renamed": _renamed,
    "emptied text": _emptied,
    "garbled text": _garbled,
    "flipped": _flipped,
    "negated": _negated,
}
"""How a place is changed, by the name of the kind: members and items of wrong type, null or gone; members renamed;
texts emptied or with a letter before them; booleans flipped; numbers negated."""
