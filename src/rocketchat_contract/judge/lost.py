"""What calls would have shown that were not answered by the API: the true reason why something was not judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rocketchat_contract.judge import identity, refusals, robustness, rules
from rocketchat_contract.judge.answered import SERVER_ERROR, By
from rocketchat_contract.judge.blocked import block_sign_of
from rocketchat_contract.judge.check import Check, CheckContext
from rocketchat_contract.judge.error_pages import error_page_of
from rocketchat_contract.judge.fate import Cause, Fate
from rocketchat_contract.judge.model import LOST_ANSWER, UNSEEN, State
from rocketchat_contract.judge.operation import Answer, Kind, Operation
from rocketchat_contract.judge.visitor import KnownRoom, Lost, Visitor

_NOT_FOUND = 404
"""What a proxy answers where it does not pass a route on."""

_FATES = {By.LIMITER: Fate.LIMITER, By.LENGTH: Fate.LENGTH, By.GATEWAY: Fate.GATEWAY}
_REFUSAL = {"success": False, "error": "token"}
_OF_A_REFUSAL: dict[str, Check] = {
    name: check
    for checks in (identity.IDENTITY_CHECKS, refusals.REFUSAL_CHECKS, robustness.ROBUSTNESS_CHECKS)
    for name, check in checks.items()
    if check.unusual or checks is robustness.ROBUSTNESS_CHECKS
}
"""Checks that a refusal would have kept, whatever it said."""


def is_lost(op: Operation) -> bool:
    """Whether a room call got no answer of the API's, so that it shows nothing."""
    return op.is_room_call and op.answer in (Answer.NOTHING, Answer.UNKNOWN)


def of_a_call(op: Operation, known: CheckContext) -> Iterator[Lost]:
    """What the answer alone would have shown."""
    refused = replace(op, answer=Answer.REFUSED, status=400, by=By.API, is_page=False, body=_REFUSAL)
    usual = op.query is None or op.query.is_usual
    for name, check in _OF_A_REFUSAL.items():
        if check.speaks_of(400, usual=usual) and check.judge(refused, known) is not None:
            yield Lost(name, cause_of(op))


def of_a_step(visitor: Visitor, state: State, op: Operation, owners: dict[str, KnownRoom]) -> Iterator[Lost]:
    """What a lone call would have shown of its visitor, who was in this state."""
    if op.kind not in (Kind.GET_OR_CREATE, Kind.BY_RID) or state.open in (UNSEEN, LOST_ANSWER):
        return
    is_right = state.known and (op.kind is Kind.GET_OR_CREATE or op.rid == state.open)
    right = replace(op, answer=Answer.OK if is_right else Answer.REFUSED)
    for promise in rules.promises(visitor, state, right, owners):
        if isinstance(promise, str):
            yield Lost(promise, cause_of(op))


def of_a_burst(op: Operation) -> Iterator[Lost]:
    """What one of several simultaneous calls would have shown together with the others."""
    if op.kind is Kind.GET_OR_CREATE:
        for requirement in ("overlapping-calls-open-one-room", "overlapping-calls-report-one-creation"):
            yield Lost(requirement, cause_of(op))


def of_a_breach(
    visitor: Visitor, state: State, op: Operation, owners: dict[str, KnownRoom], broken: str
) -> Iterator[Lost]:
    """What a right answer would have shown where this one broke another promise, or came in a state in doubt for it."""
    for each in of_a_step(visitor, state, op, owners):
        if each.requirement != broken:
            yield Lost(each.requirement, Cause(Fate.BROKEN, broken))


def cause_of(op: Operation) -> Cause:
    """What became of a call that shows nothing."""
    is_hostile = op.query is not None and not op.query.is_ordinary
    return _cause_of(op)._replace(sign=block_sign_of(op) or error_page_of(op) if is_hostile else "")


def _cause_of(op: Operation) -> Cause:
    response = op.exchange.response
    if response is None:
        failure = op.exchange.failure
        kind = failure.word if failure else "no answer"
        return Cause(Fate.UNSENT if failure is not None and not failure.sent else Fate.UNANSWERED, kind)
    if not response.complete and op.by is not By.FRONT:
        return Cause(Fate.UNANSWERED, "cut short")
    if op.by is By.FRONT or (op.is_page and op.by is By.API and response.status != SERVER_ERROR):
        return Cause(Fate.ROUTE if op.status == _NOT_FOUND else Fate.FIREWALL, f"{op.status} {response.media_type}")
    return Cause(_FATES.get(op.by, Fate.ANSWERED), str(op.status))
