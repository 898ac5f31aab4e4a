"""What answers teach of visitors, so that later ones can be held to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rocketchat_contract.judge.check import CheckContext
from rocketchat_contract.judge.operation import Answer, Kind, Operation, member, sent_of


def learn(known: CheckContext, op: Operation, *, is_whole: bool) -> None:
    """Keep what an accepted call shows of its visitor; who a registration is of, only where nobody acts unseen."""
    if op.kind is Kind.REGISTER and op.answer is Answer.UNKNOWN and op.token is not None:
        _learn_lost_registration(known, op, op.token)
    if op.answer is not Answer.OK or op.token is None:
        return
    if op.kind is Kind.DELETE:
        known.visitors.forget(op.token)
        known.registered.forget(op.token)
        known.validators.forget(op.token)
    elif op.kind is Kind.REGISTER:
        known.registered.learn(op)
        _learn_registration(known, op, op.token, is_whole=is_whole)
    elif op.kind is Kind.MESSAGE:
        known.validators.forget(op.token)
        _keep(known, op.token, "message", sent_of(op.exchange.request).get("msg"))
    elif op.kind is Kind.CLOSE:
        known.validators.forget(op.token)
    elif op.is_room_call and member(op.document, "v").get("token") == op.token:
        known.validators.learn(op)
        _keep(known, op.token, "room", op.room)


def _learn_registration(known: CheckContext, op: Operation, token: str, *, is_whole: bool) -> None:
    sent, shown = member(sent_of(op.exchange.request), "visitor"), member(op.body, "visitor")
    for address in _addresses(sent, shown):
        _keep(known, token, "address", address)
    if not is_whole:
        return
    if isinstance(shown.get("_id"), str):
        known.visitors.learn(token, shown["_id"])
    for name in ("name", "username"):
        if isinstance(shown.get(name), str):
            known.visitors.name(token, shown[name])


def _learn_lost_registration(known: CheckContext, op: Operation, token: str) -> None:
    """A registration whose answer was lost may have given its visitor another name."""
    known.registered.learn_lost(op)
    name = member(sent_of(op.exchange.request), "visitor").get("name")
    if isinstance(name, str):
        known.visitors.name(token, name)


def _addresses(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[object]:
    yield sent.get("email")
    listed = shown.get("visitorEmails")
    for entry in listed if isinstance(listed, list) else ():
        yield entry.get("address") if isinstance(entry, dict) else None


def _keep(known: CheckContext, token: str, kind: str, text: object) -> None:
    if isinstance(text, str):
        known.visitors.keep(token, kind, text)
