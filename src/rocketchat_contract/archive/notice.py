"""What a nightly run says in a chat: the verdict, what is new since the run before, and a link.

Incoming webhooks of Rocket.Chat and of Slack both take a JSON object with a member ``text``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from rocketchat_contract.archive.diff import Direction, Reported, compare_runs, read_run, read_stored
from rocketchat_contract.errors import UsageError
from rocketchat_contract.report.phrases import VERDICT_SIGNS
from rocketchat_contract.report.plain import sentence

_SIGNS: Mapping[str, str] = {word.value: sign for word, sign in VERDICT_SIGNS.items()}

_MOST = 10
"""New findings that are named; the report has all of them."""


def notice(run: Reported, before: Reported | None, link: str = "") -> str:
    """The text of a message about a run; ``before`` is the run before it on the same target, if there is one."""
    return "\n".join(_lines(run, before, link))


def as_payload(text: str) -> bytes:
    """The body that an incoming webhook takes."""
    return json.dumps({"text": text}, ensure_ascii=False).encode()


def _lines(run: Reported, before: Reported | None, link: str) -> Iterator[str]:
    verdict = run.content["verdict"]
    word = str(verdict.get("word", ""))
    yield sentence(f"{_SIGNS.get(word, '?')} {word}: {run.recorded('target')} (profile {run.recorded('profile')})")
    yield sentence(str(verdict.get("sentence", "")))
    yield from _new(run, before)
    ledger = run.content.get("ledger", {})
    if ledger.get("sentence"):
        yield sentence(str(ledger["sentence"]))
    if link:
        yield link


def _new(run: Reported, before: Reported | None) -> Iterator[str]:
    if before is None:
        yield "There is no earlier run to compare with."
        broken = [row["id"] for row in run.content.get("requirements", ()) if row.get("outcome") == "fail"]
        yield from (f"- {name}" for name in _shortened(broken))
        return
    regressions = compare_runs(before, run).of(Direction.REGRESSION)
    if not regressions:
        yield f"Nothing got worse since {before.recorded('started')[:16]}."
        return
    yield f"New since {before.recorded('started')[:16]}:"
    changes = [f"{change.requirement}: {change.before} → {change.after}" for change in regressions]
    yield from (f"- {change}" for change in _shortened(changes))


def _shortened(lines: list[str]) -> list[str]:
    return [*lines[:_MOST], *([f"and {len(lines) - _MOST} more"] if lines[_MOST:] else [])]


def run_before(path: Path) -> Reported | None:
    """The newest run beside this one that started earlier, on the same target; unreadable runs are passed over."""
    folder = (path if path.is_dir() else path.parent).resolve()
    run = read_run(path)
    earlier = [other for other in _siblings(folder) if _is_before(other, run)]
    return max(earlier, key=lambda other: other.recorded("started"), default=None)


def _siblings(folder: Path) -> Iterator[Reported]:
    for report in folder.parent.glob("*/report.json"):
        if report.parent.is_symlink() or report.parent == folder:
            continue
        try:
            yield Reported(read_stored(report), None)
        except UsageError:
            continue


def _is_before(other: Reported, run: Reported) -> bool:
    return other.recorded("target") == run.recorded("target") and other.recorded("started") < run.recorded("started")
