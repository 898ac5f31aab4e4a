"""The kill curve: how many wrong servers are caught within so many room calls, and the order that catches most.

    python benchmarks/kill_curve.py [--every 8] [--jobs 2] [--st]
    python benchmarks/kill_curve.py --write

Each wrong server is walked by the drivers ``core`` and ``volley``, in the order of ``spec/order.json`` and in a random
one, until its own requirement is seen broken; the number of that room call is what counts. Wrong servers that by their
own definition need simultaneous calls, luck, a long history, a pause or haste are told apart (``needs`` in their
catalogue); the others show in every short history that holds the right calls. ``--st`` also lets plain ``st run`` try
each of them: its first failed check that the right server does not fail, at whichever requirement, counts.
``--every`` takes every so-manieth wrong server.

``--write`` computes the order anew: the core driver walks all wrong servers to its end, which tests show which fault
is the kill matrix, and the greedy order over it is written to ``spec/order.json`` (see ``kill_order.py``).
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from figures import Figure, Row, store
from kill_order import write_order
from kill_st import failures_of_st
from kill_walk import Order, walk

from rocketchat_contract.prove.subjects import Kind, Subject, all_subjects

BUDGETS = (15, 30, 60, 120, 500)
SHORT = "in a short history"


def tried(subject: Subject, *, right: frozenset[str] | None) -> Row:
    """The room call that showed one fault: in our order, in a random one, and with ``st run`` when asked for."""
    row = {
        "name": subject.name,
        "needs": subject.needs or SHORT,
        "ours": walk(subject, Order.OWN).first,
        "random": walk(subject, Order.RANDOM).first,
    }
    if right is not None:
        failures = failures_of_st(subject.settings)
        row["st"] = next((call for call, said in failures if said not in right), None)
    return row


def curve(rows: Sequence[Row]) -> list[Row]:
    """Caught within each budget, by need and by whom."""
    names = {"ours": "ours", "random": "ours, in random order", "st": "plain st run"}
    needs = sorted({row["needs"] for row in rows}, key=lambda need: (need != SHORT, need))
    return [
        {
            "faults that show": need if need == SHORT else f"given {need}",
            "who": names[who],
            **{f"≤ {budget}": within([row[who] for row in rows if row["needs"] == need], budget) for budget in BUDGETS},
            "of": sum(row["needs"] == need for row in rows),
        }
        for need in needs
        for who in names
        if who in rows[0]
    ]


def within(firsts: Sequence[int | None], budget: int) -> int:
    """How many were shown by so many calls."""
    return sum(first is not None and first <= budget for first in firsts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--st", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    wrong = [subject for subject in all_subjects() if subject.kind is Kind.WRONG][:: options.every]
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        if options.write:
            write_order(pool)
            return
        right = frozenset(said for _, said in failures_of_st(())) if options.st else None
        rows = list(pool.map(partial(tried, right=right), wrong))
    short = [row["ours"] for row in rows if row["needs"] == SHORT]
    late = [f"{row['name']} {row['ours']}" for row in rows if row["needs"] == SHORT and not within([row["ours"]], 60)]
    print("later than 60:", ", ".join(late) or "none")
    figures = [
        Figure("of faults that show in a short history, within 60 calls", within(short, 60) / len(short), 1, "of them"),
        Figure("the same within 15 room calls", within(short, 15) / len(short), 0.5, "of them"),
    ]
    store("kill_curve", curve(rows), figures)


if __name__ == "__main__":
    main()
