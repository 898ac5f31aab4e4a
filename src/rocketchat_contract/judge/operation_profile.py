"""What the judge knows of one operation: how its exchanges are read, what one answer and a history decide.

``OPERATION_PROFILES`` lists the operations that have a profile of their own. Any other gets a plain one, made from its
document: the checks of wire, schema, envelope and robustness that speak of any answer, and no model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from rocketchat_contract.contract.vendored import ROOM, Contract
from rocketchat_contract.judge import (
    cached,
    envelope,
    identity,
    refusals,
    registered,
    robustness,
    room,
    schema,
    secrecy,
    wire,
)
from rocketchat_contract.judge.check import Check
from rocketchat_contract.judge.observation import Observation
from rocketchat_contract.judge.operation import Operation, read, read_plainly
from rocketchat_contract.judge.rooms import Rooms
from rocketchat_contract.judge.visitor import JudgedCalls, Judgement
from rocketchat_contract.openapi.page import Endpoint
from rocketchat_contract.openapi.parts import parameters
from rocketchat_contract.openapi.pointer import value_at
from rocketchat_contract.record.exchange import Exchange


class Model(Protocol):
    """What a history decides; ``overlapping`` counts operations that were judged together."""

    overlapping: int

    def join(self, op: Operation) -> None:
        """Take an operation into its history."""

    def settle(self, before: int | None) -> list[JudgedCalls]:
        """Judge what had ended before a moment (ns); None means everything."""

    def rest(self) -> list[Judgement]:
        """At the end, what waited for a later answer."""


@dataclass(frozen=True)
class OperationProfile:
    """``checks`` are the requirements that one answer can decide; ``model`` makes the judge of histories."""

    read: Callable[[Exchange], Operation]
    checks: Mapping[str, Check]
    model: Callable[[Observation], Model]
    is_stateful: bool
    """Whether calls make visitors and rooms, so that a run looks for what they need and tidies up."""


class NoModel:
    """For operations of which only single answers are judged."""

    overlapping = 0

    def __init__(self, observation: Observation) -> None:
        """Take the observation as every model does."""

    def join(self, op: Operation) -> None:
        """Take no operation."""

    def settle(self, before: int | None) -> list[JudgedCalls]:  # noqa: ARG002 - as every model does
        """Judge nothing."""
        return []

    def rest(self) -> list[Judgement]:
        """Hold nothing back."""
        return []


GET_OR_CREATE = OperationProfile(
    read,
    {
        **cached.CACHED_CHECKS,
        **wire.WIRE_CHECKS,
        **schema.SCHEMA_CHECKS,
        **envelope.ENVELOPE_CHECKS,
        **room.ROOM_CHECKS,
        **registered.REGISTERED_CHECKS,
        **identity.IDENTITY_CHECKS,
        **secrecy.SECRECY_CHECKS,
        **refusals.REFUSAL_CHECKS,
        **robustness.ROBUSTNESS_CHECKS,
    },
    Rooms,
    is_stateful=True,
)

OPERATION_PROFILES: Mapping[Endpoint, OperationProfile] = {ROOM: GET_OR_CREATE}


def operation_profile_of(contract: Contract) -> OperationProfile:
    """The profile of a contract's operation."""
    return OPERATION_PROFILES.get(contract.operation) or _plain(contract)


def needs_credentials(contract: Contract) -> bool:
    """Whether the document demands the headers of a user who has logged in."""
    wanted = {"x-auth-token", "x-user-id"}
    return any(each["required"] is True and each["name"].lower() in wanted for each in _parameters(contract, "header"))


def _parameters(contract: Contract, place: str) -> list[dict[str, Any]]:
    document, operation = contract.full, contract.operation
    pointers = parameters(document, ("paths", operation.path, operation.method))
    named = ({"name": "", "required": False, **value_at(document, pointer)} for pointer in pointers)
    return [each for each in named if each.get("in") == place]


def _plain(contract: Contract) -> OperationProfile:
    operation = contract.operation
    queried = frozenset(str(each["name"]) for each in _parameters(contract, "query"))
    steps = (r"[^/?]*" if step.startswith("{") else re.escape(step) for step in operation.path.split("/"))
    path = re.compile("/".join(steps))
    statuses = frozenset(int(status) for status in contract.full_bodies.statuses if status.isdigit())
    return OperationProfile(
        partial(read_plainly, method=operation.method.upper(), path=path, named=queried),
        {
            **wire.wire_of_statuses(statuses),
            **schema.schema_of_statuses(statuses),
            **envelope.ENVELOPE_CHECKS,
            **robustness.ROBUSTNESS_CHECKS,
        },
        NoModel,
        is_stateful=False,
    )
