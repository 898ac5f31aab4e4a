"""The requirements, as data: ``spec/requirements.toml`` read into frozen values."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

_Level = Literal["must", "should"]
Column = Literal["published", "full"]
Source = Literal["document", "prose", "standard", "server", "observed"]


@dataclass(frozen=True)
class Requirement:
    """One promise.

    ``columns`` are the verdict columns it counts in: the published document, the full contract, or both.
    ``only_when`` says in words when it applies at all; empty means always.
    ``wrong`` names the reference server's deviation that breaks it. ``needs`` names facts about the target without
    which no call can show it. ``line`` is its own place in the catalogue; ``page`` and ``page_line`` are the file and
    the line that its quote stands in, empty and 0 for a quote of something else than the vendored page.
    ``members`` are JSON pointers: the members of a 200 body that it speaks of. ``why`` says why it has its level, where
    that is not plain.
    """

    id: str
    group: str
    level: _Level
    sentence: str
    source: Source
    quote: str
    address: str
    columns: tuple[Column, ...]
    only_when: str
    wrong: str
    line: int
    needs: tuple[str, ...] = ()
    page: str = ""
    page_line: int = 0
    members: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_deciding(self) -> bool:
        """Whether its breakage alone makes a run violated: a must of the full contract."""
        return self.level == "must" and "full" in self.columns

    @classmethod
    def from_toml(cls, record: Mapping[str, Any], line: int) -> Requirement:
        """The requirement of one ``[[requirement]]`` table, which starts at ``line`` of its file."""
        return cls(
            id=record["id"],
            group=record["group"],
            level=record["level"],
            sentence=record["sentence"],
            source=record["source"],
            quote=record["quote"],
            address=record["address"],
            columns=tuple(record.get("columns", ("full",))),
            only_when=record.get("only_when", ""),
            wrong=record["wrong"],
            line=line,
            needs=tuple(record.get("needs", ())),
            members=tuple(record.get("members", ())),
            why=record.get("why", ""),
        )


@dataclass(frozen=True)
class Requirements:
    """All requirements in the order of their file, and the groups in theirs."""

    records: tuple[Requirement, ...]
    groups: Mapping[str, str]

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.records)

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, requirement_id: str) -> Requirement:
        return self._by_id[requirement_id]

    @property
    def ids(self) -> Collection[str]:
        """The ids of all."""
        return self._by_id.keys()

    @cached_property
    def _by_id(self) -> dict[str, Requirement]:
        return {record.id: record for record in self.records}


def load_requirements(path: Path) -> Requirements:
    """The requirements of a TOML file with ``[groups]`` and ``[[requirement]]`` tables."""
    text = path.read_text(encoding="utf-8")
    content = tomllib.loads(text)
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.strip() == "[[requirement]]"]
    records = zip(content["requirement"], lines, strict=True)
    return Requirements(
        records=tuple(Requirement.from_toml(record, line) for record, line in records),
        groups=content["groups"],
    )
