"""Mutation testing of the judge: of single changes to its code, how many its tests notice.

    python benchmarks/mutation.py [--per-module 25] [--seed 1] [--folder FOLDER] [--floor 0.9]

mutmut makes every change that it knows (``[tool.mutmut]`` in pyproject.toml says of what, and which tests look); a
seeded sample of so many per module is tried. It works in a copy of the checkout in FOLDER, where what was killed once
stays killed until its function changes, so that a second call is quick. The score is weighted by the size of the
modules and told with its 95 % interval. A survivor needs a reason in ``survivors.toml``; exit code 1 when one has
none, or when the score is below the floor. It needs about half an hour, most of it once for a folder.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import page
from figures import RESULTS, Figure, Row, machine, table

ROOT = Path(__file__).parents[1]
COPIED = ("src", "spec", "tests", "pyproject.toml", "conftest.py")
MUTATED = Path("mutants/src/rocketchat_contract/judge")
FIRST = "rocketchat_contract.judge.tally.*__mutmut_1"
AT_ONCE = 300
KILLED = 1
SEEN = {KILLED: "killed", 3: "killed", 24: "timeout", 36: "timeout", 152: "timeout", 255: "timeout", -24: "timeout"}
"""What mutmut's exit codes mean; whatever else is a survivor, or a change that no test reaches."""


@dataclass(frozen=True)
class Survivor:
    """A change that no test notices; ``removed`` and ``added`` are its lines."""

    function: str
    removed: str
    added: str
    reason: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--per-module", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "mutation")
    parser.add_argument("--floor", type=float, default=0.9)
    options = parser.parse_args()
    copy(options.folder)
    mutmut(options.folder, [FIRST])
    chosen = sample(codes(options.folder), options.per_module, options.seed)
    tried = codes(options.folder)
    waiting = [name for names in chosen.values() for name in names if tried[name] not in SEEN]
    for start in range(0, len(waiting), AT_ONCE):
        mutmut(options.folder, waiting[start : start + AT_ONCE])
    look_again(options.folder, [name for names in chosen.values() for name in names])
    sys.exit(tell(options.folder, chosen, options.seed, options.floor))


def copy(folder: Path) -> None:
    """Bring a copy of the checkout up to date; what is the same keeps its time, for mutmut makes anew what is newer."""
    wanted = {path.relative_to(ROOT) for name in COPIED for path in _files(ROOT / name)}
    for path in [each for name in COPIED for each in _files(folder / name)]:
        if path.relative_to(folder) not in wanted:
            path.unlink()
    for each in sorted(wanted):
        content, target = (ROOT / each).read_bytes(), folder / each
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def _files(place: Path) -> list[Path]:
    found = [place] if place.is_file() else [each for each in place.rglob("*") if each.is_file()]
    return [each for each in found if "__pycache__" not in each.parts]


