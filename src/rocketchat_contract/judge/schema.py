"""Bodies against the schema of their status: the published one and the full contract's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rocketchat_contract.judge.check import KEPT, Broken, Check, CheckContext, CheckResult, cut, of, shortened_value
from rocketchat_contract.judge.operation import Operation

if TYPE_CHECKING:
    from rocketchat_contract.openapi.validators import BodySchemas, SchemaError

MOST_TOLD = 3
"""Errors of a body that a finding quotes."""

MOST_ERRORS = 100
"""Errors of a body that are looked at to say what kind of defect it is."""

_INDEX = re.compile(r"/\d+(?=/|$)")
_OF_TYPES = ("type", "anyOf", "oneOf")

USUAL_MEMBERS = ("fname", "msgs", "usersCount", "lm", "cl", "_updatedAt")
USUAL_VISITOR_MEMBERS = ("username", "status")


def _judge(op: Operation, status: int, schemas: BodySchemas) -> CheckResult:
    response = op.exchange.response
    if response is None or not response.complete or op.parsed.problem:
        return None
    if op.turned_away and status != 429:
        return None
    value = op.parsed.value
    if schemas.is_valid(status, value):
        return KEPT
    errors = schemas.errors(status, value, limit=MOST_ERRORS)
    reported = errors[:MOST_TOLD]
    return Broken(
        expected="; ".join(f"{cut(error.expected)} at {error.pointer or '/'}" for error in reported),
        actual="; ".join(cut(error.actual) for error in reported),
        sign="; ".join(_signs(errors)),
    )


def _signs(errors: Sequence[SchemaError]) -> Iterable[str]:
    """What is wrong where, each kind once: which element of a list it is, is no part of it."""
    kinds = dict.fromkeys(f"{_keyword(error)} at {_INDEX.sub('/*', error.pointer)}" for error in errors)
    return [*kinds, *(["more"] if len(errors) == MOST_ERRORS else [])]


def _keyword(error: SchemaError) -> str:
    return "null" if error.keyword in _OF_TYPES and error.actual == "null" else error.keyword


def published_200(op: Operation, known: CheckContext) -> CheckResult:
    """A 200 body fits the published schema."""
    return _judge(op, 200, known.published)


def published_400(op: Operation, known: CheckContext) -> CheckResult:
    """A 400 body fits the published schema."""
    return _judge(op, 400, known.published)


def full_200(op: Operation, known: CheckContext) -> CheckResult:
    """A 200 body fits the schema with the overlay."""
    return _judge(op, 200, known.full)


def full_400(op: Operation, known: CheckContext) -> CheckResult:
    """A 400 body fits the schema with the overlay."""
    return _judge(op, 400, known.full)


def full_429(op: Operation, known: CheckContext) -> CheckResult:
    """A 429 body fits the schema of the overlay."""
    if op.parsed.problem:  # a proxy's answer, as it seems
        return Broken(
            "a JSON body with success and error", shortened_value(op.parsed.problem), "not JSON", transient=True
        )
    return _judge(op, 429, known.full)


def usual_members(op: Operation, _: CheckContext) -> CheckResult:
    """The room has what every Rocket.Chat writes at creation."""
    room = op.document
    if not room:
        return None
    visitor = room.get("v")
    has = visitor if isinstance(visitor, dict) else {}
    missing = [name for name in USUAL_MEMBERS if name not in room]
    missing += [f"v.{name}" for name in USUAL_VISITOR_MEMBERS if name not in has]
    return Broken("the usual members of a room", f"without {', '.join(missing)}") if missing else KEPT


def schema_of_statuses(statuses: Iterable[int]) -> dict[str, Check]:
    """Checks of the bodies of any statuses, under ids like those of the catalogue."""
    checks: dict[str, Check] = {}
    for status in statuses:
        for column in ("published", "full"):
            judge = partial(_fits, status=status, column=column)
            checks[f"a-{status}-fits-the-{column}-schema"] = Check(judge, of(status))
    return checks


def _fits(op: Operation, known: CheckContext, *, status: int, column: str) -> CheckResult:
    return _judge(op, status, known.published if column == "published" else known.full)


SCHEMA_CHECKS: dict[str, Check] = {
    "a-200-fits-the-published-schema": Check(published_200, of(200)),
    "a-400-fits-the-published-schema": Check(published_400, of(400)),
    "a-200-fits-the-full-schema": Check(full_200, of(200)),
    "a-400-fits-the-full-schema": Check(full_400, of(400)),
    "a-429-fits-the-full-schema": Check(full_429, of(429)),
    "usual-members-are-there": Check(usual_members, of(200)),
}
