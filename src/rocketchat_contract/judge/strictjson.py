"""JSON as RFC 8259 has it, where Python's parser is more generous, and the same on every Python."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any, NoReturn

MAX_DEPTH = 256
"""Arrays and objects within each other; the RFC lets a reader set such a limit."""


MOST_REMEMBERED = 16_384
"""Characters from which on a text is read anew each time."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A body's value, or why there is none, and the first member name that an object has twice."""

    value: Any = None
    problem: str = ""
    twice: str = ""


class _NotJSONError(ValueError):
    pass


class _TwiceError(Exception):
    pass


def _refuse_constant(name: str) -> NoReturn:
    raise _NotJSONError(f"{name} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        raise _TwiceError
    return built


class _Pairs:
    """Builds objects and remembers the first name that came twice."""

    def __init__(self) -> None:
        self.twice = ""

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for name, value in pairs:
            if name in built and not self.twice:
                self.twice = name
            built[name] = value
        return built


def _number(digits: str) -> float | int:
    """A whole number of any length; Python refuses to read those of more than 4300 digits."""
    return int(digits) if len(digits) <= 4300 else float(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
_STRINGS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""Strings, also one without an end: nothing in it is looked at twice, or a long one would cost its length squared."""
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}
_BRACKETS = re.compile(r"[\[{\]}]")


def parse_strict(text: str) -> Parsed:
    """The value of a JSON text, by the grammar of RFC 8259."""
    if text.count("{") + text.count("[") > MAX_DEPTH and _is_too_deep(text):
        return Parsed(problem=f"nested deeper than {MAX_DEPTH} levels")
    try:
        return _parsed(text) if len(text) < MOST_REMEMBERED else Parsed(_DECODER.decode(text))
    except (_TwiceError, ValueError):
        return _parse_with_care(text)


@lru_cache(maxsize=64)
def _parsed(text: str) -> Parsed:
    """A text's value. Each answer is read with its secrets and without, and many are a text that came before."""
    return Parsed(_DECODER.decode(text))


def _parse_with_care(text: str) -> Parsed:
    pairs = _Pairs()
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant, parse_int=_number)
    except json.JSONDecodeError as error:
        return Parsed(problem=_problem(error))
    except _NotJSONError as error:
        return Parsed(problem=str(error))
    return Parsed(value, twice=pairs.twice)


def _problem(error: json.JSONDecodeError) -> str:
    """What is wrong and where; of a comma before a closing bracket newer versions of Python say it their own way."""
    if not error.msg.startswith("Illegal trailing comma"):
        return f"{error.msg} at character {error.pos + 1}"
    after = error.doc[error.pos + 1 :]
    bracket = error.pos + 1 + len(after) - len(after.lstrip())
    wanted = "value" if error.doc[bracket] == "]" else "property name enclosed in double quotes"
    return f"Expecting {wanted} at character {bracket + 1}"


def _is_too_deep(text: str) -> bool:
    brackets = _BRACKETS.findall(_STRINGS.sub("", text))
    return max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > MAX_DEPTH
