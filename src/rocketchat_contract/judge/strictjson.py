"""JSON as RFC 8259 has it, where Python's parser is more generous."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn


@dataclass(frozen=True, slots=True)
class Parsed:
    """A body's value, or why there is none, and the first member name that an object has twice."""

    value: Any = None
    problem: str = ""
    twice: str = ""


class _NotJSONError(ValueError):
    pass


def _refuse_constant(name: str) -> NoReturn:
    raise _NotJSONError(f"{name} is not a JSON number")


class _Pairs:
    """Builds objects and remembers the first name that came twice."""

    def __init__(self) -> None:
        self.twice = ""

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) != len(pairs) and not self.twice:
            names = [name for name, _ in pairs]
            self.twice = next(name for name in names if names.count(name) > 1)
        return built


def parse(text: str) -> Parsed:
    """The value of a JSON text, by the grammar of RFC 8259."""
    pairs = _Pairs()
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=_refuse_constant)
    except RecursionError:
        return Parsed(problem="nested too deeply to be read")
    except json.JSONDecodeError as error:
        return Parsed(problem=f"{error.msg} at character {error.pos + 1}")
    except ValueError as error:
        return Parsed(problem=str(error))
    return Parsed(value, twice=pairs.twice)
