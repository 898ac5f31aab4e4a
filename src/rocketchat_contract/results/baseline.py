"""The baseline: broken promises that somebody accepts, with a reason, an owner and an end.

A file of ``[[accepted]]`` tables. An entry speaks of one requirement, or of one finding of it by its signature; it
can be bound to targets, versions and facts. Only ``baseline update`` writes it, and only findings get in: an error
of the suite, something left on the server and what was not judged are never accepted.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rocketchat_contract.config import did_you_mean
from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.requirements import Requirements
from rocketchat_contract.contract.vendored import load_contract
from rocketchat_contract.errors import UsageError
from rocketchat_contract.inputs.bounded import FileKind, read_toml_text
from rocketchat_contract.judge.tally import MOST_KEPT_FINDINGS
from rocketchat_contract.judge.verdict import Outcome, Row, decides
from rocketchat_contract.report.accepted import Acceptance, EntryStanding, Listed
from rocketchat_contract.report.allowance import NO_ALLOWANCE, REQUIRE, Allowance
from rocketchat_contract.report.run_result import RunResult

BASELINE_FILE = "rocketchat-contract.baseline.toml"
_TEXTS = ("requirement", "signature", "target", "versions", "reason", "owner", "ticket")
_NEEDED = ("requirement", "reason", "owner", "expires")
_KEYS = (*_TEXTS, "facts", "expires")

_TABLE = re.compile(r"\s*\[\[\s*accepted\s*\]\]")
_BROKEN = (Outcome.FAIL, Outcome.WARN)


@dataclass(frozen=True)
class BaselineEntry:
    """One accepted finding, or all of a requirement's; what is empty is not asked about.

    ``target`` is a pattern with ``*`` and ``?``, ``versions`` a range such as ``>=7.0,<8.3``. ``expires`` is the
    last day on which it holds.
    """

    requirement: str
    reason: str
    owner: str
    expires: date
    signature: str = ""
    target: str = ""
    versions: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    ticket: str = ""
    line: int = 0

    def applies(self, result: RunResult) -> bool:
        """Whether it speaks of this target as it is; what a fact does not tell is not taken for granted."""
        stated = {fact.name: fact.value for fact in result.facts}
        return (
            _fits(self.target, result.header.target)
            and _is_in_range(stated.get("version"), self.versions)
            and all(stated.get(name) == value for name, value in self.facts.items())
        )

    def covers(self, requirement: str, signature: str) -> bool:
        """Whether a finding is the one it speaks of."""
        return self.requirement == requirement and self.signature in ("", signature)


@dataclass(frozen=True)
class Baseline:
    """The entries of one file, in their order."""

    path: Path
    entries: tuple[BaselineEntry, ...] = ()

    def hold(self, result: RunResult, today: date, *, in_ci: bool) -> RunResult:
        """The result with what this baseline accepts of it."""
        rows = {row.requirement.id: row for row in result.verdict.rows}
        standings = [(entry, _standing(entry, rows, result, today)) for entry in self.entries]
        active = [entry for entry, standing in standings if standing is EntryStanding.ACCEPTED]
        accepted = frozenset(row.requirement.id for row in rows.values() if _is_accepted(row, active))
        listed = tuple(_listed(entry, standing) for entry, standing in standings)
        return replace(result, acceptance=Acceptance(str(self.path), listed, accepted, in_ci))


def load_baseline(path: Path, requirements: Requirements) -> Baseline:
    """The baseline of a file; raises UsageError with the line of what is wrong in it."""
    text, content = read_toml_text(path, FileKind("The baseline", "Fix it, or make one with: baseline update RUN."))
    return Baseline(path, tuple(_entries(path, text, content, requirements)))


def _entries(path: Path, text: str, content: Mapping[str, Any], requirements: Requirements) -> list[BaselineEntry]:
    for name in content:
        if name != "accepted":
            raise UsageError(f"The baseline {path} has an unknown key {name!r}.", "Its tables are [[accepted]].")
    tables = content.get("accepted", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"accepted in {path} is not a list of tables.", "Write [[accepted]] before each entry.")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if _TABLE.match(line)]
    if len(lines) != len(tables):
        raise UsageError(f"The entries of {path} are not tables of their own.", "Write [[accepted]] before each entry.")
    known = [requirement.id for requirement in requirements]
    return [_entry(table, f"{path}:{line}", line, known) for table, line in zip(tables, lines, strict=True)]


def _entry(table: Mapping[str, Any], where: str, line: int, known: list[str]) -> BaselineEntry:
    for name in table:
        if name not in _KEYS:
            raise UsageError(
                f"The entry at {where} has an unknown key {name!r}.", did_you_mean(name, _KEYS, "It knows")
            )
    for name in _TEXTS:
        if not isinstance(table.get(name, ""), str):
            raise UsageError(f"{name} of the entry at {where} is not a text.", "Put it in quotes.")
    for name in _NEEDED:
        if not str(table.get(name, "")).strip():
            raise UsageError(f"The entry at {where} names no {name}.", f"Give its {name}, or remove the entry.")
    requirement = table["requirement"]
    if requirement not in known:
        hint = did_you_mean(requirement, known, "The requirements are")
        raise UsageError(f"The entry at {where} names no requirement: {requirement!r}.", hint)
    if table.get("versions"):
        _check_range(table["versions"], where)
    texts = {name: table[name] for name in _TEXTS if name in table}
    return BaselineEntry(**texts, expires=_date(table["expires"], where), facts=_facts(table, where), line=line)


def _date(value: Any, where: str) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise UsageError(f"expires of the entry at {where} is not a date: {value!r}.", "Write 2027-03-31.") from None


def _facts(table: Mapping[str, Any], where: str) -> dict[str, str]:
    facts = table.get("facts", {})
    if not isinstance(facts, dict) or not all(isinstance(value, str) for value in facts.values()):
        raise UsageError(
            f"facts of the entry at {where} are not texts by name.", 'Write facts = { "agent online" = "yes" }.'
        )
    return facts


def _fits(pattern: str, text: str) -> bool:
    """Whether a pattern with ``*`` and ``?`` matches the whole text; an empty one always does."""
    return not pattern or fnmatchcase(text, pattern.replace("[", "[[]"))


def _check_range(versions: str, where: str) -> None:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - only an entry with one needs it

    try:
        SpecifierSet(versions).contains("1")
    except ValueError:  # no range, or a number that is too long to be read
        raise UsageError(
            f"versions of the entry at {where} is not a range: {versions!r}.", "Write for instance >=7.0,<8.3."
        ) from None


def _is_in_range(version: str | None, versions: str) -> bool:
    if not versions:
        return True
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415
    from packaging.version import Version  # noqa: PLC0415

    try:
        return version is not None and SpecifierSet(versions).contains(Version(version), prereleases=True)
    except ValueError:  # no version, or a number that is too long to be read
        return False


def _standing(entry: BaselineEntry, rows: Mapping[str, Row], result: RunResult, today: date) -> EntryStanding:
    row = rows.get(entry.requirement)
    if row is None or not entry.applies(result):
        return EntryStanding.ELSEWHERE
    if entry.expires < today:
        return EntryStanding.EXPIRED
    if row.outcome in _BROKEN and any(entry.covers(entry.requirement, each.signature) for each in row.findings):
        return EntryStanding.ACCEPTED
    lists_all = len(row.findings) < MOST_KEPT_FINDINGS
    return (
        EntryStanding.STALE
        if row.judged and lists_all and row.outcome is not Outcome.ERROR
        else EntryStanding.UNOBSERVED
    )


def _is_accepted(row: Row, active: list[BaselineEntry]) -> bool:
    """Whether every finding of a row is listed; of more kinds than are kept, only an entry for all of them is sure."""
    own = [entry for entry in active if entry.requirement == row.requirement.id]
    if row.outcome not in _BROKEN or not own:
        return False
    if not all(entry.signature for entry in own):
        return True
    signatures = {entry.signature for entry in own}
    return len(row.findings) < MOST_KEPT_FINDINGS and all(finding.signature in signatures for finding in row.findings)


def _listed(entry: BaselineEntry, standing: EntryStanding) -> Listed:
    return Listed(
        entry.requirement,
        standing,
        entry.reason,
        entry.owner,
        entry.expires.isoformat(),
        entry.ticket,
        entry.signature,
        entry.line,
    )


def baseline_of(path: Path | None, contract: Path | None = None) -> Baseline | None:
    """The baseline that a run is asked to be held against, read before anything is sent.

    ``contract`` is the folder of another contract than the suite's own.
    """
    return None if path is None else load_baseline(path, load_catalogue(load_contract(None, contract)))


def allowance_of(required: Sequence[str], *, accepts_unjudged: bool, contract: Path | None = None) -> Allowance:
    """What may stay unjudged; raises ``UsageError`` for the id of a requirement that there is not."""
    known = load_catalogue(load_contract(None, contract)).ids if required else ()
    for each in required:
        if each not in known:
            near = get_close_matches(each, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else "List them: rocketchat-contract requirements"
            raise UsageError(f"There is no requirement {each!r} ({REQUIRE}).", hint)
    return Allowance(accepts_unjudged, tuple(required))


def held(
    result: RunResult,
    baseline: Baseline | None,
    *,
    accept_known: bool = False,
    allowance: Allowance = NO_ALLOWANCE,
) -> RunResult:
    """The result held against a baseline, today and here: stale entries fail where ``CI`` is set.

    ``accept_known`` lets pass what releases like the target's are known for, ``allowance`` what was not judged.
    """
    if allowance.is_given:
        result = replace(result, allowance=allowance)
    if accept_known:
        result = replace(result, known=replace(result.known, is_accepting=True))
    return result if baseline is None else baseline.hold(result, datetime.now(UTC).date(), in_ci=is_ci())


def is_ci() -> bool:
    """Whether this is a CI job, as the variable ``CI`` says."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


