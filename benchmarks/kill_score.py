"""The kill score: the same wrong servers under this suite and under plain ``st run``, per family.

    python benchmarks/kill_score.py [--only GLOB] [--every 1] [--jobs 2] [--seconds 20]

Ours counts as caught only when the fault's own requirement is named. ``st run`` gets the repaired document, its default
checks and phases, and a visitor who has the example's token, so that some of its calls reach a room; it counts as
caught when it says something that it does not say of the right server, whatever that is. ``--every`` takes every
so-manieth wrong server, ``--seconds`` is the most that ``st run`` may take for one.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from figures import Figure, Row, store

from rocketchat_contract.contract.vendored import load_contract, spec_folder
from rocketchat_contract.prove.subjects import Kind, Subject, matching
from rocketchat_contract.prove.trial import Result, examine
from rocketchat_contract.reference import server
from rocketchat_contract.reference.settings import Settings

SEED = 1


def example_token() -> str:
    """The token of the document's example, which plain ``st run`` sends."""
    operation = load_contract().published["paths"]["/api/v1/livechat/room"]["get"]
    token = next(parameter for parameter in operation["parameters"] if parameter["name"] == "token")
    return str(token.get("example", token["schema"].get("example")))


def register(url: str, token: str) -> None:
    """Make the example's token a visitor's; a server that refuses even that is tried without."""
    body = json.dumps({"visitor": {"token": token}}).encode()
    request = urllib.request.Request(f"{url}/api/v1/livechat/visitor", body, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=5).read()
    except OSError as error:
        print(f"not registered: {error}", file=sys.stderr)


def said_by_st(settings: tuple[str, ...], seconds: float) -> frozenset[str]:
    """The titles of what ``st run`` says of a server, by phase; what it said until its time was over counts."""
    st, document = Path(sys.executable).parent / "st", spec_folder() / "livechat-room.openapi.json"
    with server.start(Settings().with_pairs(settings)) as running, tempfile.TemporaryDirectory() as folder:
        register(running.url, example_token())
        command = [str(st), "run", str(document), "--url", running.url, "--continue-on-failure", f"--seed={SEED}"]
        command += ["--no-color", f"--max-time={seconds:g}"]
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, cwd=folder, timeout=seconds + 30
            )
        except subprocess.TimeoutExpired:
            return frozenset({"no end"})
    return frozenset(re.findall(r"^- (\S.*)$", done.stdout, re.MULTILINE))


def tried(subject: Subject, *, seconds: float, right: frozenset[str]) -> Row:
    """One wrong server under both."""
    trial = examine(subject, SEED)
    new = said_by_st(subject.settings, seconds) - right
    row = {"family": subject.family, "name": subject.name, "ours": trial.result is Result.CAUGHT, "st": bool(new)}
    return {**row, "st says": sorted(new)}


def per_family(rows: Sequence[Row]) -> list[Row]:
    """Caught by each, of how many."""
    families = [*dict.fromkeys(row["family"] for row in rows), "all"]
    groups = {name: [row for row in rows if name in (row["family"], "all")] for name in families}
    return [
        {
            "family": name,
            "wrong servers": len(group),
            "this suite, requirement named": sum(row["ours"] for row in group),
            "plain st run, anything new": sum(row["st"] for row in group),
        }
        for name, group in groups.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="*")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    wrong = [subject for subject in matching(options.only) if subject.kind is Kind.WRONG][:: options.every]
    right = said_by_st((), options.seconds)
    task = partial(tried, seconds=options.seconds, right=right)
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        rows = list(pool.map(task, wrong))
    ours, theirs = (sum(row[who] for row in rows) for who in ("ours", "st"))
    figures = [
        Figure("wrong servers caught by their own requirement", ours / len(rows), 1, "of them"),
        Figure("for each one that plain st run notices", ours / max(theirs, 1), 2, "caught"),
    ]
    print(f"said of the right server by st run: {', '.join(sorted(right)) or 'nothing'}")
    print("missed by us:", ", ".join(row["name"] for row in rows if not row["ours"]) or "none")
    store("kill_score", per_family(rows), figures)


if __name__ == "__main__":
    main()
