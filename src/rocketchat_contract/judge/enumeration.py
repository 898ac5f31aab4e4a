"""Refusals of closed, unknown and foreign rids are compared: they must not tell which rooms exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rocketchat_contract.judge import rules
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.visitor import Judgement, KnownRoom, Visitor

_REQUIREMENT = "refused-rids-answer-alike"
CAUSES = {
    "a-closed-rid-is-refused": "closed",
    "a-foreign-rid-is-refused": "foreign",
    "an-unknown-rid-is-refused": "unknown",
}

_LIKE_AN_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
"""A shorter rid may be a part of the words of a refusal."""


class Refusals:
    """Remembers the first refusal of each cause: the exchange's number, its status, error and further members."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[int, str]] = {}

    def judge(self, visitor: Visitor, cluster: list[Operation], owners: dict[str, KnownRoom]) -> Iterator[Judgement]:
        """Compare a lone refusal by rid with the first ones of the other causes."""
        if len(cluster) != 1 or len(visitor.states) != 1:
            return
        op, state = cluster[0], next(iter(visitor.states))
        if op.kind is not Kind.BY_RID or op.answer is not Answer.REFUSED or not state.known or state.open == op.rid:
            return
        if op.exchange.response is not None and not op.exchange.response.complete:
            return
        if op.unnamed or not _LIKE_AN_ID.fullmatch(op.rid or ""):
            return  # then the refusal may speak of something else than which rooms exist
        cause = CAUSES.get(rules.rid_promise(visitor, state, op.rid or "", owners))
        if cause is None:
            return
        answer = f"status {op.status}, error {_without(op.error, op.rid or '')[:60]}{_further(op)}"
        self._first.setdefault(cause, (op.number, answer))
        yield from self._compare(visitor, op, cause, answer)

    def _compare(self, visitor: Visitor, op: Operation, cause: str, answer: str) -> Iterator[Judgement]:
        others = [(other, *first) for other, first in self._first.items() if other != cause]
        for other, number, first in others:
            if first != answer:
                expected, actual = (
                    f"{first}, as for a rid that is {other}",
                    f"{answer} for one that is {cause}",
                )
                evidence = (number, op.number)
                yield Finding(_REQUIREMENT, expected, actual, evidence, visitor.token, signature=f"{other}/{cause}")
                return
        if others:
            yield _REQUIREMENT


def _further(op: Operation) -> str:
    """The members of a refusal beside the two that each has; their values may differ from call to call."""
    return "".join(f", also {name[:30]}" for name in sorted(op.body.keys() - {"success", "error"}))


def _without(text: str, rid: str) -> str:
    """A refusal with the rid taken out where it stands as a word of its own."""
    return re.sub(rf"(?<![\w-]){re.escape(rid)}(?![\w-])", "<rid>", text) if rid in text else text
