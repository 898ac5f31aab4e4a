"""The page of the benchmarks, made from the last results of each part and from what was tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from figures import RESULTS, Figure, Row, table

FOLDER = Path(__file__).parent
TITLES = {
    "traffic": "Traffic",
    "startup": "Start-up",
    "server": "Reference server",
    "judge": "Judging",
    "reports": "Reports",
    "history": "History",
    "races": "Races",
    "kill_curve": "The kill curve",
    "fleet": "Fleets",
    "mutation": "Mutation of the judge",
}


def overview() -> list[str]:
    """The table of all figures, their goals, and the last three runs."""
    return list(_overview(_parts()))


def write() -> None:
    """Write ``README.md`` anew; ``TRIED.md`` is written by hand and goes in as it is."""
    parts = _parts()
    tried = (FOLDER / "TRIED.md").read_text(encoding="utf-8").strip()
    text = "\n".join([*_head(), *_overview(parts), *_sections(parts), "", tried, ""])
    (FOLDER / "README.md").write_text(text, encoding="utf-8")


def _parts() -> dict[str, dict[str, Any]]:
    """What was measured last by title, the goals' sizes after the usual ones."""
    results = {title: name for name, title in TITLES.items()}
    results |= {f"{title}, sizes of the goals": f"{name}.long" for name, title in TITLES.items()}
    ordered = sorted(results.items(), key=lambda each: list(TITLES).index(each[1].partition(".")[0]))
    return {title: content for title, name in ordered if (content := _result(name))}


def _result(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _head() -> list[str]:
    return [
        "# Benchmarks",
        "",
        "`python benchmarks/run.py [--only NAME] [--long]` measures, prints, writes `results/*.json` and this page.",
        "Numbers are medians; peers run interleaved with ours. Load is that of the machine at the end of a part: above",
        "one, others were at work, and wall-clock figures are worse than they are on a quiet machine.",
        "*Runs before* are the values of the last two runs of the same part, the latest first.",
        "",
    ]


def _overview(parts: dict[str, dict[str, Any]]) -> Iterator[str]:
    rows: list[Row] = []
    for title, content in parts.items():
        for each in content["figures"]:
            figure = Figure(**each)
            goal = f"{'≤' if figure.at_most else '≥'} {figure.goal:,.4g} {figure.unit}"
            measured = f"{figure.value:,.4g} {figure.unit}"
            row = {"part": title, "figure": figure.what, "goal": goal, "measured": measured}
            earlier = ", ".join(f"{value:,.4g}" for value in content.get("earlier", {}).get(figure.what, []))
            rows.append({**row, "": figure.distance, "runs before": earlier})
    yield from table(rows)


def _sections(parts: dict[str, dict[str, Any]]) -> Iterator[str]:
    for title, content in parts.items():
        machine = ", ".join(f"{key} {value}" for key, value in content.get("machine", {}).items())
        yield from ("", f"## {title}", "", *table(content["rows"]), "", f"{machine}.")


if __name__ == "__main__":
    write()
