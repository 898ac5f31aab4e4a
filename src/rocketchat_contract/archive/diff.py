"""Two runs compared: what got worse, what got better, and what else had changed that may be the cause.

The cause is found by elimination. Where contract or suite differ and the first run's record is at hand, that record
is judged again by what is installed here: a change that this explains is the contract's or the suite's. What one of
two runs left unjudged goes back to the profile where they looked at different parts: another profile, other drivers,
more or fewer rounds. What remains is the target's: its version, its settings as the facts tell them, or something
that no fact tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from rocketchat_contract.contract.selection import ASKED, Selection
from rocketchat_contract.errors import UsageError
from rocketchat_contract.inputs.bounded import InputError
from rocketchat_contract.judge.tally import MOST_KEPT_FINDINGS
from rocketchat_contract.record.journal import RECORD
from rocketchat_contract.report.phrases import count
from rocketchat_contract.report.stored import REPORT_FORMAT, read_content

RUN_BOUND = frozenset({"closing read back", "witness"})
"""Facts that speak of the run, not of the target."""

_RANK = {"pass": 0, "not-applicable": 0, "not-judged": 1, "warn": 2, "fail": 3, "error": 3}
_UNSEEN = frozenset({"not-judged", "not-applicable"})
_SIGNED = ("sentence", "level", "columns", "source", "quote", "only_when")


class ChangeCause(StrEnum):
    """What a change goes back to."""

    CONTRACT = "contract"
    SUITE = "suite"
    FACTS = "facts"
    PROFILE = "profile"
    TARGET = "target"


class Direction(StrEnum):
    """What a change means."""

    REGRESSION = "regression"
    UNJUDGED = "no longer judged"
    IMPROVEMENT = "improvement"
    OTHER = "other change"


@dataclass(frozen=True)
class Reported:
    """A run's report, and its record where that is at hand."""

    content: Mapping[str, Any]
    record: Path | None

    @cached_property
    def rows(self) -> dict[str, Mapping[str, Any]]:
        """The requirements by their ids."""
        return {row["id"]: row for row in self.content["requirements"]}

    @property
    def not_asked(self) -> frozenset[str]:
        """The requirements that the run was not asked about."""
        return frozenset(self.content["verdict"].get("not_asked", ()))

    @property
    def facts(self) -> dict[str, str]:
        """What the target told about itself."""
        return {fact["name"]: fact["value"] for fact in self.content["facts"] if fact["name"] not in RUN_BOUND}

    def recorded(self, *names: str) -> str:
        """A member of the header as text."""
        value: Any = self.content["header"]
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return "" if value is None else str(value)


@dataclass(frozen=True)
class RequirementChange:
    """One requirement's change; ``detail`` is what the second run shows of it."""

    requirement: str
    sentence: str
    before: str
    after: str
    direction: Direction
    cause: ChangeCause
    detail: str = ""


@dataclass(frozen=True)
class RunComparison:
    """All changes, regressions first, then by cause; ``differences`` says what else differs, in sentences.

    ``unchanged`` are the other requirements, each with its outcome.
    """

    changes: tuple[RequirementChange, ...]
    differences: tuple[str, ...]
    unchanged: tuple[tuple[str, str], ...] = ()

    @property
    def sentence(self) -> str:
        """How many changes there are in each direction, in one line."""
        if not self.changes:
            return "No requirement changed."
        regressions, unjudged, improvements, others = (len(self.of(direction)) for direction in Direction)
        parts = [count(regressions, "regression"), f"{unjudged} no longer judged"]
        parts += [count(improvements, "improvement"), count(others, "other change")]
        return f"{', '.join(part for part in parts if not part.startswith('0 '))}."

    def of(self, direction: Direction) -> tuple[RequirementChange, ...]:
        """The changes of one direction."""
        return tuple(change for change in self.changes if change.direction is direction)


def read_run(path: Path) -> Reported:
    """The report of a run: its folder, its report.json, or its record.jsonl, which is judged then."""
    folder = path if path.is_dir() else path.parent
    record = folder / RECORD
    report = folder / "report.json" if path.is_dir() else path
    if path.name == RECORD or (path.is_dir() and not report.exists() and record.exists()):
        return Reported(_judged(record), record)
    return Reported(read_stored(report), record if record.exists() else None)


