"""How much of the planned generated traffic a run made, as the record's footer keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Explored:
    """So many of the planned examples were made; ``what`` they are, in the plural."""

    driver: str
    what: str
    made: int
    planned: int


@dataclass(frozen=True)
class Generated:
    """All generated traffic of a run, and how many distinct findings it showed that decide the verdict."""

    explored: tuple[Explored, ...] = ()
    findings: int = 0

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {"explored": [asdict(each) for each in self.explored], "findings": self.findings}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Generated:
        """The same read back."""
        return cls(tuple(Explored(**each) for each in value.get("explored", ())), value.get("findings", 0))


NOTHING_GENERATED = Generated()


def by_kind(explored: Iterable[Explored]) -> tuple[Explored, ...]:
    """One entry for all of a kind: the tests and rounds of a driver together."""
    together: dict[tuple[str, str], Explored] = {}
    for each in explored:
        key = each.driver, each.what
        before = together.get(key, Explored(*key, 0, 0))
        together[key] = Explored(*key, before.made + each.made, before.planned + each.planned)
    return tuple(together.values())
