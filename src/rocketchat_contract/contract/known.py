"""Deviations that releases of Rocket.Chat are known for: ``spec/known.toml`` read into frozen values.

They are recognised by what a finding is, never by how it is told: the requirement that it breaks, and its signature.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any

from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.errors import UsageError

_FILE = "known.toml"
_NEEDED = ("id", "what", "source", "meaning", "advice")
_TEXTS = (*_NEEDED, "since", "gone", "address")
_KEYS = (*_TEXTS, "match")

_VERSION = re.compile(r"\d+(?:\.\d+)*")

Version = tuple[int, ...]


class VersionStanding(StrEnum):
    """How a version stands to those that a deviation is known of."""

    KNOWN = "known"
    GONE = "gone"
    EARLIER = "earlier"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class DeviationSign:
    """How a finding is recognised; ``*`` in ``signature`` stands for anything."""

    requirement: str
    signature: str

    def fits(self, requirement: str, part: str) -> bool:
        """Whether a part of a finding's signature is this sign."""
        pattern = re.escape(self.signature).replace(r"\*", ".*")
        return requirement == self.requirement and re.fullmatch(pattern, part, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Deviation:
    """One known deviation; ``since`` is the first version that has it, ``gone`` the first without, empty for none."""

    id: str
    what: str
    source: str
    meaning: str
    advice: str
    signs: tuple[DeviationSign, ...]
    since: str = ""
    gone: str = ""
    address: str = ""

    def standing(self, version: str) -> VersionStanding:
        """How a version stands to it; what a target does not tell is not taken for granted."""
        if not (self.since or self.gone):
            return VersionStanding.KNOWN
        found = version_of(version)
        if found is None:
            return VersionStanding.UNTOLD
        if self.gone and not _is_before(found, version_of(self.gone)):
            return VersionStanding.GONE
        return (
            VersionStanding.EARLIER
            if self.since and _is_before(found, version_of(self.since))
            else VersionStanding.KNOWN
        )

    @property
    def span(self) -> str:
        """The versions that have it, in words."""
        since = f"{self.since} and later" if self.since else "every version measured"
        return f"{since}, before {self.gone}" if self.gone else since

    def speaks_of(self, requirement: str) -> bool:
        """Whether it may break a requirement."""
        return any(sign.requirement == requirement for sign in self.signs)

    def recognises(self, requirement: str, part: str) -> bool:
        """Whether a part of a finding's signature is a sign of it."""
        return any(sign.fits(requirement, part) for sign in self.signs)


@dataclass(frozen=True)
class KnownDeviations:
    """All of them, in the order of their file."""

    records: tuple[Deviation, ...] = ()

    def __iter__(self) -> Iterator[Deviation]:
        return iter(self.records)

    def of(self, requirement: str, signature: str, version: str) -> tuple[Deviation, ...]:
        """The deviations that a finding is made of; none when a part of its signature is no sign of any.

        Where several have a sign in common, the one that is known of the version speaks.
        """
        found = [self._of_part(requirement, part, version) for part in signature.split("; ")]
        return tuple(dict.fromkeys(each for each in found if each is not None)) if all(found) else ()

    def _of_part(self, requirement: str, part: str, version: str) -> Deviation | None:
        fitting = [record for record in self.records if record.recognises(requirement, part)]
        known = (record for record in fitting if record.standing(version) is VersionStanding.KNOWN)
        return next(known, next(iter(fitting), None))


def version_of(text: str) -> Version | None:
    """The numbers that a version begins with: of ``7.2.0-develop`` 7, 2 and 0; None when it begins otherwise."""
    found = _VERSION.match(text)
    return tuple(map(int, found.group().split("."))) if found else None


def _is_before(one: Version, other: Version | None) -> bool:
    pairs = list(zip_longest(one, other or (), fillvalue=0))
    return [mine for mine, _ in pairs] < [theirs for _, theirs in pairs]


@lru_cache(maxsize=1)
def known_deviations() -> KnownDeviations:
    """The suite's own."""
    return load_known(spec_folder() / _FILE)


def load_known(path: Path) -> KnownDeviations:
    """The known deviations of a file; raises ``UsageError`` with the place of what is wrong in it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"The known deviations {path} cannot be read: {error}.", "Correct that file.") from error
    _refuse_others(content, ("deviation",), str(path))
    records = tuple(_deviation(table, path, number) for number, table in enumerate(content.get("deviation", ()), 1))
    _refuse_twins(path, [record.id for record in records])
    return KnownDeviations(records)


def _deviation(table: Mapping[str, Any], path: Path, number: int) -> Deviation:
    where = f"deviation {number} of {path}"
    _refuse_others(table, _KEYS, where)
    for name in _TEXTS:
        value = table.get(name, "")
        if not isinstance(value, str) or (name in _NEEDED and not value.strip()):
            raise UsageError(f"{name} of {where} is no text.", f"Give its {name}.")
    _refuse_versions(table, where)
    address = table.get("address", "")
    if address and not address.startswith("https://"):
        raise UsageError(f"address of {where} is no https address.", "Leave it out where there is none.")
    texts = {name: table[name] for name in _TEXTS if name in table}
    return Deviation(**texts, signs=tuple(_signs(table.get("match"), where)))


def _refuse_versions(table: Mapping[str, Any], where: str) -> None:
    versions = {name: version_of(table[name]) for name in ("since", "gone") if table.get(name)}
    for name, version in versions.items():
        if version is None or not _VERSION.fullmatch(table[name]):
            raise UsageError(f"{name} of {where} is no version: {table[name]!r}.", "Write for instance 8.3.")
    since, gone = versions.get("since"), versions.get("gone")
    if since and gone and not _is_before(since, gone):
        raise UsageError(f"{where} is gone before it comes.", "Let since be the earlier version.")


def _signs(tables: Any, where: str) -> Iterator[DeviationSign]:
    if not isinstance(tables, list) or not tables:
        raise UsageError(f"{where} says not how it is recognised.", "Give it a list match.")
    for table in tables:
        parts = table if isinstance(table, dict) else {}
        _refuse_others(parts, ("requirement", "signature"), where)
        if not all(isinstance(parts.get(name), str) and parts[name] for name in ("requirement", "signature")):
            raise UsageError(f"A match of {where} lacks its requirement or signature.", "Name both.")
        yield DeviationSign(parts["requirement"], parts["signature"])


def _refuse_others(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for name in table:
        if name not in known:
            raise UsageError(f"{where} has an unknown key {name!r}.", f"It knows {', '.join(known)}.")


def _refuse_twins(path: Path, ids: list[str]) -> None:
    for name in ids:
        if ids.count(name) > 1:
            raise UsageError(f"{path} has two deviations {name!r}.", "Give each an id of its own.")
