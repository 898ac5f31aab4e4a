"""Is there an order of overlapping operations, consistent with real time, that explains every answer?

Just-in-time linearization: operations take effect somewhere between their start and their end, and an order is
looked for only as far as the next end requires (Wing & Gong 1993; Lowe, "Testing for linearizability", 2017).
Three reductions keep it small, and each is sound:

- An operation that ``stays`` (it changes nothing in any state) is placed as soon as its answer fits a state that
  it leaves as it is: any order that has it later remains one with it moved here.
- Of running operations that do the same, only the one that ends first is tried: in any order that takes another
  first, the two can change places.
- An operation that is ``pending`` (without an answer it only adds to what may happen later) is placed at its start.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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
    stays: bool = False
    pending: bool = False


@dataclass(frozen=True, slots=True)
class Explained(Generic[S]):
    """The states after the operations; none when ``impossible`` is the first that no order explains."""

    states: frozenset[S]
    impossible: int | None = None
    given_up: bool = False


def explain(
    states: Iterable[S],
    operations: Sequence[Interval[S]],
    drift: Callable[[S], Iterable[S]] = lambda _: (),
) -> Explained[S]:
    """The states that some order of the operations leads to.

    ``drift`` names states reachable by effects that belong to none of them (calls whose answer never came).
    """
    configurations: set[Configuration[S]] = {(state, 0) for state in states}
    search = _Search(operations, drift)
    for is_end, index in _events(operations):
        if not is_end:
            configurations = search.begin(index, configurations)
            continue
        reached = search.end(index, configurations)
        if not reached:
            return Explained(frozenset(), None if reached is None else index, given_up=reached is None)
        configurations = reached
    return Explained(frozenset(state for state, _ in configurations))


def _events(operations: Sequence[Interval[S]]) -> Iterator[tuple[bool, int]]:
    """Starts and ends in time; a start comes before an end at the same instant, so that they overlap."""
    moments = [(op.started, False, n) for n, op in enumerate(operations)]
    moments += [(op.ended, True, n) for n, op in enumerate(operations) if not op.pending]
    return ((is_end, n) for _, is_end, n in sorted(moments))


Configuration = tuple[S, int]
"""A state, and which of the running operations have already taken effect, as bits."""


@dataclass(slots=True)
class _Alike(Generic[S]):
    """Running operations that do the same: their bits, and the same with the end of each, the first one first."""

    first: Interval[S]
    bits: int = 0
    by_end: list[tuple[int, int]] = field(default_factory=list)
    after: dict[S, tuple[S, ...]] = field(default_factory=dict)

    def step(self, state: S) -> tuple[S, ...]:
        """The states after one of them."""
        known = self.after.get(state)
        if known is None:
            known = self.after[state] = tuple(self.first.step(state))
        return known


class _Search(Generic[S]):
    """The operations that run at one moment of the search."""

    def __init__(self, operations: Sequence[Interval[S]], drift: Callable[[S], Iterable[S]]) -> None:
        self._operations = operations
        self._drift = drift
        self._running: dict[Hashable, _Alike[S]] = {}
        self._bits: dict[int, int] = {}
        self._free: list[int] = []

    def begin(self, index: int, configurations: set[Configuration[S]]) -> set[Configuration[S]]:
        """The configurations after an operation has started."""
        op = self._operations[index]
        if op.pending:
            return {(after, done) for state, done in configurations for after in op.step(state)}
        bit = self._free.pop() if self._free else 1 << len(self._bits)
        self._bits[index] = bit
        alike = self._running.setdefault(op.same_as, _Alike(op))
        alike.bits |= bit
        alike.by_end.append((op.ended, bit))
        alike.by_end.sort()
        return configurations

    def end(self, index: int, configurations: set[Configuration[S]]) -> set[Configuration[S]] | None:
        """The configurations in which an operation has taken effect, without it; None when there are too many."""
        bit = self._bits[index]
        reached: set[Configuration[S]] = set()
        seen: set[Configuration[S]] = set()
        stack = list(configurations)
        while stack:
            state, done = stack.pop()
            done = self._with_staying(state, done)
            if done & bit:
                reached.add((state, done & ~bit))
            elif (state, done) not in seen:
                seen.add((state, done))
                if len(seen) > MAX_CONFIGURATIONS:
                    return None
                stack.extend((after, done) for after in self._drift(state))
                stack.extend(self._next(state, done))
        self._forget(index, bit)
        return reached

    def _with_staying(self, state: S, done: int) -> int:
        for alike in self._running.values():
            if alike.first.stays and alike.bits & ~done and alike.step(state) == (state,):
                done |= alike.bits
        return done

    def _next(self, state: S, done: int) -> Iterator[Configuration[S]]:
        for alike in self._running.values():
            bit = next((bit for _, bit in alike.by_end if not done & bit), None)
            if bit is not None:
                for after in alike.step(state):
                    yield after, done | bit

    def _forget(self, index: int, bit: int) -> None:
        op = self._operations[index]
        alike = self._running[op.same_as]
        alike.bits &= ~bit
        alike.by_end.remove((op.ended, bit))
        if not alike.bits:
            del self._running[op.same_as]
        del self._bits[index]
        self._free.append(bit)