def read_stored(report: Path) -> Mapping[str, Any]:
    """The content of a report.json; raises ``UsageError``."""
    _, content = read_content(report)
    if content.get("format") != REPORT_FORMAT or not content["requirements"]:
        raise InputError(f"{report} is not the report of a run.", "Name a run's folder or its report.json.")
    return content


def _judged(record: Path) -> Mapping[str, Any]:
    from rocketchat_contract.report.json_report import report_content  # noqa: PLC0415 - only a record needs the judge
    from rocketchat_contract.results.result import judge_record  # noqa: PLC0415

    content: Mapping[str, Any] = json.loads(json.dumps(report_content(judge_record(record))))
    return content


def compare_runs(a: Reported, b: Reported) -> RunComparison:
    """What changed from run ``a`` to run ``b``."""
    causes = _Causes(a, b)
    names = [name for name in {**b.rows, **a.rows} if name not in a.not_asked | b.not_asked]
    changes = [_change(name, a.rows.get(name), b.rows.get(name), causes) for name in names]
    found = [change for change in changes if change is not None]
    found.sort(key=lambda change: (list(Direction).index(change.direction), list(ChangeCause).index(change.cause)))
    changed = {change.requirement for change in found}
    unchanged = tuple((name, _outcome(b.rows.get(name))) for name in names if name not in changed)
    return RunComparison(tuple(found), tuple(_differences(a, b)), unchanged)


def _change(
    name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, causes: _Causes
) -> RequirementChange | None:
    was, now = _outcome(before), _outcome(after)
    fresh = _new_findings(before, after)
    if was == now and not fresh:
        return None
    row = after or before or {}
    direction = _direction(row, was, now, is_comparable=causes.same_selection)
    detail = f"expected {fresh[0]['expected']}, got {fresh[0]['actual']}" if fresh else str(row.get("reason", ""))
    return RequirementChange(
        name, str(row.get("sentence", "")), was, now, direction, causes.of(name, now, fresh), detail if after else ""
    )


def _outcome(row: Mapping[str, Any] | None) -> str:
    return "absent" if row is None else str(row["outcome"])


