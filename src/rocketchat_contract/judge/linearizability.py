"""Is there an order of overlapping operations, consistent with real time, that explains every answer?

Just-in-time linearization: operations take effect somewhere between their start and their end, and an order is
looked for only as far as the next end requires (Wing & Gong 1993; Lowe, "Testing for linearizability", 2017).
Two reductions keep it small: an operation that changes nothing is placed as soon as its answer fits, and of
operations that do the same only the one that ends first is tried.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

S = TypeVar("S", bound=Hashable)

MAX_CONFIGURATIONS = 20_000
"""Beyond this many open possibilities a cluster is given up as not judged."""


@dataclass(frozen=True, slots=True)
class Interval(Generic[S]):
    """One operation: when it ran (ns), what it may do to a state, and a key that equal operations share."""

    started: int
    ended: int
    step: Callable[[S], Sequence[S]]
    same_as: Hashable


@dataclass(frozen=True, slots=True)
class Explained(Generic[S]):
    """The states after the operations; none when ``impossible`` is the first that no order explains."""

    states: frozenset[S]
    impossible: int | None = None
    given_up: bool = False


Configuration = tuple[S, frozenset[int]]
"""A state, and which of the running operations have already taken effect."""


def explain(
    states: Iterable[S],
    operations: Sequence[Interval[S]],
    drift: Callable[[S], Iterable[S]] = lambda _: (),
) -> Explained[S]:
    """The states that some order of the operations leads to.

    ``drift`` names states reachable by effects that belong to none of them (calls whose answer never came).
    """
    configurations: set[Configuration[S]] = {(state, frozenset()) for state in states}
    running: list[int] = []
    for is_end, index in _events(operations):
        if not is_end:
            running.append(index)
            continue
        reached = _until(index, configurations, running, operations, drift)
        if reached is None:
            return Explained(frozenset(), None, given_up=True)
        if not reached:
            return Explained(frozenset(), index)
        running.remove(index)
        configurations = reached
    return Explained(frozenset(state for state, _ in configurations))


def _events(operations: Sequence[Interval[S]]) -> Iterator[tuple[bool, int]]:
    """Starts and ends in time; a start comes before an end at the same instant, so that they overlap."""
    moments = [(op.started, False, n) for n, op in enumerate(operations)]
    moments += [(op.ended, True, n) for n, op in enumerate(operations)]
    return ((is_end, n) for _, is_end, n in sorted(moments))


def _until(
    index: int,
    configurations: set[Configuration[S]],
    running: Sequence[int],
    operations: Sequence[Interval[S]],
    drift: Callable[[S], Iterable[S]],
) -> set[Configuration[S]] | None:
    """The configurations in which operation ``index`` has taken effect, without it; None when there are too many."""
    reached: set[Configuration[S]] = set()
    seen: set[Configuration[S]] = set()
    stack = list(configurations)
    while stack:
        state, done = stack.pop()
        done = _place_readers(state, done, running, operations)
        if index in done:
            reached.add((state, done - {index}))
            continue
        if (state, done) in seen:
            continue
        seen.add((state, done))
        if len(seen) > MAX_CONFIGURATIONS:
            return None
        stack.extend((after, done) for after in drift(state))
        stack.extend(_writes(state, done, running, operations))
    return reached


def _place_readers(
    state: S, done: frozenset[int], running: Sequence[int], operations: Sequence[Interval[S]]
) -> frozenset[int]:
    placed = [n for n in running if n not in done and list(operations[n].step(state)) == [state]]
    return done.union(placed) if placed else done


def _writes(
    state: S, done: frozenset[int], running: Sequence[int], operations: Sequence[Interval[S]]
) -> Iterator[Configuration[S]]:
    tried = set()
    for n in sorted((n for n in running if n not in done), key=lambda n: operations[n].ended):
        if operations[n].same_as not in tried:
            tried.add(operations[n].same_as)
            for after in operations[n].step(state):
                yield after, done | {n}
