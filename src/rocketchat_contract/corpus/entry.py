"""One file of the corpus: what was found, and the steps that showed it, one line each."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rocketchat_contract.config import Profile
from rocketchat_contract.corpus.words import PLACEHOLDER, done
from rocketchat_contract.errors import UsageError
from rocketchat_contract.inputs.bounded import FileKind, InputError, parse_json, read_json
from rocketchat_contract.openapi.page import Endpoint

_FORMAT = "rocketchat-contract/corpus/1"

_PLACE = PLACEHOLDER.pattern.replace("(", "(?:").replace("(?:?:", "(?:")
_GRAMMAR = {
    "register": re.compile(rf"register (?P<visitor>{_PLACE})(?: with (?P<more>\{{\".*\}}))?"),
    "get": re.compile(rf"GET (?P<target>/.*?)(?: -> (?P<room>{_PLACE}))?"),
    "close": re.compile(rf"close (?P<room>{_PLACE}) of (?P<visitor>{_PLACE})"),
    "message": re.compile(rf"message (?P<room>{_PLACE}) of (?P<visitor>{_PLACE}): (?P<text>\".*\")"),
    "delete": re.compile(rf"delete (?P<visitor>{_PLACE})"),
}


_ON_THE_WIRE = re.compile(r"[!-z|~]*")
"""What a request line can hold, without braces."""
_KIND = FileKind("The entry", "Fix it, or delete it.")
_MOST_BYTES = 4 * 1024 * 1024
"""Of one file of a corpus."""

MORE = frozenset({"department", "email"})
"""What an entry may say of a visitor whom it registers: a token might be somebody's."""
OWN_ADDRESS = "its own"
"""The only address that an entry may give: the one that a run makes up for the visitor."""


@dataclass(frozen=True)
class Act:
    """One call of a step; ``room`` of a ``get`` is the name that the answer's room goes by from here on."""

    verb: str
    visitor: str = ""
    room: str = ""
    target: str = ""
    text: str = ""
    more: str = ""

    @classmethod
    def parse(cls, line: str) -> Act:
        """The act of a line; raises ``ValueError`` when there is none in it."""
        for verb, pattern in _GRAMMAR.items():
            found = pattern.fullmatch(line)
            if found:
                act = cls(verb, **{name: value or "" for name, value in found.groupdict().items()})
                act.check()
                return act
        raise ValueError(line)

    def check(self) -> None:
        """Raise ``ValueError`` when its words cannot be followed."""
        for part in (self.visitor, self.room, self.target):
            for name in PLACEHOLDER.finditer(part):
                done(name[2], "")
        if not _ON_THE_WIRE.fullmatch(PLACEHOLDER.sub("", self.target)):
            raise ValueError(self.target)
        written, more = parse_json(self.text or '""'), parse_json(self.more or "{}")
        if set(more) - MORE or more.get("email", OWN_ADDRESS) != OWN_ADDRESS:
            raise ValueError(self.more)
        _refuse_halves([written, more])


ActGroup = tuple[Act, ...]
"""Acts that leave together; mostly one."""


@dataclass(frozen=True)
class CorpusEntry:
    """What a run found. ``lines`` are its steps as they are written: a line, or several that left together."""

    requirement: str
    signature: str
    expected: str
    actual: str
    operation: str
    run: str
    driver: str
    lines: tuple[str | tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """The name of its file: the same for the same defect."""
        return f"{self.requirement}-{hashlib.sha256(self.signature.encode()).hexdigest()[:8]}.json"

    @property
    def steps(self) -> tuple[ActGroup, ...]:
        """What is done."""
        parted = ((line,) if isinstance(line, str) else line for line in self.lines)
        return tuple(tuple(map(Act.parse, lines)) for lines in parted)

    @property
    def cost(self) -> Counter[str]:
        """How many acts there are of each kind."""
        return Counter(act.verb for step in self.steps for act in step)

    def to_json(self) -> dict[str, Any]:
        """The entry as it is written; ``from_json`` reads it back."""
        return {
            "format": _FORMAT,
            "requirement": self.requirement,
            "expected": self.expected,
            "actual": self.actual,
            "signature": self.signature,
            "operation": self.operation,
            "found": {"run": self.run, "driver": self.driver},
            "steps": [line if isinstance(line, str) else list(line) for line in self.lines],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> CorpusEntry:
        """The entry of ``to_json``; raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        if content["format"] != _FORMAT:
            raise ValueError(content["format"])
        names = ("requirement", "signature", "expected", "actual", "operation")
        texts = {name: content[name] for name in names} | {name: content["found"][name] for name in ("run", "driver")}
        lines = tuple(line if isinstance(line, str) else tuple(line) for line in content["steps"])
        if not all(isinstance(text, str) for text in texts.values()) or not lines:
            raise TypeError("expected texts, and at least one step")
        _refuse_halves(content)
        entry = cls(**texts, lines=lines)
        _ = entry.steps
        return entry


def _refuse_halves(value: Any) -> None:
    """Raise ``ValueError`` for half of a surrogate pair, which no request and no file can hold."""
    json.dumps(value, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Chosen:
    """The entries of a corpus that a run replays, of all that speak of its operation."""

    entries: tuple[CorpusEntry, ...] = ()
    of: int = 0
    is_plain: bool = False

    @property
    def cost(self) -> tuple[int, int, int]:
        """The room calls, registrations and further calls that they take."""
        cost = sum((entry.cost for entry in self.entries), Counter[str]())
        others = cost["close"] + cost["message"] + cost["delete"]
        return (0, cost["register"], others + cost["get"]) if self.is_plain else (cost["get"], cost["register"], others)

    @property
    def phrase(self) -> str:
        """How many are replayed, for the facts of a run."""
        return f"{len(self.entries)} of {self.of} entries replayed"


def chosen(folder: Path, operation: Endpoint, profile: Profile) -> Chosen:
    """The newest entries of a folder that the profile can afford; raises ``UsageError``."""
    known = [entry for entry in load_entry(folder) if entry.operation == str(operation)]
    left, entries = profile.replays, []
    for entry in known:
        if entry.cost.total() <= left:
            left -= entry.cost.total()
            entries.append(entry)
    return Chosen(tuple(entries), len(known), is_plain=not profile.room_calls)


def load_entry(folder: Path) -> list[CorpusEntry]:
    """The entries of a folder, newest first; none when there is no such folder. Raises ``UsageError``."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"The corpus {folder} is not a folder.", "Name another with --corpus.")
    return sorted((_read(path) for path in sorted(folder.glob("*.json"))), key=lambda each: each.run, reverse=True)


def _read(path: Path) -> CorpusEntry:
    content = read_json(path, _KIND, _MOST_BYTES)
    try:
        return CorpusEntry.from_json(content)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is no entry of a corpus ({type(error).__name__}: {str(error)[:80]}).", _KIND.next_step
        ) from None


def save(entries: Iterable[CorpusEntry], folder: Path) -> Iterator[Path]:
    """Write entries, one file for each defect: a shorter story takes the place of a longer one.

    Runs side by side may share a folder: none reads half a file. Gives the files that were written; raises ``OSError``.
    """
    from rocketchat_contract.report.files import write_whole  # noqa: PLC0415 - only what is found is written

    folder.mkdir(parents=True, exist_ok=True)
    for entry in entries:
        path = folder / entry.name
        if not path.exists() or _read(path).cost.total() > entry.cost.total():
            text = json.dumps(entry.to_json(), indent=2, ensure_ascii=False) + "\n"
            yield write_whole(path, text)
