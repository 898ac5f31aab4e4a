"""Query strings as the ``qs`` library of Node reads them.

Repeated names become lists, ``a[]=`` appends, ``a[b]=`` nests; every leaf is a string.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

Value = str | list["Value"] | dict[str, "Value"]
GroupedQuery = dict[str, Value]

MOST_PARAMETERS = 1000
_DEEPEST = 5
_PROTOTYPE = frozenset({
    "constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString",
    "valueOf", "__proto__", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
})  # fmt: skip
_BROKEN_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_CODED_BRACKET = re.compile("%5([BbDd])")


class UnreadableQuery(Exception):  # noqa: N818 - it says what the query is
    """More parameters or list elements than the parser takes."""


def parse_query_string(raw: bytes, *, most_elements: int = 500, strict: bool = True) -> GroupedQuery:
    """Read the text between the first and the second ``?``.

    ``strict`` parsers raise ``UnreadableQuery`` beyond their limits, lenient ones drop the rest.
    """
    text = raw.partition(b"?")[0].decode("latin-1")
    if "%5" in text:
        text = _CODED_BRACKET.sub(lambda found: "[" if found[1] in "Bb" else "]", text)
    parts = text.split("&") if text else []
    if len(parts) > MOST_PARAMETERS:
        if strict:
            raise UnreadableQuery("Parameter limit exceeded")
        parts = parts[:MOST_PARAMETERS]
    query: GroupedQuery = {}
    for part in parts:
        _take(query, part, most_elements if strict else None)
    return query


def _take(query: GroupedQuery, part: str, most_elements: int | None) -> None:
    closing = part.find("]=")
    name, _, value = part.partition("=") if closing < 0 else (part[: closing + 1], "=", part[closing + 2 :])
    path = _path(decode(name))
    if path:
        _put(query, path, decode(value), most_elements)


def decode(text: str) -> str:
    """Undo percent coding as ``decodeURIComponent`` does: what is broken stays as it is."""
    text = text.replace("+", " ")
    if "%" not in text:
        return text
    if _BROKEN_PERCENT.search(text):
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text


def _path(name: str) -> list[str]:
    """Split ``a[b][]`` into its steps; nothing for names that are dropped."""
    start = name.find("[")
    found = _BRACKETS.search(name) if start >= 0 else None
    if found is None:
        return [name] if name and name not in _PROTOTYPE else []
    parent = name[: found.start()]
    steps = [parent] if parent else []
    at = found.start()
    while found is not None and found.start() == at and len(steps) - bool(parent) < _DEEPEST:
        steps.append(found[1])
        at = found.end()
        found = _BRACKETS.match(name, at)
    if found is not None:
        steps.append(name[at:])
    return [] if _PROTOTYPE.intersection(steps) else steps


def _put(query: GroupedQuery, path: list[str], value: Value, most_elements: int | None) -> None:
    *parents, last = path
    start: Value | None = None
    if parents and not last:
        start, last = [], parents.pop()
    node = query
    for step in parents:
        node = _nested(node, step)
    node[last] = _combined(node.get(last, start), value, most_elements)


def _nested(node: GroupedQuery, step: str) -> GroupedQuery:
    child = node.get(step)
    if not isinstance(child, dict):
        elements = child if isinstance(child, list) else [] if child is None else [child]
        child = node[step] = {str(index): element for index, element in enumerate(elements)}
    return child


def _combined(old: Value | None, new: Value, most_elements: int | None) -> Value:
    if old is None:
        return new
    if isinstance(old, dict):
        return {**old, str(new): "true"}
    together = [*(old if isinstance(old, list) else [old]), new]
    if most_elements is not None and len(together) > most_elements:
        raise UnreadableQuery("Array limit exceeded")
    return together
