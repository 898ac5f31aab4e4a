"""The kill score: the same wrong servers under this suite and under plain ``st run``, per family.

    rocketchat-contract prove --json spec/proof.json
    python benchmarks/kill_score.py [--proof spec/proof.json] [--only GLOB] [--jobs 2]

Ours is read from the proof, and counts only when the fault's own requirement is named. ``st run`` gets the repaired
document, its defaults, and a visitor who has the example's token, so that some of its calls reach a room; it counts
when it says anything that it does not say of the right server.
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
from rocketchat_contract.prove.trial import Result
from rocketchat_contract.reference import server
from rocketchat_contract.reference.settings import Settings

SEED = 1
PATIENCE = 60.0
"""Seconds that ``st run`` may take for one server; it needs about two."""


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


def said_by_st(settings: tuple[str, ...]) -> frozenset[str]:
    """The titles of what ``st run`` says of a server."""
    st, document = Path(sys.executable).parent / "st", spec_folder() / "livechat-room.openapi.json"
    with server.start(Settings().with_pairs(settings)) as running, tempfile.TemporaryDirectory() as folder:
        register(running.url, example_token())
        command = [str(st), "run", str(document), "--url", running.url, "--continue-on-failure", f"--seed={SEED}"]
        try:
            done = subprocess.run(
                [*command, "--no-color"], check=False, capture_output=True, text=True, cwd=folder, timeout=PATIENCE
            )
        except subprocess.TimeoutExpired:
            return frozenset({"no end"})
    return frozenset(re.findall(r"^- (\S.*)$", done.stdout, re.MULTILINE))


def tried(subject: Subject, *, right: frozenset[str], ours: frozenset[str]) -> Row:
    """One wrong server under both."""
    new = said_by_st(subject.settings) - right
    row = {"family": subject.family, "name": subject.name, "ours": subject.name in ours, "st": bool(new)}
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


def caught_in(proof: Path) -> frozenset[str]:
    """The wrong servers that a proof says were caught by their own requirement."""
    trials = json.loads(proof.read_text(encoding="utf-8"))["wrongs"]
    return frozenset(trial["name"] for trial in trials if trial["result"] == Result.CAUGHT)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--proof", type=Path, default=spec_folder() / "proof.json")
    parser.add_argument("--only", default="*")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    wrong = [subject for subject in matching(options.only) if subject.kind is Kind.WRONG]
    right = said_by_st(())
    task = partial(tried, right=right, ours=caught_in(options.proof))
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        rows = list(pool.map(task, wrong))
    ours, theirs = (sum(row[who] for row in rows) for who in ("ours", "st"))
    figures = [
        Figure("wrong servers caught by their own requirement", ours / len(rows), 1, "of them"),
        Figure("for each one that plain st run notices", ours / max(theirs, 1), 2, "caught"),
    ]
    print(f"said of the right server by st run: {', '.join(sorted(right)) or 'nothing'}")
    print("missed by us:", ", ".join(row["name"] for row in rows if not row["ours"]) or "none")
    print("noticed by st run:", ", ".join(row["name"] for row in rows if row["st"]) or "none")
    store("kill_score", per_family(rows), figures)


if __name__ == "__main__":
    main()
