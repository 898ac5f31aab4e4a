"""The kill score: the same wrong servers under this suite and under plain ``st run``, per family.

    rocketchat-contract prove --json spec/proof.json
    python benchmarks/kill_score.py [--again] [--jobs 2]

Ours is read from the proof, and counts only when the fault's own requirement is named. ``st run`` gets the repaired
document, its defaults, and a visitor who has the example's token, so that some of its calls reach a room; it counts
when it says anything that it does not say of the right server. Its seed is fixed, so a server that it tried before is
not tried again without ``--again``.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import page
from figures import RESULTS, Figure, Row, store
from kill_st import output_of_st

from rocketchat_contract.contract.suite_hash import PROOF
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.prove.subjects import Subject, SubjectKind, all_subjects
from rocketchat_contract.prove.trial import TrialResult

PART = "kill_score"


def said_by_st(settings: tuple[str, ...]) -> frozenset[str]:
    """The titles of what ``st run`` says of a server."""
    with tempfile.TemporaryDirectory() as folder:
        said = output_of_st(settings, Path(folder))
    return frozenset({"no end"} if said is None else re.findall(r"^- (\S.*)$", said, re.MULTILINE))


def is_noticed(subject: Subject, *, right: frozenset[str]) -> bool:
    """Whether ``st run`` says anything new of a wrong server."""
    return bool(said_by_st(subject.settings) - right)


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


def caught() -> frozenset[str]:
    """The wrong servers that the stored proof says were caught by their own requirement."""
    trials = json.loads((spec_folder() / PROOF).read_text(encoding="utf-8"))["wrongs"]
    return frozenset(trial["name"] for trial in trials if trial["result"] == TrialResult.CAUGHT)


def noticed_before() -> dict[str, bool]:
    """What ``st run`` noticed when it was last tried, by the wrong server's name."""
    try:
        known: dict[str, bool] = json.loads((RESULTS / f"{PART}.json").read_text(encoding="utf-8"))["noticed"]
    except (OSError, KeyError):
        return {}
    return known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    wrong = [subject for subject in all_subjects() if subject.kind is SubjectKind.WRONG]
    noticed = {} if options.again else noticed_before()
    new = [subject for subject in wrong if subject.name not in noticed]
    task = partial(is_noticed, right=said_by_st(()))
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        noticed |= dict(zip([subject.name for subject in new], pool.map(task, new), strict=True))
    ours = caught()
    rows = [{"family": s.family, "name": s.name, "ours": s.name in ours, "st": noticed[s.name]} for s in wrong]
    mine, theirs = (sum(row[who] for row in rows) for who in ("ours", "st"))
    figures = [
        Figure("wrong servers caught by their own requirement", mine / len(rows), 1, "of them"),
        Figure("for each one that plain st run notices", mine / max(theirs, 1), 2, "caught"),
    ]
    print("missed by us:", ", ".join(row["name"] for row in rows if not row["ours"]) or "none")
    store(PART, per_family(rows), figures, noticed={row["name"]: row["st"] for row in rows})
    page.write()


if __name__ == "__main__":
    main()
