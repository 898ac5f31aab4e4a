"""What a visitor registered comes back in the room as it was: name, department, custom fields."""

from __future__ import annotations

from collections.abc import Mapping

from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, of, shortened_value
from rocketchat_contract.judge.operation import Operation, member
from rocketchat_contract.judge.registrations import plain_text


def shows_what_was_registered(op: Operation, known: CheckContext) -> CheckResult:
    """``fname`` holds the name, a new room the department, and custom fields their values."""
    token = op.token or ""
    names = known.registered.names_of(token)
    if not names or not op.document or op.room is None:
        return None
    shown = op.document.get("fname")
    if isinstance(shown, str) and not any(name in plain_text(shown) for name in names):
        return Broken(f"room.fname {names[-1]}, as registered", f"room.fname {shortened_value(shown)}", "fname")
    department, found = known.registered.department_of(token), op.document.get("departmentId")
    if op.new is True and department and found != department:
        actual = f"room.departmentId {shortened_value(found or 'missing')}"
        return Broken(f"room.departmentId {department}, as registered", actual, "departmentId")
    return _fields_differ(op, known.registered.fields_of(token)) or KEPT


def _fields_differ(op: Operation, sent: Mapping[str, str]) -> Broken | None:
    """A custom field that a room shows; which ones it shows is the workspace's affair."""
    for place in (op.document, member(op.document, "v")):
        shown = member(place, "livechatData")
        for name in sent.keys() & shown.keys():
            if plain_text(str(shown[name])) != plain_text(sent[name]):
                expected, actual = f"{name} {shortened_value(sent[name])}", f"{name} {shortened_value(shown[name])}"
                return Broken(f"livechatData.{expected}, as registered", f"livechatData.{actual}", "custom field")
    return None


REGISTERED_CHECKS: dict[str, Check] = {"a-room-shows-what-was-registered": Check(shows_what_was_registered, of(200))}
