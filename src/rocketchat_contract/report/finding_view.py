"""A finding with everything that reports say about it, made once so that all of them say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from rocketchat_contract.contract.known import Deviation
from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row, decides
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.report.catalogue import matters
from rocketchat_contract.report.circumstances import explaining
from rocketchat_contract.report.compared import ComparedAnswers, side_by_side
from rocketchat_contract.report.phrases import LEVELS, broken_sentence, count, spans
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.reproduce import RepeatLine, steps
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.transcript import evidence_of

FINDING_ORDER = (
    "get-or-create",
    "rid",
    "identity",
    "room",
    "refusals",
    "robustness",
    "envelope",
    "schema",
    "wire",
)
"""Groups of requirements by how much their findings tell: what holds from call to call comes first."""

FROM_A_CACHE = "an-answer-comes-from-no-cache"
"""The finding that comes before all others: answers of a cache explain them."""

NOTHING_TO_REPEAT = RepeatLine("", (), ())


@dataclass(frozen=True, slots=True)
class KnownDeviation:
    """A deviation that a finding shows, with the versions that it is known of."""

    deviation: Deviation
    versions: str

    @property
    def sentence(self) -> str:
        """What it is, in one line: its versions and its source."""
        return f"{self.versions} ({self.deviation.source})"

    @property
    def address(self) -> str:
        """Where its source is read, or its source in words."""
        return self.deviation.address or self.deviation.source


@dataclass(frozen=True)
class FindingView:
    """One finding; ``place`` counts the findings of its requirement from 1."""

    row: Row
    finding: Finding
    place: int
    deciding: bool
    exchanges: tuple[Exchange, ...]
    accepted: str = ""
    known: tuple[KnownDeviation, ...] = ()
    circumstances: tuple[str, ...] = ()

    @property
    def requirement(self) -> Requirement:
        """The promise that was broken."""
        return self.row.requirement

    @property
    def meaning(self) -> str:
        """What it means for customers, where no record of a known deviation says it."""
        return "" if self.known else matters(self.requirement)

    @property
    def anchor(self) -> str:
        """Its address within the HTML report, the same as long as the findings are."""
        return f"finding-{self.requirement.id}-{self.place}"

    @property
    def expected(self) -> str:
        """What the requirement asks for, as one visible line."""
        return sentence(self.finding.expected)

    @property
    def actual(self) -> str:
        """What came, as one visible line."""
        return sentence(self.finding.actual)

    @property
    def story(self) -> tuple[str, ...]:
        """The argument, fact by fact."""
        return tuple(sentence(fact) for fact in self.finding.story)

    @property
    def message(self) -> str:
        """The finding in one sentence."""
        return f"{self.requirement.sentence} Expected: {self.expected}. Actual: {self.actual}."

    @property
    def how_often(self) -> str:
        """``required, broken 2 of 310``, and whether that was accepted beforehand."""
        accepted = ", accepted" if self.accepted else ""
        return f"{LEVELS[self.requirement.level]}, {broken_sentence(self.row)}{accepted}"

    @property
    def decisive_exchange(self) -> int:
        """The number of the exchange that decided, 0 when the finding names none."""
        return self.finding.evidence[-1] if self.finding.evidence else 0

    @property
    def evidence(self) -> str:
        """Where to look in the record."""
        numbers = sorted(set(self.finding.evidence))
        if not numbers:
            return "no single exchange; see record.jsonl"
        if len(numbers) == 1:
            return f"exchange {numbers[0]} of record.jsonl"
        return f"exchanges {spans(numbers)} of record.jsonl, {self.decisive_exchange} decides"

    @cached_property
    def steps(self) -> tuple[RepeatLine, ...]:
        """Commands that repeat the whole evidence, in order."""
        return steps(self.exchanges)

    @cached_property
    def compared(self) -> ComparedAnswers | None:
        """The deciding answer beside the one before it about the same room, where they differ."""
        return side_by_side(self.exchanges, self.decisive_exchange)

    @property
    def repeat(self) -> RepeatLine:
        """The one command that repeats the deciding exchange, with those that overlapped it."""
        holding = (step for step in self.steps if self.decisive_exchange in step.exchanges)
        return next(holding, NOTHING_TO_REPEAT)

    @property
    def repeat_note(self) -> str:
        """How to use that command, and what it changes on the target; empty when there is nothing to say."""
        earlier = self.steps[: self.steps.index(self.repeat)] if self.repeat in self.steps else ()
        if not earlier:
            how = ""
        elif all(step.command == self.repeat.command for step in earlier):
            how = f"run it {len(earlier) + 1} times"
        else:
            how = f"after {count(len(earlier), 'earlier call')}, in report.html"
        what = f"it {self.repeat.effect}" if self.repeat.effect else ""
        return "; ".join(part for part in (how, what) if part)


def known_lines(known: KnownDeviation) -> tuple[str, ...]:
    """What is known of a finding, for reports of plain text."""
    return (
        f"upstream  {known.sentence}: {known.deviation.what}",
        f"means     {known.deviation.meaning}",
        f"advice    {known.deviation.advice}",
    )


def finding_views(result: RunResult) -> tuple[FindingView, ...]:
    """All findings, those that decide the verdict first, accepted ones last.

    Each part by ``FINDING_ORDER``, musts before shoulds.
    """
    strict = result.verdict.strict
    views = [each for row in result.verdict.rows for each in _of_row(row, result, strict=strict)]
    return tuple(sorted(views, key=lambda each: (not each.deciding, bool(each.accepted), *_weight(each.row))))


def _weight(row: Row) -> tuple[bool, int, bool]:
    group = row.requirement.group
    place = FINDING_ORDER.index(group) if group in FINDING_ORDER else len(FINDING_ORDER)
    return row.requirement.id != FROM_A_CACHE, place, row.outcome is Outcome.WARN


def _of_row(row: Row, result: RunResult, *, strict: bool) -> Iterable[FindingView]:
    decides_all = decides(row, strict=strict)
    accepting = zip(row.findings, _accepted(row, result), strict=True)
    around = explaining(result, row.requirement)
    for place, (finding, accepted) in enumerate(accepting, 1):
        deciding = decides_all and not accepted
        known = tuple(KnownDeviation(each, result.known.sentence(each)) for each in result.known.of(finding))
        yield FindingView(row, finding, place, deciding, _exchanges(finding, result), accepted, known, around)


def _exchanges(finding: Finding, result: RunResult) -> tuple[Exchange, ...]:
    """The evidence, with the other calls of a race that the deciding one lost."""
    decisive = finding.evidence[-1] if finding.evidence else 0
    burst = (number for number in result.bursts.get(decisive, ()) if number not in finding.evidence)
    return evidence_of(replace(finding, evidence=(*burst, *finding.evidence)), result.evidence)


def _accepted(row: Row, result: RunResult) -> list[str]:
    """Who accepted each finding; nobody did where single ones are listed and there may be more than are kept."""
    whole, is_accepted = result.acceptance.words_for(row.requirement.id), result.is_accepted(row)
    singly = [result.accepted_words_of(finding) for finding in row.findings]
    return [sentence(whole or one) if is_accepted or not all(singly) else "" for one in singly]
