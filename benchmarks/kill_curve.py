"""The kill curve: how many wrong servers are caught within so many room calls, and the order that catches most.

    python benchmarks/kill_curve.py [--every 8] [--jobs 2] [--st]
    python benchmarks/kill_curve.py --shipped gate [--every 1] [--jobs 2]

Each wrong server is walked by the drivers ``core`` and ``volley``, in the order of ``spec/order.json`` and in a random
one, until its own requirement is seen broken; the number of that room call is what counts. These walks have all calls
that they want: they tell what the order is worth. What a user gets is told by whole runs of the profiles ``gate`` and
``smoke`` as they are shipped: a gate keeps 18 of its 60 room calls for calls that are fired together. What only the
clean-up after such a run shows counts as shown by its last call. Wrong servers that by their own definition need
simultaneous calls, luck, a long history, a pause or haste are told apart (``needs`` in their catalogue); the others
show in every short history that holds the right calls. ``--st`` also lets plain ``st run`` try each of them: its first
failed check that the right server does not fail, at whichever requirement, counts. ``--every`` takes every so-manieth
wrong server; ``--shipped`` tries one profile only, and tells what it missed.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from functools import partial

from figures import Figure, Row, store, table
from kill_st import failures_of_st
from kill_walk import Order, walk

from rocketchat_contract.config import PROFILES
from rocketchat_contract.prove.subjects import Subject, SubjectKind, all_subjects
from rocketchat_contract.prove.trial import TrialResult, examine

BUDGETS = (15, 30, 60, 120, 500)
SHORT = "in a short history"
SHIPPED = ("gate", "smoke")
SEED = 1


def tried(subject: Subject, *, right: frozenset[str] | None) -> Row:
    """The room call that showed one fault: in our order, in a random one, as shipped, and with ``st run`` if asked."""
    row = {
        "name": subject.name,
        "needs": subject.needs or SHORT,
        "ours": walk(subject, Order.OWN).first,
        "random": walk(subject, Order.RANDOM).first,
        **{profile: shipped(subject, profile) for profile in SHIPPED},
    }
    if right is not None:
        failures = failures_of_st(subject.settings)
        row["st"] = next((call for call, said in failures if said not in right), None)
    return row


def shipped(subject: Subject, profile: str) -> int | None:
    """The room call of a whole run that showed one fault; None when the run names another requirement or none."""
    trial = examine(subject, SEED, PROFILES[profile])
    if trial.result is not TrialResult.CAUGHT or trial.calls is None:
        return None
    return min(trial.calls, PROFILES[profile].room_calls)


def names(every: int) -> dict[str, str]:
    """Who tried, as the table has it."""
    return {
        "ours": "ours, the core's order alone",
        "random": "ours, in random order",
        **{profile: f"ours, profile {profile}, as shipped" for profile in SHIPPED},
        "st": "plain st run" + (f" (only every {every}th server is tried)" if every > 1 else ""),
    }


def curve(rows: Sequence[Row], every: int) -> list[Row]:
    """Caught within each budget, by need and by whom; a profile has no calls beyond its own."""
    needs = sorted({row["needs"] for row in rows}, key=lambda need: (need != SHORT, need))
    return [
        {
            "faults that show": need if need == SHORT else f"given {need}",
            "who": name,
            **{f"≤ {most}": within([row[who] for row in rows if row["needs"] == need], most) for most in budgets(who)},
            "of": sum(row["needs"] == need for row in rows),
        }
        for need in needs
        for who, name in names(every).items()
        if who in rows[0]
    ]


def budgets(who: str) -> tuple[int, ...]:
    """The numbers of room calls that somebody can make."""
    return tuple(each for each in BUDGETS if who not in SHIPPED or each <= PROFILES[who].room_calls)


def within(firsts: Sequence[int | None], budget: int) -> int:
    """How many were shown by so many calls."""
    return sum(first is not None and first <= budget for first in firsts)


def told_as_shipped(pool: Executor, profile: str, wrong: Sequence[Subject]) -> None:
    """Print how many of the faults a profile names, and which it misses of those that show in a short history."""
    firsts = list(pool.map(partial(shipped, profile=profile), wrong))
    rows: list[Row] = [
        {"name": subject.name, "needs": subject.needs or SHORT, profile: first}
        for subject, first in zip(wrong, firsts, strict=True)
    ]
    print("\n".join(table(curve(rows, 1))))
    missed = [row["name"] for row in rows if row["needs"] == SHORT and row[profile] is None]
    print(f"in a short history missed by {profile}, {len(missed)}:", ", ".join(missed) or "none")


def figures(rows: Sequence[Row]) -> list[Figure]:
    """The goals, which the core's order is held against, and what the profiles make of it."""
    short = [row for row in rows if row["needs"] == SHORT]
    ours = [row["ours"] for row in short]
    alone = "the core's order alone, of faults that show in a short history, within"
    return [
        Figure(f"{alone} 60 room calls", within(ours, 60) / len(short), 1, "of them"),
        Figure(f"{alone} 15 room calls", within(ours, 15) / len(short), 0.5, "of them"),
        *(
            Figure(
                f"of the same named by the profile {profile} as shipped, {PROFILES[profile].room_calls} room calls",
                sum(row[profile] is not None for row in short) / len(short),
                None,
                "of them",
            )
            for profile in SHIPPED
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--st", action="store_true")
    parser.add_argument("--shipped", choices=SHIPPED)
    options = parser.parse_args()
    every = options.every or (1 if options.shipped else 8)
    wrong = [subject for subject in all_subjects() if subject.kind is SubjectKind.WRONG][::every]
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        if options.shipped:
            told_as_shipped(pool, options.shipped, wrong)
            return
        right = frozenset(said for _, said in failures_of_st(())) if options.st else None
        rows = list(pool.map(partial(tried, right=right), wrong))
    late = [f"{row['name']} {row['ours']}" for row in rows if row["needs"] == SHORT and not within([row["ours"]], 60)]
    print("later than 60:", ", ".join(late) or "none")
    store("kill_curve", curve(rows, every), figures(rows))


if __name__ == "__main__":
    main()
