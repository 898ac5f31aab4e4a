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
    "kill_curve": "The kill curve",
    "fleet": "Fleets",
}


def write() -> None:
    """Write ``README.md`` anew; ``TRIED.md`` is written by hand and goes in as it is."""
    parts = {name: content for name in TITLES if (content := _result(name))}
    tried = (FOLDER / "TRIED.md").read_text(encoding="utf-8").strip()
    text = "\n".join([*_head(), *_overview(parts), *_sections(parts), "", tried, ""])
    (FOLDER / "README.md").write_text(text, encoding="utf-8")


def _result(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return _judging(content) if name == "judge" else content


def _judging(content: dict[str, Any]) -> dict[str, Any]:
    """The results of ``judge.py`` in the form of the others."""
    records = content.get("records", [])
    if not records:
        return {"rows": [], "figures": []}
    last, exponents = records[-1], [row["exponent"] for row in records if "exponent" in row]
    size = f"{last['exchanges']:,} exchanges"
    figures = [
        Figure(f"exchanges judged per CPU second, {size}", last["rate"], 10_000, "exchanges/s"),
        Figure(f"peak memory, {size}", last["peak_mb"], 250, "MB", at_most=True),
    ]
    if exponents:
        figures.append(Figure("exponent of growth", max(exponents), 1.05, "", at_most=True))
    rows = [*records, *content.get("visitor", [])]
    machine = {name: content[name] for name in ("machine", "python") if name in content}
    return {"rows": rows, "figures": [vars(figure) for figure in figures], "machine": machine}


def _head() -> list[str]:
    return [
        "# Benchmarks",
        "",
        "`python benchmarks/run.py [--only NAME] [--long]` measures, prints, writes `results/*.json` and this page.",
        "Numbers are medians; peers run interleaved with ours. Load is that of the machine at the end of a part: above",
        "one, others were at work, and wall-clock figures are worse than they are on a quiet machine.",
        "",
    ]


def _overview(parts: dict[str, dict[str, Any]]) -> Iterator[str]:
    rows: list[Row] = []
    for name, content in parts.items():
        for each in content["figures"]:
            figure = Figure(**each)
            goal = f"{'≤' if figure.at_most else '≥'} {figure.goal:,.4g} {figure.unit}"
            measured = f"{figure.value:,.4g} {figure.unit}"
            rows.append(
                {"part": TITLES[name], "figure": figure.what, "goal": goal, "measured": measured, "": figure.distance}
            )
    yield from table(rows)


def _sections(parts: dict[str, dict[str, Any]]) -> Iterator[str]:
    for name, content in parts.items():
        machine = ", ".join(f"{key} {value}" for key, value in content.get("machine", {}).items())
        yield from ("", f"## {TITLES[name]}", "", *table(content["rows"]), "", f"{machine}.")


if __name__ == "__main__":
    write()
