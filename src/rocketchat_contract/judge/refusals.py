"""What is not right is refused, and parameters that nobody documented change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, of, shortened_value
from rocketchat_contract.judge.identity import refused
from rocketchat_contract.judge.operation import Operation

PREMIUM = frozenset({"sla", "priority"})
"""Parameters that Rocket.Chat's Enterprise sources add to the endpoint's query; a room tells its sla."""

TELLING = 6
"""Characters a value needs so that finding it in a body is no accident."""


def _lacks_token(op: Operation) -> bool:
    return op.query is not None and op.token is None and "token" not in op.query.odd


def missing_token_is_refused(op: Operation, _: CheckContext) -> CheckResult:
    """No token, no room."""
    return refused(op) if _lacks_token(op) else None


def missing_token_is_named(op: Operation, _: CheckContext) -> CheckResult:
    """The refusal says which parameter is missing."""
    if not _lacks_token(op) or op.turned_away or op.query is None or op.query.plain or op.query.odd:
        return None
    error = op.body.get("error")
    named = isinstance(error, str) and "token" in error.lower()
    return KEPT if named else Broken("an error that names token", f"error {shortened_value(error)}", "token not named")


def structured_parameters_are_refused(op: Operation, _: CheckContext) -> CheckResult:
    """rid and agentId are texts, given once."""
    if op.query is None or not op.query.odd & {"rid", "agentId"} or "token" in op.query.odd or op.token is None:
        return None
    return refused(op)


def unknown_parameters_change_nothing(op: Operation, _: CheckContext) -> CheckResult:
    """The value of an unnamed parameter is nowhere in the answer's room."""
    if op.query is None or not op.unnamed:
        return None
    for name in sorted(op.unnamed - PREMIUM):
        value = op.query.plain[name]
        if op.status == 200 and _shows(op, name, value):
            shown = f"{shortened_value(name, 30)}={shortened_value(value, 30)} in the answer"
            return Broken("a refusal, or an answer as without the parameter", shown, "merged into the room")
    return KEPT


def _shows(op: Operation, name: str, value: str) -> bool:
    """Whether the value is there for no other reason: not as what the call asks for, nor as a usual word."""
    named = [text for key, text in op.query.plain.items() if key not in op.unnamed] if op.query else []
    if not value or any(value in text for text in named):
        return False
    if op.document.get(name) == value and (name, value) not in _TRUE_ANYWAY:
        return True
    telling = len(value) >= TELLING and not (value.isascii() and value.isalpha() and len(value) < 2 * TELLING)
    return telling and any(value in text for text in _texts(op.body))


_TRUE_ANYWAY = {("t", "l")}


def _texts(content: Any) -> Iterator[str]:
    """All strings in a JSON value, members' names left out."""
    waiting = [content]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


REFUSAL_CHECKS: dict[str, Check] = {
    "a-missing-token-is-refused": Check(missing_token_is_refused, unusual=True),
    "the-missing-token-is-named": Check(missing_token_is_named, of(400), unusual=True),
    "structured-parameters-are-refused": Check(structured_parameters_are_refused, unusual=True),
    "unknown-parameters-change-nothing": Check(unknown_parameters_change_nothing, of(200, 400), unusual=True),
}
