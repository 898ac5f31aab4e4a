"""What a benchmark answers: rows that it measured, and the figures that they are held against."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
LONG = "BENCHMARK_LONG"
"""The environment variable that says: the sizes of the goals; their results are kept beside the usual ones."""

LOAD = os.getloadavg()[0]
"""What the machine was at work on when a part began; each part is a process of its own."""

LIBRARIES = ("schemathesis", "hypothesis", "pytest", "jsonschema-rs", "httptools", "uvicorn")

Row = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """One goal and what was measured; ``value`` and ``goal`` have the same unit, ``at_most`` says which way is good.

    Without a goal a figure only tells what a reader of the others has to know.
    """

    what: str
    value: float
    goal: float | None
    unit: str
    at_most: bool = False
    note: str = ""

    @property
    def is_met(self) -> bool:
        if self.goal is None:
            return True
        return self.value <= self.goal if self.at_most else self.value >= self.goal

    @property
    def aim(self) -> str:
        """The goal as a table tells it; empty without one."""
        return "" if self.goal is None else f"{'≤' if self.at_most else '≥'} {self.goal:,.4g} {self.unit}".strip()

    @property
    def distance(self) -> str:
        """How far from the goal: ``met``, or the part of it that is there."""
        if self.goal is None:
            return "told"
        if self.is_met:
            return "met"
        part = self.goal / self.value if self.at_most else self.value / self.goal
        return f"{part:.0%} of the way"


def machine() -> Row:
    """Where and with what was measured."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load at start": round(LOAD, 1),
        "measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        **{name: version(name) for name in LIBRARIES},
    }


def machine_line(told: Row) -> str:
    """Where and with what was measured, in one line."""
    return ", ".join(f"{name} {value}" for name, value in told.items()) + "."


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def store(name: str, rows: Sequence[Row], figures: Sequence[Figure], **more: Any) -> None:
    """Print and keep what a part measured; ``more`` is only kept."""
    where = machine()
    print("\n".join([*table(rows), "", machine_line(where), ""]))
    for figure in figures:
        print(f"{figure.what}: {figure.value:,.4g} {figure.unit}; {figure.aim or 'no goal'}: {figure.distance}")
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}{'.long' if os.environ.get(LONG) else ''}.json"
    content = {"machine": where, "rows": list(rows), "figures": [asdict(figure) for figure in figures]}
    content |= {"earlier": earlier(path), **more}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def earlier(path: Path) -> dict[str, list[float]]:
    """What the two runs before measured, figure by figure, the latest first."""
    if not path.exists():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    known = content.get("earlier", {})
    return {each["what"]: [each["value"], *known.get(each["what"], [])][:2] for each in content.get("figures", [])}


def table(rows: Sequence[Row]) -> list[str]:
    """Rows as a Markdown table."""
    if not rows:
        return []
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    return lines + ["| " + " | ".join(_cell(row.get(name)) for name in names) + " |" for row in rows]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def medians(runs: Iterable[Row]) -> Row:
    """The median of every number over several runs of one thing."""
    runs = list(runs)
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}
