"""Calls that follow each other closely, on two connections in turn.

The next call is under way while the last one is recorded and judged, so the target works while we do. Neither waits
for the limiter while the other is under way: its answer would be read too late.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from rocketchat_contract.client.calls import may_be_repeated, most_tries
from rocketchat_contract.client.client import Client, Purpose, UnderWay
from rocketchat_contract.client.transport import Call, Reply, Transport
from rocketchat_contract.judge.operation import Operation

CallStep = tuple[Call, Purpose]
Story = Generator[CallStep, Operation, None]
"""Calls that follow one another: each is made in the knowledge of what became of the last."""

_Steps = Generator[CallStep, tuple[Operation, Reply], None]


@dataclass
class PipelineConnection:
    """One of the two connections, what is under way on it, and what came back last."""

    transport: Transport
    steps: _Steps
    under_way: UnderWay | None = None
    came: tuple[Operation, Reply] | None = None


@dataclass
class Pipeline:
    """Plays stories two at a time, in their order; two neighbours speak for different visitors, or would overlap.

    A call that is known to have had no effect is sent ``tries`` times at most, each time an exchange of its own.
    """

    client: Client
    stories: Iterator[Story]
    tries: int = 1
    _connections: tuple[PipelineConnection, ...] = field(init=False, default=())

    def run(self) -> None:
        """Play all; whatever ends it early, what is under way is waited for and recorded."""
        transports = self.client.second(), self.client.transport
        self._connections = tuple(PipelineConnection(each, self._steps()) for each in transports)
        try:
            while sum(map(self._turn, self._connections)):
                pass
        finally:
            self._arrive()

    def _turn(self, connection: PipelineConnection) -> bool:
        """Let a connection's call arrive and its next one depart; false when no more is to be sent."""
        self._arrive(connection)
        try:
            call, purpose = connection.steps.send(connection.came)  # type: ignore[arg-type]  # None begins it
        except StopIteration:
            return False
        connection.under_way = self.client.depart(call, purpose, connection.transport, self._arrive)
        return True

    def _arrive(self, *connections: PipelineConnection) -> None:
        for connection in connections or self._connections:
            under_way, connection.under_way = connection.under_way, None
            if under_way is not None:
                connection.came = self.client.arrive(under_way)

    def _steps(self) -> _Steps:
        """The calls of one connection: story by story, whichever is next."""
        for story in self.stories:
            with suppress(StopIteration):
                step = next(story)
                while True:
                    for made in count(1):
                        operation, reply = yield step
                        if not (made < self._most_tries(reply) and self._may_go_again(step[0], reply)):
                            break
                    step = story.send(operation)

    def _may_go_again(self, call: Call, reply: Reply) -> bool:
        """Whether a call may fare better the next time, and may leave before the time is over."""
        return may_be_repeated(call, reply) and self.client.is_in_time(call)

    def _most_tries(self, reply: Reply) -> int:
        return max(self.tries, most_tries(reply)) if self.tries > 1 else 1


def single(step: CallStep) -> Story:
    """A story of one call."""
    yield step
