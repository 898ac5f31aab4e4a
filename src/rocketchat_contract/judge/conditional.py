"""Calls on a condition: If-None-Match with the validator of an earlier answer, and 304 in answer to it."""

from __future__ import annotations

from rocketchat_contract.judge.operation import Operation

_NOT_MODIFIED = 304
CONDITIONS = frozenset({"if-none-match", "if-modified-since"})


class Validators:
    """The validator of each visitor's last answer, as long as it is of the room as it is."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def learn(self, op: Operation) -> None:
        """Keep the validator of an answer with a room."""
        tag = op.exchange.response.header("etag") if op.exchange.response is not None else None
        if op.token and tag:
            self._last[op.token] = weak(tag)

    def forget(self, token: str) -> None:
        """The room has changed, or is no more."""
        self._last.pop(token, None)

    def of(self, token: str | None) -> str:
        """The validator of a visitor's room; empty when none is known to be of it."""
        return self._last.get(token or "", "")


def weak(tag: str) -> str:
    """A validator as it is compared: weak or not makes no difference."""
    return tag.strip().removeprefix("W/")


def asked(op: Operation) -> str:
    """The validator that a call sends; empty for none."""
    headers = op.exchange.request.headers
    return next((weak(value) for name, value in headers if name.lower() == "if-none-match"), "")


def is_conditional(op: Operation) -> bool:
    """Whether a call that asked on a condition is told that nothing has changed."""
    names = {name.lower() for name, _ in op.exchange.request.headers}
    return op.status == _NOT_MODIFIED and bool(names & CONDITIONS)
