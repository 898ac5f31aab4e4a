"""From a record to entries of the corpus: for each defect the shortest story that holds all that it needs."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.corpus.entry import MORE, OWN_ADDRESS, CorpusEntry
from rocketchat_contract.corpus.words import Forms, NameTable, aliases_in
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.operation import Answer, Kind, Operation, sent_of
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.results.judged_by import JudgedBy

LONGEST_STORY = 12
"""Exchanges up to which a visitor's whole life until the finding is told, not only what the finding needs."""

NAMELESS = "$RC_"
"""How the name of a secret begins that has no part in a story; a call with one cannot be made again."""

_MOST = 5
"""Distinct defects kept of one requirement, and how many times of each are looked at from either end."""


def gather(exchanges: Iterable[Exchange], run: str, promises: JudgedBy, *, strict: bool = False) -> list[CorpusEntry]:
    """The entries of a run's exchanges; judges them again, and sends nothing."""
    judge = promises.judge()
    operations = [judge.read(exchange) for exchange in exchanges]
    sightings: dict[str, dict[str, _Sightings]] = defaultdict(dict)
    for finding in _findings(judge, operations):
        if _counts(promises.requirements[finding.requirement], strict=strict):
            known = sightings[finding.requirement]
            if finding.signature in known or len(known) < _MOST:
                known.setdefault(finding.signature, _Sightings()).add(finding)
    past = _Past(operations)
    written = [
        _shortest(past, seen.findings, run, str(promises.contract.operation))
        for by_signature in sightings.values()
        for seen in by_signature.values()
    ]
    return [entry for entry in written if entry is not None]


def _findings(judge: Judge, operations: list[Operation]) -> Iterator[Finding]:
    for operation in operations:
        yield from judge.feed(operation)
    yield from judge.finish()


def _counts(requirement: Requirement, *, strict: bool) -> bool:
    return "full" in requirement.columns and (strict or requirement.level == "must")


@dataclass
class _Sightings:
    """The first and the last few findings of one defect: a story that Hypothesis made shorter comes last."""

    first: list[Finding] = field(default_factory=list)
    last: deque[Finding] = field(default_factory=lambda: deque(maxlen=_MOST))

    def add(self, finding: Finding) -> None:
        if len(self.first) < _MOST:
            self.first.append(finding)
        else:
            self.last.append(finding)

    @property
    def findings(self) -> list[Finding]:
        return [*self.first, *self.last]


class _Past:
    """The exchanges of a record, and what each of them rests on."""

    def __init__(self, operations: list[Operation]) -> None:
        self.by_number = {op.number: op for op in operations}
        self._of_alias: dict[str, list[int]] = defaultdict(list)
        self._closed: dict[str, list[int]] = defaultdict(list)
        self.shown: dict[str, int] = {}
        for op in operations:
            for alias in _speakers(op):
                self._of_alias[alias].append(op.number)
            if op.answer is Answer.OK and op.room is not None:
                self.shown.setdefault(op.room, op.number)
            if op.kind is Kind.CLOSE and op.rid is not None:
                self._closed[op.rid].append(op.number)
        self.forms = Forms(self.shown)

    def lives(self, evidence: Iterable[int]) -> set[int]:
        """Everything that the visitors of some exchanges did until then."""
        numbers = set(evidence)
        aliases = {alias for number in numbers for alias in _speakers(self.by_number[number])}
        ends = max(self.by_number[number].exchange.ended for number in numbers)
        lives = (number for alias in aliases for number in self._of_alias[alias])
        return numbers | {number for number in lives if self.by_number[number].exchange.started <= ends}

    def with_needs(self, numbers: Iterable[int]) -> set[int]:
        """Some exchanges with all that they rest on: registrations, the rooms they name, what overlaps them."""
        found: set[int] = set()
        waiting = list(numbers)
        while waiting:
            number = waiting.pop()
            if number not in found:
                found.add(number)
                waiting += self._needs(self.by_number[number])
        return found

    def _needs(self, op: Operation) -> Iterator[int]:
        for alias in _speakers(op):
            yield from self._origin(alias, op)
            yield from self._beside(alias, op)
        for room in self.forms.rooms_in(_asked(op)):
            deeds = [self.shown[room], *self._closed[room]]
            yield from (number for number in deeds if number < op.number)

    def _origin(self, alias: str, op: Operation) -> Iterator[int]:
        """The last registration before an exchange, and a deletion that came after it."""
        before = [self.by_number[number] for number in self._of_alias[alias] if number < op.number]
        for earlier in reversed(before):
            if earlier.kind in (Kind.REGISTER, Kind.DELETE):
                yield earlier.number
            if earlier.kind is Kind.REGISTER:
                return

    def _beside(self, alias: str, op: Operation) -> Iterator[int]:
        for number in self._of_alias[alias]:
            other = self.by_number[number].exchange
            if other.started <= op.exchange.ended and op.exchange.started <= other.ended:
                yield number


