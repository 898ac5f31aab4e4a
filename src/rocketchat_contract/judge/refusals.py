"""What is not right is refused, and parameters that nobody documented change nothing."""

from __future__ import annotations

from typing import Any

from rocketchat_contract.judge.check import KEPT, Broken, Check, Known, Result, shorten, verdict
from rocketchat_contract.judge.identity import refused
from rocketchat_contract.judge.operation import Operation

TELLING = 6
"""Characters a value needs so that finding it in a body is no accident."""


def _lacks_token(op: Operation) -> bool:
    return op.query is not None and op.token is None and "token" not in op.query.odd


def missing_token_is_refused(op: Operation, _: Known) -> Result:
    """No token, no room."""
    return refused(op) if _lacks_token(op) else None


def missing_token_is_named(op: Operation, _: Known) -> Result:
    """The refusal says which parameter is missing."""
    if not _lacks_token(op) or op.status != 400 or op.query is None or op.query.plain or op.query.odd:
        return None
    error = op.body.get("error")
    named = isinstance(error, str) and "token" in error.lower()
    return verdict(named, "an error that names token", f"error {shorten(error)}", "token not named")


def structured_parameters_are_refused(op: Operation, _: Known) -> Result:
    """rid and agentId are texts, given once."""
    if op.query is None or not op.query.odd & {"rid", "agentId"} or "token" in op.query.odd or op.token is None:
        return None
    return refused(op)


def unknown_parameters_change_nothing(op: Operation, _: Known) -> Result:
    """The value of an unnamed parameter is nowhere in the answer's room."""
    names = op.unnamed
    if op.query is None or not names or op.status not in (200, 400):
        return None
    for name in sorted(names):
        value = op.query.plain[name]
        if op.status == 200 and (op.document.get(name) == value or _is_inside(value, op.body)):
            shown = f"{shorten(name, 30)}={shorten(value, 30)} in the answer"
            return Broken("a refusal, or an answer as without the parameter", shown, "merged into the room")
    return KEPT


def _is_inside(value: str, content: Any) -> bool:
    if isinstance(content, dict):
        return any(_is_inside(value, part) for part in content.values())
    if isinstance(content, list):
        return any(_is_inside(value, part) for part in content)
    return isinstance(content, str) and len(value) >= TELLING and value in content


CHECKS: dict[str, Check] = {
    "a-missing-token-is-refused": missing_token_is_refused,
    "the-missing-token-is-named": missing_token_is_named,
    "structured-parameters-are-refused": structured_parameters_are_refused,
    "unknown-parameters-change-nothing": unknown_parameters_change_nothing,
}
