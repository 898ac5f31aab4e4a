"""Hostile calls turned away in a way that may be an accident: a closed connection, a gateway's status, a limit.

A firewall that blocks so cannot be told from an accident by one call. It can when it happens to hostile calls alone,
more than once, while ordinary calls are answered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rocketchat_contract.judge.answered import By
from rocketchat_contract.judge.fate import Cause, Fate
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.exchange import CONNECTION_CLOSED

BLOCKED_FACT = "hostile calls blocked in front"
_SHOWN_BY = {CONNECTION_CLOSED: "a-call-is-answered"}
"""The requirement that such an answer breaks, where it is not the one about gateways."""

_FEWEST = 2
"""Hostile calls turned away in one way, and no ordinary one, that are no accident."""


@dataclass
class Blocks:
    """Counts by sign how often hostile and ordinary room calls were turned away, and who was answered meanwhile.

    ``exchange`` is the first of them.
    """

    exchange: int = 0
    _hostile: Counter[str] = field(default_factory=Counter)
    _ordinary: Counter[str] = field(default_factory=Counter)
    _hostile_calls: int = 0
    _answered: bool = False

    def learn(self, op: Operation) -> None:
        """Count a room call."""
        if op.query is None:
            return
        sign = block_sign_of(op)
        self._hostile_calls += not op.query.is_ordinary
        if sign:
            (self._ordinary if op.query.is_ordinary else self._hostile)[sign] += 1
            self.exchange = self.exchange or op.number
        elif op.query.is_ordinary and self._hostile and op.status is not None and not op.turned_away:
            self._answered = True

    def is_block(self, sign: str) -> bool:
        """Whether a firewall turns hostile calls away so."""
        return self._answered and self._hostile[sign] >= _FEWEST and not self._ordinary[sign]

    def phrase(self, sign: str) -> str:
        """How often, in words."""
        return f"{sign}, {self._hostile[sign]} of {self._hostile_calls} hostile calls; an ordinary call was answered"

    def named(self, cause: Cause) -> Cause:
        """A cause by its right name, now that it is known how other calls fared."""
        if cause.sign and self.is_block(cause.sign):
            return Cause(Fate.FIREWALL, self.phrase(cause.sign))
        return Cause(cause.fate, cause.detail)

    @property
    def sentence(self) -> str:
        """What was blocked, if anything was."""
        blocks = [self.phrase(sign) for sign in self._hostile if self.is_block(sign)]
        return f"{' and '.join(blocks)}: a firewall would do so" if blocks else ""

    def hint(self, requirement: str) -> str:
        """What blocked calls have to do with a finding; empty when nothing."""
        signs = [sign for sign in self._hostile if self.is_block(sign)]
        shown = {_SHOWN_BY.get(sign, "gateways-pass-calls-on") for sign in signs}
        return f"{self.sentence[:1].upper()}{self.sentence[1:]}." if requirement in shown else ""


def block_sign_of(op: Operation) -> str:
    """How a room call was turned away, where that alone does not tell who did it; else empty."""
    response, failure = op.exchange.response, op.exchange.failure
    if response is None:
        return CONNECTION_CLOSED if failure is not None and failure.sent and failure.kind == "closed" else ""
    if op.by not in (By.GATEWAY, By.LIMITER) or not op.is_page:
        return ""
    return f"{response.status} {response.media_type}"
