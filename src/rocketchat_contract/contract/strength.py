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
from typing import Any, NamedTuple

from rocketchat_contract.contract.coverage import SILENT, Speech
from rocketchat_contract.contract.vendored import STEM, Contract, spec_folder
from rocketchat_contract.openapi.document import followed
from rocketchat_contract.openapi.pointer import Pointer, pointer_text, value_at

MEDIA_TYPE = "application/json"


@dataclass(frozen=True)
class Mutation:
    """One change of a body: its kind, its place as a JSON pointer, and the body that it makes."""

    kind: str
    place: str
    body: Any


@dataclass(frozen=True)
class KindStrength:
    """Of ``mutations`` of one kind, how many each contract rejects; ``warned`` are noticed by a should only."""

    kind: str
    mutations: int
    published: int
    full: int
    warned: int


@dataclass(frozen=True)
class Spoken:
    """Of the changes of one kind that a requirement speaks of, how many the full contract rejects.

    ``warned`` are noticed by a should only, ``excused`` by nothing, for a reason.
    """

    kind: str
    mutations: int
    rejected: int
    warned: int
    excused: int


@dataclass(frozen=True)
class Excused:
    """One change that concerns requirements and breaks none: its kind and place, those requirements, and why."""

    kind: str
    place: str
    requirements: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Promised:
    """The changes of members that requirements speak of; ``missed`` go unnoticed without a reason, as (kind, place)."""

    kinds: tuple[Spoken, ...] = ()
    excused: tuple[Excused, ...] = ()
    missed: tuple[tuple[str, str], ...] = ()

    @property
    def total(self) -> Spoken:
        """All kinds together."""
        counts = ("mutations", "rejected", "warned", "excused")
        return Spoken("all", *(sum(getattr(each, name) for each in self.kinds) for name in counts))

    def to_json(self) -> dict[str, Any]:
        """The numbers and each exception as JSON; ``from_json`` reads them back."""
        return {
            "kinds": [asdict(each) for each in self.kinds],
            "total": asdict(self.total),
            "exceptions": [{**asdict(each), "requirements": list(each.requirements)} for each in self.excused],
            "missed": [list(each) for each in self.missed],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Promised:
        """The numbers of ``to_json``."""
        excused = ({**each, "requirements": tuple(each["requirements"])} for each in content["exceptions"])
        return cls(
            tuple(Spoken(**each) for each in content["kinds"]),
            tuple(Excused(**each) for each in excused),
            tuple((kind, place) for kind, place in content["missed"]),
        )


Hashes = tuple[str, str]
"""The SHA-256 of the page and that of the overlays."""


@dataclass(frozen=True)
class Measured:
    """The strength per kind, and the places whose change nothing notices, by kind; ``of`` are the contract's hashes.

    ``spoken`` counts the changes that requirements speak of.
    """

    kinds: tuple[KindStrength, ...]
    unnoticed: Mapping[str, tuple[str, ...]]
    of: Hashes = ("", "")
    spoken: Promised = Promised()

    @property
    def total(self) -> KindStrength:
        """All kinds together."""
        counts = ("mutations", "published", "full", "warned")
        return KindStrength("all", *(sum(getattr(each, name) for each in self.kinds) for name in counts))

    @property
    def reasons(self) -> Mapping[str, tuple[str, ...]]:
        """The places whose change nothing notices and no requirement speaks of, by the reason why."""
        found: dict[str, dict[str, None]] = {}
        excused = {(each.kind, each.place) for each in self.spoken.excused}
        for kind, places in self.unnoticed.items():
            for place in places:
                if (kind, place) not in excused:
                    found.setdefault(strength_reason(kind), {})[place] = None
        return {why: tuple(places) for why, places in found.items()}

    def to_json(self) -> dict[str, Any]:
        """The numbers as JSON; ``from_json`` reads them back."""
        unnoticed = {kind: list(places) for kind, places in self.unnoticed.items()}
        kinds = [asdict(each) for each in self.kinds]
        why = {kind: strength_reason(kind) for kind, places in unnoticed.items() if places}
        of = {"page_sha256": self.of[0], "overlay_sha256": self.of[1]}
        numbers = {"kinds": kinds, "total": asdict(self.total), "spoken": self.spoken.to_json()}
        return {**of, **numbers, "unnoticed": unnoticed, "reasons": why}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Measured:
        """The numbers of ``to_json``."""
        unnoticed = {kind: tuple(places) for kind, places in content["unnoticed"].items()}
        of = content["page_sha256"], content["overlay_sha256"]
        kinds = tuple(KindStrength(**each) for each in content["kinds"])
        return cls(kinds, unnoticed, of, Promised.from_json(content["spoken"]))


def example_of(contract: Contract, status: int = 200) -> Any:
    """The contract's own example of an answer, which is right by the contract."""
    operation: Pointer = ("paths", contract.operation.path, contract.operation.method, "responses", str(status))
    media = value_at(contract.published, (*followed(contract.published, operation), "content", MEDIA_TYPE))
    examples = media.get("examples", {})
    return next((each["value"] for each in examples.values()), media.get("example"))


def mutations(body: Any) -> Iterator[Mutation]:
    """Every single mutation of a body, kind by kind."""
    for kind, changes in MUTATION_KINDS.items():
        for place in _places(body):
            for changed in changes(body, place):
                yield Mutation(kind, pointer_text(place), changed)


class Noticed(NamedTuple):
    """A mutation, and whether the published document rejects it, the full contract does, or only a should."""

    mutation: Mutation
    published: bool
    full: bool
    warned: bool

    @property
    def is_unnoticed(self) -> bool:
        """Whether neither must nor should of the full contract notices it."""
        return not (self.full or self.warned)


def measure(
    right: Any, judged: Callable[[Mutation], Noticed], speech: Speech = SILENT, of: Hashes = ("", "")
) -> Measured:
    """What each contract rejects of a right body's mutations; ``speech`` tells which of them concern requirements."""
    by_kind: dict[str, list[Noticed]] = {kind: [] for kind in MUTATION_KINDS}
    for mutation in mutations(right):
        by_kind[mutation.kind].append(judged(mutation))
    unnoticed = {
        kind: tuple(each.mutation.place for each in found if each.is_unnoticed) for kind, found in by_kind.items()
    }
    return Measured(tuple(map(_strength, by_kind, by_kind.values())), unnoticed, of, _promised(by_kind, speech))


def _strength(kind: str, found: Sequence[Noticed]) -> KindStrength:
    counts = (sum(getattr(each, name) for each in found) for name in ("published", "full", "warned"))
    return KindStrength(kind, len(found), *counts)


def _promised(by_kind: Mapping[str, Sequence[Noticed]], speech: Speech) -> Promised:
    kinds, excused, missed = [], [], []
    for kind, found in by_kind.items():
        spoken = [each for each in found if speech.of(kind, each.mutation.place)]
        for place in (each.mutation.place for each in spoken if each.is_unnoticed):
            why = speech.reason(kind, place)
            if why is None:
                missed.append((kind, place))
            else:
                excused.append(Excused(kind, place, speech.of(kind, place), why))
        rejected, warned = (sum(getattr(each, name) for each in spoken) for name in ("full", "warned"))
        kinds.append(Spoken(kind, len(spoken), rejected, warned, sum(each.kind == kind for each in excused)))
    return Promised(tuple(kinds), tuple(excused), tuple(missed))


def strength_reason(kind: str) -> str:
    """Why changes of this kind go unnoticed where no requirement speaks of them."""
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


MUTATION_KINDS: Mapping[str, Changes] = {
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
