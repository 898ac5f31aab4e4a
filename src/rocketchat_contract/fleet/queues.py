"""Who may be judged now: deployments of one host, or one limiter, go one after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rocketchat_contract.fleet.plan import Deployment

Queue = tuple[Deployment, ...]


def queues_of(deployments: Iterable[Deployment]) -> tuple[Queue, ...]:
    """The deployments by host, each queue in the order of the plan."""
    queues: dict[str, list[Deployment]] = {}
    for deployment in deployments:
        queues.setdefault(deployment.host, []).append(deployment)
    return tuple(tuple(queue) for queue in queues.values())


def shared(queues: Iterable[Queue], jobs: int) -> list[Queue]:
    """The queues over so many jobs, the longest first, each to the job with the least room calls so far."""
    piles: list[list[Deployment]] = [[] for _ in range(jobs)]
    for queue in sorted(queues, key=_weight, reverse=True):
        min(piles, key=lambda pile: (_weight(pile), len(pile))).extend(queue)
    return [tuple(sorted(pile, key=lambda each: each.position)) for pile in piles if pile]


def _weight(deployments: Iterable[Deployment]) -> int:
    return sum(deployment.profile.room_calls for deployment in deployments)


@dataclass
class Turns:
    """Gives out each queue's next deployment; ``done`` lets the one behind it go."""

    queues: Iterable[Queue]
    _waiting: dict[str, list[Deployment]] = field(default_factory=dict)

    def first(self) -> Iterator[Deployment]:
        """The head of every queue."""
        for queue in self.queues:
            self._waiting[queue[0].host] = list(queue[1:])
            yield queue[0]

    def after(self, done: Deployment) -> Deployment | None:
        """The next of the same host, or None."""
        waiting = self._waiting[done.host]
        return waiting.pop(0) if waiting else None

    def barred(self, done: Deployment) -> Queue:
        """All the others of the same host, which get no turn any more."""
        return tuple(self._waiting.pop(done.host))
