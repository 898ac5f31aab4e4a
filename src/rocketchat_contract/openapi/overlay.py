"""OpenAPI Overlay 1.0: ordered actions that add to a document, or take from it, at the nodes a JSONPath selects."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.jsontext import Located, parse_json_text
from rocketchat_contract.openapi.page import Page, read_page
from rocketchat_contract.openapi.pointer import Pointer, value_at
from rocketchat_contract.openapi.weight import refuse_large
from rocketchat_contract.openapi.yamltext import parse_yaml

if TYPE_CHECKING:
    from rocketchat_contract.openapi.selection import SelectionSteps

_NEXT = "Write it as the OpenAPI Overlay Specification 1.0 says: overlay, info, actions with target, update or remove."
_MEMBERS = {"target", "description", "update", "remove"}
_VERSION = re.compile(r"1\.0\.\d+")


@dataclass(frozen=True)
class Action:
    """One action; ``source`` is its ``x-source``, the kind and the address of what it relies on."""

    target: str
    update: Any
    remove: bool
    line: int
    description: str = ""
    source: tuple[str, str] | None = None


@dataclass(frozen=True)
class Overlay:
    """An overlay document as read: its file name, the hash of its bytes, its actions in order."""

    name: str
    sha256: str
    title: str
    actions: tuple[Action, ...]


def load_overlay(path: Path) -> Overlay:
    """Reads an overlay in YAML or JSON; raises UsageError when it is not one."""
    page = read_page(path)
    parse = parse_json_text if page.text.lstrip().startswith("{") else parse_yaml
    located = parse(page.text, page.name)
    document = located.data
    refuse_large(document, page.name)
    if not isinstance(document, dict) or not _VERSION.fullmatch(str(document.get("overlay"))):
        raise UsageError(f"{page.name} is not an OpenAPI Overlay 1.0 document.", _NEXT)
    actions = document.get("actions")
    if not isinstance(actions, list) or not actions:
        raise UsageError(f"{page.name} has no actions.", _NEXT)
    info = document.get("info")
    if not isinstance(info, dict) or not {"title", "version"} <= info.keys():
        raise UsageError(f"{page.name} has no info with title and version.", _NEXT)
    read = tuple(_action(page, located, index) for index in range(len(actions)))
    return Overlay(page.name, page.sha256, str(info["title"]), read)


def applied(data: dict[str, Any], overlay: Overlay) -> dict[str, Any]:
    """Gives the document with the overlay's actions carried out; the one given stays as it is.

    An action that selects nothing is refused, for a rule that silently does not apply would look kept.
    """
    from rocketchat_contract.openapi.selection import SelectionSteps  # noqa: PLC0415 - only an overlay needs it

    copy: dict[str, Any] = _copy(data)
    steps = SelectionSteps()
    for action in overlay.actions:
        places = _selected(copy, overlay, action, steps)
        if not places:
            raise _refusal(overlay.name, action.line, f"the target {action.target} selects nothing.")
        for place in reversed(places):  # later places first, so that removing one does not move the others
            _carry_out(copy, place, overlay, action)
        refuse_large(copy, f"The contract with {overlay.name}")
    return copy


def overlay_digest(overlays: tuple[Overlay, ...]) -> str:
    """Gives one SHA-256 for several overlays in their order."""
    return hashlib.sha256("\n".join(overlay.sha256 for overlay in overlays).encode()).hexdigest()


def _action(page: Page, located: Located, index: int) -> Action:
    place: Pointer = ("actions", index)
    node, line = value_at(located.data, place), located.line(place)
    if not isinstance(node, dict) or not str(node.get("target")).startswith("$"):
        raise _refusal(page.name, line, "this action has no target that begins with $.")
    for name in node:
        if name not in _MEMBERS and not name.startswith("x-"):
            raise _refusal(page.name, line, f"an action has no member {name!r}.")
    remove = node.get("remove", False)
    if not isinstance(remove, bool):
        raise _refusal(page.name, line, "remove is neither true nor false.")
    source = node.get("x-source")
    named = (str(source.get("kind")), str(source.get("address"))) if isinstance(source, dict) else None
    update = node.get("update", {})
    return Action(node["target"], update, remove, line, str(node.get("description", "")), named)


def _selected(data: dict[str, Any], overlay: Overlay, action: Action, steps: SelectionSteps) -> list[Pointer]:
    from rocketchat_contract.openapi.selection import SelectionError, selected  # noqa: PLC0415

    try:
        return selected(data, action.target, steps)
    except SelectionError as error:
        problem = f"the target {action.target[:200]} {error}."
        raise _refusal(overlay.name, action.line, problem) from None


def _carry_out(data: dict[str, Any], place: Pointer, overlay: Overlay, action: Action) -> None:
    node = value_at(data, place)
    if action.remove:
        if not place:
            raise _refusal(overlay.name, action.line, "this action removes the whole document.")
        del value_at(data, place[:-1])[place[-1]]
    elif isinstance(node, list):
        node.append(_copy(action.update))
    elif isinstance(node, dict) and isinstance(action.update, dict):
        _merge(node, action.update)
    else:
        raise _refusal(overlay.name, action.line, f"the target {action.target} and its update are not both objects.")


def _merge(node: dict[str, Any], update: dict[str, Any]) -> None:
    for name, new in update.items():
        held = node.get(name)
        if isinstance(held, dict) and isinstance(new, dict):
            _merge(held, new)
        elif isinstance(held, list) and isinstance(new, list):
            held.extend(_copy(new))
        else:
            node[name] = _copy(new)


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _refusal(name: str, line: int, problem: str) -> UsageError:
    return UsageError(f"{name}:{line}: {problem}", _NEXT)