def _new_findings(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """The findings of a kind that was not seen before; where more kinds were seen than are kept, none is sure."""
    known = [] if before is None else before.get("findings", [])
    if after is None or len(known) >= MOST_KEPT_FINDINGS:
        return []
    signatures = {finding["signature"] for finding in known}
    return [finding for finding in after.get("findings", []) if finding["signature"] not in signatures]


def _direction(row: Mapping[str, Any], was: str, now: str, *, is_comparable: bool) -> Direction:
    """What is judged no longer neither broke nor got better; of a must it matters, as the run is incomplete for it."""
    before, after = _RANK.get(was, 0), _RANK.get(now, 0)
    if now == "not-judged":
        is_missed = before == 0 and was != "absent" and is_comparable and row.get("level") == "must"
        return Direction.UNJUDGED if is_missed else Direction.OTHER
    if after >= 2 and after >= before:
        return Direction.REGRESSION
    return Direction.IMPROVEMENT if before >= 2 and after < before else Direction.OTHER


class _Causes:
    """Finds the cause of a change between two runs."""

    def __init__(self, a: Reported, b: Reported) -> None:
        self._a, self._b = a, b
        self._contract = a.recorded("contract", "sha256") != b.recorded("contract", "sha256")
        self._suite = a.recorded("suite", "sha256") != b.recorded("suite", "sha256")
        self._target = _target(a) != _target(b)
        self._facts = list(_changed_facts(a, b))
        self.same_selection = _selection(a) == _selection(b)

    def of(self, requirement: str, now: str, fresh: list[Mapping[str, Any]]) -> ChangeCause:
        """The cause of one requirement's change."""
        before, after = self._a.rows.get(requirement), self._b.rows.get(requirement)
        if before is None or after is None or any(before.get(name) != after.get(name) for name in _SIGNED):
            return ChangeCause.CONTRACT
        is_seen_once = not _UNSEEN.isdisjoint((before["outcome"], now)) and not after.get("broken")
        unasked = is_seen_once and not self.same_selection
        if (self._contract or self._suite) and self._is_explained_by_judging(
            requirement, now, fresh, unsure=not unasked
        ):
            return ChangeCause.CONTRACT if self._contract else ChangeCause.SUITE
        if unasked:
            return ChangeCause.PROFILE
        return ChangeCause.FACTS if self._facts and not self._target else ChangeCause.TARGET

    def _is_explained_by_judging(
        self, requirement: str, now: str, fresh: list[Mapping[str, Any]], *, unsure: bool
    ) -> bool:
        """Whether the first run's traffic gives the second's outcome when it is judged by what is installed here.

        ``unsure`` is the answer where it cannot be judged again.
        """
        again = self._again
        if again is None:
            return unsure
        row = again.get(requirement)
        if row is None or row["outcome"] != now:
            return False
        signatures = {finding["signature"] for finding in row.get("findings", [])}
        return all(finding["signature"] in signatures for finding in fresh)

    @cached_property
    def _again(self) -> dict[str, Mapping[str, Any]] | None:
        """The first run's rows, judged again; None when that cannot be done, or would be by yet another contract."""
        if self._a.record is None or not _is_installed_here(self._b):
            return None
        try:
            return Reported(_judged(self._a.record), None).rows
        except UsageError:
            return None


def _is_installed_here(run: Reported) -> bool:
    from rocketchat_contract.contract.suite_hash import suite_sha256  # noqa: PLC0415
    from rocketchat_contract.results.judged_by import load_judged_by  # noqa: PLC0415

    ours = load_judged_by().contract.sha256, suite_sha256()
    return ours == (run.recorded("contract", "sha256"), run.recorded("suite", "sha256"))


def _selection(run: Reported) -> tuple[str, ...]:
    """What decides how much of the target a run looks at."""
    return run.recorded("profile"), run.recorded("drivers"), _rounds(run)


def _rounds(run: Reported) -> str:
    return run.recorded("repeat") or "1"


def _asked(run: Reported) -> str:
    return Selection.from_json(run.content["header"].get(ASKED)).words or "all"


def _target(run: Reported) -> tuple[str, str]:
    address = run.recorded("embedded") or run.recorded("target")
    return address, run.facts.get("version", "")


def _changed_facts(a: Reported, b: Reported) -> Iterator[tuple[str, str, str]]:
    before, after = a.facts, b.facts
    for name in before.keys() & after.keys() - {"version"}:
        if before[name] != after[name]:
            yield name, before[name], after[name]


def _differences(a: Reported, b: Reported) -> Iterator[str]:
    """What differs beside the outcomes, in the order of the causes."""
    for name, *place in (("contract", "contract", "sha256"), ("suite", "suite", "sha256")):
        was, now = a.recorded(*place), b.recorded(*place)
        if was != now:
            yield f"{name}: {_version(a, name)}{was[:12]} → {_version(b, name)}{now[:12]}"
    for fact, was, now in sorted(_changed_facts(a, b)):
        yield f"fact {fact}: {was} → {now}"
    (address, version), (other, later) = _target(a), _target(b)
    if address != other:
        yield f"target: {address} → {other}"
    if version != later:
        yield f"Rocket.Chat: {version or 'version not reported'} → {later or 'version not reported'}"
    if a.not_asked != b.not_asked:
        yield f"asked for: {_asked(a)} → {_asked(b)}, only what both were asked for is compared"
    if _rounds(a) != _rounds(b):
        yield f"repeat: {_rounds(a)} → {_rounds(b)}"
    for name in ("profile", "seed"):
        if a.recorded(name) != b.recorded(name):
            yield f"{name}: {a.recorded(name)} → {b.recorded(name)}"


def _version(run: Reported, name: str) -> str:
    return f"{run.recorded('suite', 'version')} " if name == "suite" else ""
