"""Every run of a test is judged again from its record: its reports are the same, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rocketchat_contract.report.allowance import Allowance
from rocketchat_contract.report.files import WRITERS
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.baseline import baseline_of
from rocketchat_contract.results.result import judge_record


def unlike(folder: Path, arguments: Sequence[object] = ()) -> list[str]:
    """Reports of the runs below a folder that their records, judged again, do not give.

    ``arguments`` are those of the command that made them. A record that was cut off has nothing to be judged, and one
    that was found as told need not be looked at again while nothing beside it changes.
    """
    records = sorted(path for path in folder.rglob("record.jsonl") if "latest" not in path.parts)
    changed = [record for record in records if _state(record) not in _FOUND_ALIKE and _is_told(record)]
    found = {record: _unlike(record, arguments) for record in changed}
    _FOUND_ALIKE.update(_state(record) for record, names in found.items() if not names)
    return [name for names in found.values() for name in names]


_State = tuple[tuple[str, int, int], ...]
_FOUND_ALIKE: set[_State] = set()


def _state(record: Path) -> _State:
    """The files beside a record as they are now."""
    stats = ((path, path.stat()) for path in sorted(record.parent.iterdir()))
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def _is_told(record: Path) -> bool:
    with record.open("rb") as file:
        lines = file.readlines()
    return record.with_name("report.json").is_file() and lines[-1].startswith(b'{"type":"footer"')


def _unlike(record: Path, arguments: Sequence[object]) -> list[str]:
    overlay, contract = _named("--overlay", arguments), _named("--contract", arguments)
    result = _held(record, judge_record(record, overlay, contract), arguments)
    reports = {record.with_name(name): writer for name, writer in WRITERS.items()}
    return [str(path) for path, writer in reports.items() if path.is_file() and _text(path) != writer(result)]


def _held(record: Path, result: RunResult, arguments: Sequence[object]) -> RunResult:
    """The account held against the baseline of the run, where it had one, and what may stay unjudged."""
    words = [str(each) for each in arguments]
    required = [words[place + 1] for place, word in enumerate(words) if word == "--require"]
    required += words[2:3] if result.header.profile == "repeat" else []
    result = replace(result, allowance=Allowance("--accept-incomplete" in words, tuple(required)))
    told = json.loads(_text(record.with_name("report.json")))["baseline"]
    baseline = baseline_of(_named("--baseline", arguments)) if told else None
    return baseline.hold(result, datetime.now(UTC).date(), in_ci=told["in_ci"]) if baseline else result


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def _named(option: str, arguments: Sequence[object]) -> Path | None:
    words = [str(each) for each in arguments]
    return Path(words[words.index(option) + 1]) if option in words else None
