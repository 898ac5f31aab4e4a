"""The page of the benchmarks, made from the last results of each part and from what was tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figures import RESULTS, Figure, Row, machine_line, table

FOLDER = Path(__file__).parent
LONG = ".long"
OF_ONE_PART = ("load", "load at start", "measured")
"""What differs from part to part of where they were measured."""


@dataclass(frozen=True)
class Part:
    """A section of the page: ``how`` says what its numbers are; ``command`` is empty where ``run.py`` measures it."""

    title: str
    how: str
    command: str = ""

    def repeated_by(self, name: str) -> str:
        """The command that measures it again; ``name`` is that of the results."""
        part, long = name.removesuffix(LONG), name.endswith(LONG)
        return self.command or f"python benchmarks/run.py --only {part}{' --long' if long else ''}"


PARTS = {
    "traffic": Part(
        "Traffic",
        "Medians of three rounds; in each, all take their turn, every one on a server of its own. *last beside "
        "first* is how much longer the last 1,000 calls with meeting values took than the first 1,000.",
    ),
    "startup": Part(
        "Start-up",
        "Medians of five rounds; in each, all commands take their turn. The wheel is built once.",
    ),
    "server": Part(
        "Reference server",
        "Medians of three rounds. The whole lives are one run, read as it goes on.",
    ),
    "judge": Part(
        "Judging",
        "Records: medians of three processes, one after the other. Single visitors: one run each. Of an exchange "
        "nothing stays in memory; what grows is what the judge keeps of each deleted visitor, about 620 bytes here, "
        "where every visitor has one room and lives ten calls: token and room id, to whom the room belonged, and "
        "the numbers of the calls that showed and closed it. Without that, a room that comes back after its "
        "visitor, or an old rid that is answered, could not be told.",
    ),
    "reports": Part("Reports", "One run of each size."),
    "history": Part("History", "One run of each command."),
    "races": Part(
        "Races", "Counts over all runs; ours and the peers take turns, ours on a server of its own each time."
    ),
    "races_load": Part(
        "Races on a busy machine",
        "Gates beside processes that never rest, each on a server of its own. The lower bound is that of the "
        "two-sided 95 % interval of Clopper and Pearson.",
        "python benchmarks/races_load.py",
    ),
    "kill_curve": Part(
        "The kill curve",
        "One walk or run of each kind over each wrong server, one after the other. The core's order is walked with "
        "all the calls that it wants. A profile as shipped is a whole run under its own budget, of which a gate "
        "keeps 18 of 60 room calls for calls that are fired together. Plain `st run` stands beside every eighth wrong "
        "server only; the sizes of the goals take every server, without it.",
    ),
    "order_search": Part(
        "How far the order is from the best possible",
        "Calculated from the stored kill matrix (`results/kill_matrix.json`, measured by `kill_matrix.py`): faults "
        "that show in a short history, shown by the core's tests that fit into so many room calls, together with what "
        "a gate's bursts show anyway. *best possible* is an integer program's proved bound, for that budget alone.",
    ),
    "cross_validation": Part(
        "Cross-validation",
        "Calculated from the same matrix. Each row finds the order on one half of the faults, taken by chance, and "
        "counts what a gate shows of the other half.",
    ),
    "kill_score": Part(
        "The kill score",
        "One run of each on each wrong server. Ours is the stored proof (`rocketchat-contract prove --json "
        "spec/proof.json`) and counts when the fault's own requirement is named; plain `st run` counts when it says "
        "anything that it does not say of the right server.",
        "python benchmarks/kill_score.py",
    ),
    "fleet": Part(
        "Fleets",
        "One run of each size. *of the servers' own making* are visitors that wrong servers make for callers whom "
        "they do not know: no run can tell whether they were there before, so they stay, and its report says so.",
    ),
    "mutation": Part(
        "Mutation of the judge",
        "One seeded sample; `results/mutation.json` has the survivors with their reasons.",
        "python benchmarks/mutation.py",
    ),
}
HEAD = """\
# Benchmarks

`python benchmarks/run.py [--only NAME] [--long]` measures, prints, writes `results/*.json` and this page. Each section
names the command that repeats it, says what its numbers are, medians or single runs, and ends with where it was
measured. *load at start* is what the machine was at work on just before a part began (in a run of all parts, the part
before it): above one, others may have been at work beside it, and wall-clock figures are worse than they are on a quiet
machine. A part that says *load* was measured when that was taken at the end, with its own work in it.
*Runs before* are the values of the last two runs of the same part, the latest first. A figure without a goal tells what
belongs beside the others.
"""


def overview() -> list[str]:
    """The table of all figures, their goals, and the last three runs, and with what they were measured."""
    results = _results()
    return [*_overview(results), "", *_machines(results)]


def write() -> None:
    """Write ``README.md`` anew; ``TRIED.md`` is written by hand and goes in as it is."""
    results = _results()
    tried = (FOLDER / "TRIED.md").read_text(encoding="utf-8").strip()
    text = "\n".join([HEAD, *_overview(results), "", *_machines(results), *_sections(results), "", tried, ""])
    (FOLDER / "README.md").write_text(text, encoding="utf-8")


_Result = tuple[Part, str, dict[str, Any]]


def _results() -> list[_Result]:
    """What was measured last, part by part with the name of its results, the goals' sizes after the usual ones."""
    names = [(part, name + size) for name, part in PARTS.items() for size in ("", LONG)]
    return [(part, name, content) for part, name in names if (content := _result(name))]


def _result(name: str) -> dict[str, Any] | None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _title(part: Part, name: str) -> str:
    return f"{part.title}, sizes of the goals" if name.endswith(LONG) else part.title


def _overview(results: list[_Result]) -> Iterator[str]:
    rows: list[Row] = []
    for part, name, content in results:
        for each in content["figures"]:
            figure = Figure(**each)
            measured = f"{figure.value:,.4g} {figure.unit}"
            row = {"part": _title(part, name), "figure": figure.what, "goal": figure.aim, "measured": measured}
            earlier = ", ".join(f"{value:,.4g}" for value in content.get("earlier", {}).get(figure.what, []))
            rows.append({**row, "": figure.distance, "runs before": earlier})
    yield from table(rows)


def _machines(results: list[_Result]) -> list[str]:
    """Where and with which versions the parts were measured, each place once."""
    places = [content["machine"] for _, _, content in results]
    alike = [{name: value for name, value in place.items() if name not in OF_ONE_PART} for place in places]
    return [f"Measured on {line}" for line in dict.fromkeys(machine_line(place) for place in alike)]


def _sections(results: list[_Result]) -> Iterator[str]:
    told = set[str]()
    for part, name, content in results:
        how = () if part.title in told else (part.how, "")
        told.add(part.title)
        head = ("", f"## {_title(part, name)}", "", f"`{part.repeated_by(name)}`", "", *how)
        yield from (*head, *table(content["rows"]), "", machine_line(content["machine"]))


if __name__ == "__main__":
    write()
