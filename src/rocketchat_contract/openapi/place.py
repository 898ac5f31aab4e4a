"""A place of an OpenAPI document in words: ``member room.t of 200: type``, ``parameter token: required``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rocketchat_contract.openapi.document import operations
from rocketchat_contract.openapi.pointer import Pointer, value_at


class NamedPart(StrEnum):
    """What kind of thing a place belongs to."""

    OPERATION = "operation"
    PARAMETER = "parameter"
    STATUS = "status"
    MEDIA_TYPE = "media type"
    MEMBER = "member"
    EXAMPLE = "example"
    OTHER = "other"


@dataclass(frozen=True)
class NamedPlace:
    """A place in words: ``name`` of the thing, ``aspect`` of it (empty: all of it), ``owner`` it belongs to."""

    part: NamedPart
    name: str
    aspect: str = ""
    owner: str = ""

    def __str__(self) -> str:
        named = f"{self.part} {self.name}".strip() if self.part is not NamedPart.OTHER else self.name
        owned = f"{named} of {self.owner}" if self.owner else named
        return f"{owned}: {self.aspect}" if self.aspect else owned


def named_place_of(data: dict[str, Any], pointer: Pointer) -> NamedPlace:
    """Puts a place into words; operations are named only where the document has several."""
    if len(pointer) >= 3 and pointer[0] == "paths" and isinstance(pointer[2], str):
        single = len(list(operations(data))) == 1
        return _in_operation(data, pointer, "" if single else f"{str(pointer[2]).upper()} {pointer[1]}")
    if len(pointer) >= 3 and pointer[:2] == ("components", "schemas"):
        return _member(pointer[3:], f"schema {pointer[2]}")
    return NamedPlace(NamedPart.OTHER, _joined(pointer) or "the document")


def _in_operation(data: dict[str, Any], pointer: Pointer, operation: str) -> NamedPlace:
    match pointer[3:]:
        case ("parameters", int() as index, *rest):
            return NamedPlace(
                NamedPart.PARAMETER, _parameter(data, pointer[:4], index), _joined(tuple(rest)), operation
            )
        case ("responses", status, "content", media_type, *rest) if rest:
            return _in_body(tuple(rest), " ".join(filter(None, (str(status), operation))), str(media_type))
        case ("responses", status, "content", media_type):
            return NamedPlace(
                NamedPart.MEDIA_TYPE, str(media_type), owner=" ".join(filter(None, (str(status), operation)))
            )
        case ("responses", status, *rest):
            return NamedPlace(NamedPart.STATUS, str(status), _joined(tuple(rest)), operation)
        case rest:
            return NamedPlace(NamedPart.OPERATION, operation, _joined(tuple(rest)))


def _in_body(rest: Pointer, status: str, media_type: str) -> NamedPlace:
    match rest:
        case ("schema", *inner):
            return _member(tuple(inner), status)
        case ("examples", _, "value", *inner) | ("example", *inner):
            return NamedPlace(NamedPart.EXAMPLE, ".".join(map(str, inner)) or "body", owner=status)
        case ("examples", name, *inner):
            return NamedPlace(NamedPart.EXAMPLE, f'"{name}"', _joined(tuple(inner)), owner=status)
        case _:
            return NamedPlace(NamedPart.MEDIA_TYPE, media_type, _joined(rest), owner=status)


def _member(rest: Pointer, owner: str) -> NamedPlace:
    """Follows properties and items down; what is left is a keyword of the member's own schema."""
    name, left = "", list(rest)
    while left:
        if left[0] == "properties" and len(left) > 1:
            name, left = f"{name}.{left[1]}".lstrip("."), left[2:]
        elif left[0] == "items" and (len(left) == 1 or isinstance(left[1], str)):
            name, left = f"{name}[]", left[1:]
        else:
            break
    return NamedPlace(NamedPart.MEMBER, name or "(the body)", _joined(tuple(left)), owner)


def _parameter(data: dict[str, Any], parameters: Pointer, index: int) -> str:
    try:
        parameter = value_at(data, (*parameters, index))
        return str(parameter["name"]) if isinstance(parameter, dict) else str(index)
    except (KeyError, IndexError, TypeError):
        return str(index)


def _joined(pointer: Pointer) -> str:
    return "/".join(map(str, pointer))