def _shortest(past: _Past, findings: list[Finding], run: str, operation: str) -> CorpusEntry | None:
    """The shortest story of a defect; None when every one holds what nobody can do again."""
    stories: list[tuple[bool, int, Finding, list[Operation]]] = []
    for finding in findings:
        whole = past.with_needs(past.lives(finding.evidence))
        is_whole = len(whole) <= LONGEST_STORY
        numbers = whole if is_whole else past.with_needs(finding.evidence)
        story = [past.by_number[number] for number in sorted(numbers)]
        stories.append((not is_whole, len(story), finding, story))
    for *_, finding, story in sorted(stories, key=lambda each: each[:2]):
        if all(op.is_room_call or op.kind in _VERBS for op in story):
            entry = _entry_of(past, finding, story, run, operation)
            if NAMELESS not in json.dumps(entry.lines):
                return entry
    return None


_VERBS = (Kind.REGISTER, Kind.CLOSE, Kind.MESSAGE, Kind.DELETE)


def _entry_of(past: _Past, finding: Finding, story: list[Operation], run: str, operation: str) -> CorpusEntry:
    registered = [_speakers(op)[0] for op in story if op.kind is Kind.REGISTER]
    cast = NameTable(past.forms, registered, [alias for op in story for alias in _speakers(op)])
    firsts = {op.number for op in story if op.room is not None and past.shown.get(op.room) == op.number}
    groups = [[_line(cast, op, is_first=op.number in firsts) for op in group] for group in _together(story)]
    return CorpusEntry(
        requirement=finding.requirement,
        signature=finding.signature,
        expected=cast.renamed(finding.expected),
        actual=cast.renamed(finding.actual),
        operation=operation,
        run=run,
        driver=past.by_number[finding.evidence[-1]].exchange.driver,
        lines=tuple(lines[0] if len(lines) == 1 else tuple(lines) for lines in groups),
    )


def registered_with(visitor: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says of a registration: values of custom fields are made up anew by every run."""
    more = {name: visitor[name] for name in sorted(MORE & visitor.keys())}
    return {**more, "email": OWN_ADDRESS} if "email" in more else more


def _line(cast: NameTable, op: Operation, *, is_first: bool) -> str:
    sent = sent_of(op.exchange.request)
    match op.kind:
        case Kind.REGISTER:
            more = registered_with(sent["visitor"])
            return f"register {cast.visitor(_speakers(op)[0])}" + (f" with {json.dumps(more)}" if more else "")
        case Kind.CLOSE:
            return f"close {cast.renamed(sent['rid'])} of {cast.renamed(sent['token'])}"
        case Kind.MESSAGE:
            text = json.dumps(sent["msg"], ensure_ascii=False)
            return f"message {cast.renamed(sent['rid'])} of {cast.renamed(sent['token'])}: {text}"
        case Kind.DELETE:
            return f"delete {cast.renamed(op.exchange.request.target.rpartition('/')[2])}"
        case _:
            shows = f" -> {cast.room(str(op.room))}" if is_first else ""
            return f"GET {cast.renamed(op.exchange.request.target)}{shows}"


def _together(story: list[Operation]) -> Iterator[list[Operation]]:
    """The exchanges in groups that overlap in time."""
    group: list[Operation] = []
    ends = 0
    for op in story:
        if group and op.exchange.started > ends:
            yield group
            group = []
        ends = max(ends, op.exchange.ended) if group else op.exchange.ended
        group.append(op)
    if group:
        yield group


def _speakers(op: Operation) -> list[str]:
    """The visitors of an exchange; of a registration the one whom the server answered comes first."""
    return list(dict.fromkeys(aliases_in(f"{op.token or ''} {_asked(op)}")))


def _asked(op: Operation) -> str:
    """All that a request says: its target and its body."""
    request = op.exchange.request
    return f"{request.target} {request.body or ''}"