def mutmut(folder: Path, names: Sequence[str]) -> None:
    """Try changes; the output stands in ``mutmut.log`` of the folder."""
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "1", *names]
    with (folder / "mutmut.log").open("a", encoding="utf-8") as log:
        done = subprocess.run(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        sys.exit(f"mutmut ended with {done.returncode}; {folder / 'mutmut.log'} says why")


def look_again(folder: Path, names: Iterable[str]) -> None:
    """Show survivors without a reason to all tests: mutmut's table of who tests what may be older than the code."""
    tried = codes(folder)
    for name in names:
        if tried[name] is None or tried[name] in SEEN or next(iter(explained([survivor(folder, name)]))).reason:
            continue
        if _fails(folder, name):
            path = folder / MUTATED / f"{name.split('.')[2]}.py.meta"
            content = json.loads(path.read_text(encoding="utf-8"))
            content["exit_code_by_key"][name] = KILLED
            path.write_text(json.dumps(content, indent=4), encoding="utf-8")


def _fails(folder: Path, name: str) -> bool:
    """Whether a test fails under a change; the tests of its module come first."""
    place = folder / "mutants"
    every = tomllib.loads((place / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    first = Path("tests/unit/judge") / f"test_{name.split('.')[2]}.py"
    tests = [*([str(first)] if (place / first).exists() else []), *every["pytest_add_cli_args_test_selection"]]
    command = [sys.executable, "-m", "pytest", "-x", "-q", *every["pytest_add_cli_args"], *tests]
    environment = {**os.environ, "MUTANT_UNDER_TEST": name, "PYTHONPATH": str(place.resolve() / "src")}
    return subprocess.run(command, cwd=place, env=environment, capture_output=True, check=False).returncode == KILLED


def codes(folder: Path) -> dict[str, int | None]:
    """The exit code of the tests under each change; None where it was not tried."""
    found: dict[str, int | None] = {}
    for path in sorted((folder / MUTATED).glob("*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def sample(names: Iterable[str], per_module: int, seed: int) -> dict[str, list[str]]:
    """So many changes of each module, by chance."""
    modules: dict[str, list[str]] = {}
    for name in sorted(names):
        modules.setdefault(name.split(".")[2], []).append(name)
    chosen = {}
    for module, found in modules.items():
        chosen[module] = random.Random(f"{seed}:{module}.py.meta").sample(found, min(per_module, len(found)))
    return chosen


def tell(folder: Path, chosen: Mapping[str, Sequence[str]], seed: int, floor: float) -> int:
    """Print and keep the score and the survivors; answers the exit code."""
    tried, rows = codes(folder), []
    chosen = {module: [name for name in names if tried[name] is not None] for module, names in chosen.items()}
    for module, names in chosen.items():
        all_of_it = sum(name.split(".")[2] == module for name in tried)
        outcomes = [SEEN.get(tried[name] or 0, "survived") for name in names]
        counts: Row = {outcome: outcomes.count(outcome) for outcome in ("killed", "timeout", "survived")}
        rows.append({"module": module, "changes": all_of_it, "tried": len(names), **counts})
    survivors = explained(
        survivor(folder, name) for names in chosen.values() for name in names if tried[name] not in SEEN
    )
    score, margin = estimate(rows)
    figure = Figure("changes to the judge's code that its tests notice", round(score, 4), floor, "of them")
    content = {
        "machine": machine(),
        "seed": seed,
        "interval": [round(max(0.0, score - margin), 4), round(min(1.0, score + margin), 4)],
        "rows": rows,
        "figures": [asdict(figure)],
        "survivors": [asdict(each) for each in survivors],
    }
    (RESULTS / "mutation.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page.write()
    bare = [each for each in survivors if not each.reason]
    print("\n".join(table(rows)))
    print(
        f"\n{score:.1%} ± {margin:.1%} (95 %) of {sum(row['changes'] for row in rows):,} changes are noticed,", end=""
    )
    print(f" from a sample of {sum(row['tried'] for row in rows):,} with seed {seed}; floor {floor:.0%}.")
    for each in bare:
        print(f"\nsurvives without a reason: {each.function}\n- {each.removed}\n+ {each.added}")
    return int(bool(bare) or not figure.is_met)


def estimate(rows: Sequence[Row]) -> tuple[float, float]:
    """The share that is noticed, weighted by the size of the modules, and half of its 95 % interval."""
    whole = sum(row["changes"] for row in rows)
    share = variance = 0.0
    for row in rows:
        weight, tried = row["changes"] / whole, row["tried"]
        noticed = tried - row["survived"]
        likely = (noticed + 1) / (tried + 2)
        share += weight * noticed / tried
        variance += weight**2 * likely * (1 - likely) / tried * (1 - tried / row["changes"])
    return share, 1.96 * math.sqrt(variance)


def survivor(folder: Path, name: str) -> Survivor:
    """What a change is."""
    command = [str(Path(sys.executable).with_name("mutmut")), "show", name]
    environment = {**os.environ, "COLUMNS": "400"}
    shown = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment).stdout
    lines = [line for line in shown.splitlines() if not line.startswith(("---", "+++"))]
    removed, added = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in "-+")
    function = name.rpartition("__mutmut_")[0].removeprefix("rocketchat_contract.judge.")
    return Survivor(function.replace(".x_", ".").replace("xǁ", "").replace("ǁ", "."), removed, added)


def explained(survivors: Iterable[Survivor]) -> list[Survivor]:
    """The survivors with the reasons that people wrote down."""
    kept = tomllib.loads((Path(__file__).parent / "survivors.toml").read_text(encoding="utf-8"))["survivor"]
    reasons = {(each["function"], each["removed"], each["added"]): each["reason"] for each in kept}
    return [
        Survivor(each.function, each.removed, each.added, reasons.get((each.function, each.removed, each.added), ""))
        for each in survivors
    ]


if __name__ == "__main__":
    main()
