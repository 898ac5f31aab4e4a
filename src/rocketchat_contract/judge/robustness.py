"""No value of a parameter breaks the server."""

from __future__ import annotations

import re

from rocketchat_contract.judge.check import Check, Known, Result, verdict
from rocketchat_contract.judge.operation import GATEWAY, Operation

ORDINARY = re.compile(r"[\w$^{}%?#~:,-]{0,128}", re.ASCII)


def _is_ordinary(op: Operation) -> bool:
    query = op.query
    return (
        query is not None and not query.odd and not op.unnamed and all(map(ORDINARY.fullmatch, query.plain.values()))
    )


def _no_server_error(op: Operation) -> Result:
    if op.status is None or op.status in GATEWAY:
        return None
    return verdict(op.status < 500, "an answer below 500", f"status {op.status}")


def hostile_value(op: Operation, _: Known) -> Result:
    """A call with an unusual value is answered without a server error."""
    return None if _is_ordinary(op) else _no_server_error(op)


def ordinary_value(op: Operation, _: Known) -> Result:
    """A call with usual values is answered without a server error."""
    return _no_server_error(op) if _is_ordinary(op) else None


CHECKS: dict[str, Check] = {
    "no-call-ends-in-a-server-error": hostile_value,
    "ordinary-calls-end-well": ordinary_value,
}
