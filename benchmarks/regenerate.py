"""Writes everything anew that is generated and kept in the repository.

    python benchmarks/regenerate.py [--only PART,PART] [--jobs 2]

Parts, in the order in which they build on each other:
{parts}

Without --only the parts that take minutes are written too. Read the difference before you commit it:
`pytest -m generated` compares all of it with the suite as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rocketchat_contract.contract.suite_hash import PROOF
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.reference.wrong import WRONG_SERVERS

ROOT = Path(__file__).resolve().parents[1]
SUITE = (sys.executable, "-m", "rocketchat_contract")
TABLE = "| fault in | wrong servers | caught by this suite | noticed by plain `st run` |\n| --- | --- | --- | --- |\n"
VIOLATED = 1
"""The exit code of a proof with servers that are not as expected: it is written all the same."""


@dataclass(frozen=True)
class Part:
    """What is written together: ``write`` is given how many processes it may use."""

    files: str
    write: Callable[[int], None]
    takes: str = "seconds"


def command(*words: str, to: str = "", right: Sequence[int] = (0,), **variables: str) -> None:
    """Run a command at the root, its output in a file there if asked; an exit code that is not right ends all."""
    environment = {**os.environ, **variables}
    done = subprocess.run(words, cwd=ROOT, env=environment, check=False, stdout=subprocess.PIPE if to else None)
    if done.returncode not in right:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}.")
    if to:
        (ROOT / to).write_bytes(done.stdout)


def write_document(_jobs: int) -> None:
    page = "spec/livechat-room"
    source = json.loads((ROOT / f"{page}.findings.json").read_text("utf-8"))["page"]["source"]
    command(*SUITE, "spec", "vendor", f"{page}.md", "--out", "spec", *(["--source", source] if source else []))
    command(*SUITE, "spec", "strength", "--format", "json", to=f"{page}.strength.json")


def write_pages(_jobs: int) -> None:
    command(*SUITE, "config", "reference", to="docs/options.md")
    command(*SUITE, "requirements", "--format", "markdown", to="docs/requirements.md")
    command(sys.executable, "tests/support/messages.py", to="docs/messages.md")


def write_texts(_jobs: int) -> None:
    tests = ("tests/unit/judge", "tests/unit/report")
    command(sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "generated", *tests, UPDATE_GOLDEN="1")


def write_order(jobs: int) -> None:
    command(sys.executable, "benchmarks/kill_matrix.py", "--jobs", str(jobs))
    command(sys.executable, "benchmarks/order_search.py", "--write")


def write_proof(jobs: int) -> None:
    words = ("prove", "--seed", "1", "--jobs", str(jobs), "--json", "spec/proof.json")
    command(*SUITE, *words, right=(0, VIOLATED))


def write_score(jobs: int) -> None:
    command(sys.executable, "benchmarks/kill_score.py", "--jobs", str(jobs))


def write_curve(jobs: int) -> None:
    command(sys.executable, "benchmarks/kill_curve.py", "--jobs", str(jobs), "--st")
    command(sys.executable, "benchmarks/kill_curve.py", "--jobs", str(jobs), "--every", "1", BENCHMARK_LONG="1")
    command(sys.executable, "benchmarks/page.py")


def write_table(_jobs: int) -> None:
    page = ROOT / "docs" / "proof.md"
    short = sum(not server.needs for server in WRONG_SERVERS.values())
    text = re.sub(re.escape(TABLE) + r"(\|.*\n)+", lambda _: TABLE + table(), page.read_text("utf-8"))
    page.write_text(re.sub(r"Of the \d+ faults that show", f"Of the {short} faults that show", text), "utf-8")


def table() -> str:
    """The rows of the page that tells what is caught: the stored proof beside the stored kill score."""
    proved = json.loads((spec_folder() / PROOF).read_text("utf-8"))["families"]
    scored = json.loads((ROOT / "benchmarks" / "results" / "kill_score.json").read_text("utf-8"))["rows"]
    noticed = {row["family"]: row["plain st run, anything new"] for row in scored}
    rows = [f"| {family} | {of} | {caught} | {noticed[family]} |\n" for family, (caught, of) in proved.items()]
    caught, of = (sum(numbers) for numbers in zip(*proved.values(), strict=True))
    return "".join([*rows, f"| **all** | **{of}** | **{caught}** | **{noticed['all']}** |\n"])


def write_example(_jobs: int) -> None:
    command(sys.executable, "tests/support/make_example.py")


PARTS = {
    "document": Part("spec/livechat-room.*.json", write_document),
    "pages": Part("docs/options.md, docs/requirements.md, docs/messages.md", write_pages),
    "texts": Part("golden files and words.json below tests/unit", write_texts),
    "order": Part("spec/order.json", write_order, "4 minutes"),
    "proof": Part("spec/proof.json", write_proof, "15 minutes"),
    "score": Part(
        "benchmarks/results/kill_score.json, benchmarks/README.md", write_score, "a minute for 40 new servers"
    ),
    "curve": Part("benchmarks/results/kill_curve*.json, benchmarks/README.md", write_curve, "20 minutes"),
    "table": Part("the table of docs/proof.md", write_table),
    "example": Part("reports/example/", write_example),
}


def explained() -> str:
    """The text of --help: each part, what it writes, how long that takes."""
    lines = [f"    {name:9} {part.files} ({part.takes})" for name, part in PARTS.items()]
    return (__doc__ or "").format(parts="\n".join(lines))


def chosen(names: str) -> list[str]:
    """The parts of a list of names, in their order; raises ``ArgumentTypeError``."""
    asked = names.split(",")
    if unknown := set(asked) - PARTS.keys():
        raise argparse.ArgumentTypeError(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return [name for name in PARTS if name in asked]


def main() -> None:
    parser = argparse.ArgumentParser(description=explained(), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=chosen, default=list(PARTS), metavar="PART,PART")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    for name in options.only:
        print(f"== {name}: {PARTS[name].files}", flush=True)
        PARTS[name].write(options.jobs)


if __name__ == "__main__":
    main()
