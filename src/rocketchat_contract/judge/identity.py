"""A token is the visitor's only key: nobody else's shows, and only a plain text is one."""

from __future__ import annotations

from rocketchat_contract.judge.check import Check, Known, Result, turned_away, verdict
from rocketchat_contract.judge.operation import Answer, Operation
from rocketchat_contract.record.mask import TOKEN_ALIAS


def refused(op: Operation) -> Result:
    """The call was refused; nothing is said of an answer that is neither."""
    if op.answer not in (Answer.OK, Answer.REFUSED) or turned_away(op):
        return None
    return verdict(op.answer is Answer.REFUSED, "a refusal with status 400", f"status {op.status} with a room")


def no_other_visitor_shows(op: Operation, known: Known) -> Result:
    """The body names no token but the asker's, and no other visitor's ``_id``."""
    response = op.exchange.response
    if response is None or response.body is None or op.status not in (200, 400):
        return None
    asked = {found.group(1) for found in TOKEN_ALIAS.finditer(op.exchange.request.target)}
    others = {found.group(1) for found in TOKEN_ALIAS.finditer(response.body)} - asked
    if others:
        return verdict(False, "no token of another visitor", f"$RC_TOKEN_{min(others)} in the body", "token")  # noqa: FBT003
    author = op.document.get("lastMessage")
    user = author.get("u") if isinstance(author, dict) else None
    shown = user.get("_id") if isinstance(user, dict) else None
    foreign = known.visitors.is_anothers(shown, op.token)
    return verdict(not foreign, "no _id of another visitor", f"lastMessage.u._id {shown}", "_id")


def structured_token_is_refused(op: Operation, _: Known) -> Result:
    """``token[]=`` and ``token[$ne]=`` get no room."""
    return refused(op) if op.query and "token" in op.query.structured else None


def repeated_token_is_refused(op: Operation, _: Known) -> Result:
    """``token=a&token=b`` gets no room."""
    return refused(op) if op.query and "token" in op.query.twice else None


CHECKS: dict[str, Check] = {
    "a-structured-token-is-refused": structured_token_is_refused,
    "a-repeated-token-is-refused": repeated_token_is_refused,
    "no-other-visitor-shows": no_other_visitor_shows,
}
