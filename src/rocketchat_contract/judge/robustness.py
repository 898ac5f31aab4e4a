"""No value of a parameter breaks the server."""

from __future__ import annotations

from rocketchat_contract.judge.answered import By
from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, named
from rocketchat_contract.judge.operation import Operation


def _is_ordinary(op: Operation) -> bool:
    return op.query is not None and op.query.is_ordinary


def _no_server_error(op: Operation) -> CheckResult:
    if op.status is None or op.by in (By.GATEWAY, By.FRONT, By.EITHER):
        return None
    return KEPT if op.status < 500 else Broken("an answer below 500", named(op, f"status {op.status}"))


def hostile_value(op: Operation, _: CheckContext) -> CheckResult:
    """A call with an unusual value is answered without a server error."""
    return None if _is_ordinary(op) else _no_server_error(op)


def ordinary_value(op: Operation, _: CheckContext) -> CheckResult:
    """A call with usual values is answered without a server error."""
    return _no_server_error(op) if _is_ordinary(op) else None


ROBUSTNESS_CHECKS: dict[str, Check] = {
    "no-call-ends-in-a-server-error": Check(hostile_value),
    "ordinary-calls-end-well": Check(ordinary_value),
}