@dataclass(frozen=True)
class Words:
    """What a person says about new entries."""

    reason: str
    owner: str
    expires: date
    ticket: str = ""


def ready_entries(result: RunResult, baseline: Baseline, words: Words) -> tuple[BaselineEntry, ...]:
    """An entry for each deciding finding of a held result that none speaks of, an expired one included."""
    known = [entry for entry in baseline.entries if entry.applies(result)]
    target = "" if result.header.embedded else result.header.target
    missing = [
        (row.requirement.id, signature)
        for row in result.verdict.rows
        if row.outcome in _BROKEN and decides(row, strict=result.verdict.strict)
        for signature in _signatures(row)
        if not any(entry.covers(row.requirement.id, signature) for entry in known)
    ]
    return tuple(
        BaselineEntry(requirement, words.reason, words.owner, words.expires, signature, target, ticket=words.ticket)
        for requirement, signature in missing
    )


def _signatures(row: Row) -> tuple[str, ...]:
    """The kinds of finding to list; the empty one means all, where there are more than are kept."""
    return ("",) if len(row.findings) >= MOST_KEPT_FINDINGS else tuple(finding.signature for finding in row.findings)


def entries_text(entries: Sequence[BaselineEntry]) -> str:
    """Entries as they stand in the file."""
    return _with_entries("", entries)


