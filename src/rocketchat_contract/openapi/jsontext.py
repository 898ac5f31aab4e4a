"""JSON text as a value with the line of every place in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.pointer import Pointer, pointer_text

DEPTH_LIMIT = 64
PLACES_LIMIT = 200_000
_DIGITS = 4000
Lines = dict[Pointer, int]

_PIECE = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+|\n')
_NEXT_NESTING = "Flatten it: no real contract is nested that deep."


@dataclass(frozen=True)
class Located:
    """A parsed value and the line in the page of its places; a place without one stands on its parent's."""

    data: Any
    lines: Lines

    def line(self, pointer: Pointer) -> int:
        while pointer not in self.lines and pointer:
            pointer = pointer[:-1]
        return self.lines.get(pointer, 1)


def parse_json_text(text: str, name: str, first_line: int = 1) -> Located:
    """Parses strict JSON; raises UsageError with line and column in the page, ``name``, it comes from."""
    try:
        data = json.loads(text, parse_constant=_refuse_constant, parse_int=_integer)
        lines = _Liner(name, first_line).lines(text)
    except json.JSONDecodeError as error:
        raise _broken(name, first_line + error.lineno - 1, error.colno, error.msg) from None
    except _NumberError as error:
        before = text[: error.position(text)]
        line, column = before.count("\n"), len(before) - before.rfind("\n")
        raise _broken(name, first_line + line, column, str(error)) from None
    except RecursionError:
        raise too_deep(name) from None
    refuse_unwritable(data, name)
    return Located(data, lines)


def too_deep(name: str) -> UsageError:
    """Gives the refusal of a document that is nested too deep."""
    return UsageError(f"{name} is nested deeper than {DEPTH_LIMIT} levels.", _NEXT_NESTING)


def too_many_digits(name: str) -> UsageError:
    """Gives the refusal of a document that is too large."""
    return UsageError(f"{name} holds more than {PLACES_LIMIT:,} values.", "Keep one operation in it.")


def twice(name: str, line: int, pointer: Pointer) -> UsageError:
    """Gives the refusal of an object that names one member twice."""
    parent = pointer_text(pointer[:-1]) or "the document"
    return UsageError(f"{name}:{line}: {parent} names the member {pointer[-1]!r} twice.", "Remove one of the two.")


def refuse_unwritable(data: Any, name: str) -> None:
    """Raises UsageError when the value cannot be written as UTF-8 JSON again."""
    try:
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise UsageError(f"{name} holds half of a surrogate pair.", "Fix the escape of that character.") from None
    except ValueError:
        raise UsageError(f"{name} holds a number too large for JSON readers.", "Write a smaller one.") from None


class _NumberError(Exception):
    """A number that JSON does not have, or that is too long to be read."""

    def __init__(self, literal: str, problem: str) -> None:
        super().__init__(problem)
        self.literal = literal

    def position(self, text: str) -> int:
        pieces = _PIECE.finditer(text)
        return next((piece.start() for piece in pieces if piece[0] == self.literal), 0)


def _refuse_constant(literal: str) -> NoReturn:
    raise _NumberError(literal, f"{literal} is not a JSON value")


def _integer(literal: str) -> int:
    if len(literal) > _DIGITS:
        raise _NumberError(literal, f"a number of {len(literal)} digits")
    return int(literal)


def _broken(name: str, line: int, column: int, problem: str) -> UsageError:
    return UsageError(
        f"{name}:{line}:{column}: the JSON is broken: {problem}.", "Save the page again, or fix it there."
    )


@dataclass
class _Liner:
    """Walks the pieces of text known to be JSON; open containers are kept in lists, not on the stack."""

    name: str
    line: int

    def lines(self, text: str) -> Lines:
        lines: Lines = {}
        path: list[str | int] = []
        kinds: list[str] = []
        before = ""
        for piece in _PIECE.findall(text):
            if piece == "\n":
                self.line += 1
                continue
            if piece in "}]":
                kinds.pop()
                path.pop()
            elif piece == "," and kinds[-1] == "[":
                path[-1] += 1  # type: ignore[operator]  # an open array always ends the path with an index
            elif piece not in ",:":
                if kinds and kinds[-1] == "{" and before != ":":
                    self._member(lines, path, piece)
                else:
                    lines.setdefault(tuple(path), self.line)
                    self._open(piece, kinds, path)
                if len(lines) > PLACES_LIMIT:
                    raise too_many_digits(self.name)
            before = piece
        return lines

    def _member(self, lines: Lines, path: list[str | int], piece: str) -> None:
        path[-1] = json.loads(piece)
        if tuple(path) in lines:
            raise twice(self.name, self.line, tuple(path))
        lines[tuple(path)] = self.line

    def _open(self, piece: str, kinds: list[str], path: list[str | int]) -> None:
        if piece not in "{[":
            return
        kinds.append(piece)
        path.append(0 if piece == "[" else "")
        if len(kinds) > DEPTH_LIMIT:
            raise too_deep(self.name)