def updated(text: str, result: RunResult, added: Sequence[BaselineEntry], *, prune: bool, renew: date | None) -> str:
    """The file's text with new entries, without stale ones if asked, and with a new end for expired ones.

    What people wrote stays as it is, comments and order included.
    """
    import tomlkit  # noqa: PLC0415 - only who writes needs it

    document = tomlkit.parse(text)
    tables = document.get("accepted", [])
    standings = [entry.standing for entry in result.acceptance.entries]
    for table, standing in zip(tables, standings, strict=True):
        if standing is EntryStanding.EXPIRED and renew is not None:
            table["expires"] = renew
    for place in reversed([place for place, standing in enumerate(standings) if standing is EntryStanding.STALE]):
        if prune:
            del tables[place]
    if "accepted" in document and not tables:
        del document["accepted"]
    return _with_entries(tomlkit.dumps(document), added)


def _with_entries(text: str, entries: Sequence[BaselineEntry]) -> str:
    import tomlkit  # noqa: PLC0415

    document = tomlkit.document()
    tables = tomlkit.aot()
    for entry in entries:
        table = tomlkit.table()
        for name in _KEYS:
            value = getattr(entry, name)
            if value or name in _NEEDED:
                table.add(name, value)
        tables.append(table)
    document.add("accepted", tables)
    more = tomlkit.dumps(document) if entries else ""
    return f"{text.rstrip()}\n\n{more}".lstrip() if text.strip() and more else text + more
