"""JSON and TOML files read within bounds, so that no file costs time or memory without end.

Size, nesting, the length of keys and numbers are limited before anybody looks at the content. Whatever is wrong with
a file is one ``InputError`` that names it.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import UsageError

MOST_JSON = 64 * 1024 * 1024
"""Bytes of a JSON file."""

MOST_TOML = 1024 * 1024
"""Bytes of a TOML file; Python's parser reads about a megabyte a second."""

DEEPEST = 64
"""Arrays and objects inside each other, and parts of a dotted key."""

LARGEST = 2**63
"""Whole numbers stay below, as in TOML and in most readers of JSON."""

_DEVICES = ("/dev/", "/proc/")
"""Where a shell's ``<(command)`` and standard input are; what they give is read up to the limit."""

_TEXT_OR_COMMENT = re.compile(
    r'"""(?:[^\\]|\\.)*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|"(?:[^"\\\n]|\\[^\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)
_CONTAINERS = (dict, list)
_TOO_DEEP = f"it is nested deeper than {DEEPEST} levels"
_TOO_LARGE = "it holds a number too large to be read"
_LONG_KEY = re.compile(rf"(?<![\w-])(?:[\w-]+[ \t]*\.[ \t]*){{{DEEPEST}}}")


class InputError(UsageError):
    """A file that cannot be read, or is not what it is taken for."""


class ContentError(ValueError):
    """A text that is no JSON or TOML within the bounds, with the reason."""


@dataclass(frozen=True)
class FileKind:
    """What a file is taken for: its name in a sentence, and what to do when it is not.

    Of a ``secret`` file no reason is told; one that ``names_files`` can hold no NUL character.
    """

    what: str
    next_step: str
    secret: bool = False
    names_files: bool = False


def read_json(path: Path, kind: FileKind, most: int = MOST_JSON) -> Any:
    """The content of a JSON file; raises ``InputError``."""
    try:
        return parse_json(read_bytes(path, kind, most))
    except ContentError as error:
        raise _not(path, kind, "JSON", error) from None


def read_toml(path: Path, kind: FileKind) -> dict[str, Any]:
    """The content of a TOML file; raises ``InputError``."""
    return read_toml_text(path, kind)[1]


def read_toml_text(path: Path, kind: FileKind) -> tuple[str, dict[str, Any]]:
    """The text of a TOML file and its content; raises ``InputError``."""
    try:
        text = read_bytes(path, kind, MOST_TOML).decode("utf-8")
        return text, _toml(text, kind)
    except ValueError as error:
        raise _not(path, kind, "TOML", error) from None


def _toml(text: str, kind: FileKind) -> dict[str, Any]:
    content = parse_toml(text)
    if kind.names_files and any(isinstance(leaf, str) and "\0" in leaf for leaf in _leaves(content)):
        raise ContentError("it holds a NUL character")
    return content


def _not(path: Path, kind: FileKind, language: str, error: ValueError) -> InputError:
    # the parser's own message may quote a secret
    reason = "" if kind.secret else f": {_reason(error)}"
    return InputError(f"{kind.what} {path} is not {language}{reason}.", kind.next_step)


def read_bytes(path: Path, kind: FileKind, most: int) -> bytes:
    """The bytes of a file; raises ``InputError`` for one that is too large, or is not a file."""
    size = size_of(path, kind)
    try:
        return _within(path, kind, size, most)
    except OSError as error:
        raise InputError(f"{kind.what} {path} cannot be read: {error.strerror}.", kind.next_step) from error


def size_of(path: Path, kind: FileKind) -> int:
    """The size of a file; raises ``InputError`` for what is no file, and might be waited for without end."""
    try:
        status = os.stat(path)  # noqa: PTH116 - pathlib hides a name that no system can have
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{kind.what} {path} cannot be read: {reason}.", kind.next_step) from error
    if stat.S_ISREG(status.st_mode) or path.as_posix().startswith(_DEVICES):
        return status.st_size
    named = "Is a directory" if stat.S_ISDIR(status.st_mode) else "It is not a regular file"
    raise InputError(f"{kind.what} {path} cannot be read: {named}.", kind.next_step)


def _within(path: Path, kind: FileKind, size: int, most: int) -> bytes:
    content = b""
    if size <= most:
        with path.open("rb") as file:
            content = file.read(size + 1 if size else most + 1)
    if max(size, len(content)) > most:
        raise InputError(f"{kind.what} {path} is larger than {most // 1024**2} MiB.", kind.next_step)
    return content


def parse_json(text: str | bytes) -> Any:
    """The value of a JSON text; raises ``ContentError``."""
    try:
        value = json.loads(text, parse_constant=_refuse, parse_int=_whole, parse_float=_finite)
    except ContentError:
        raise
    except ValueError as error:
        raise ContentError(_reason(error)) from None
    except RecursionError:
        raise ContentError(_TOO_DEEP) from None
    _refuse_deep(value)
    return value


def parse_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text; raises ``ContentError``."""
    if _LONG_KEY.search(_TEXT_OR_COMMENT.sub("q", text)):
        raise ContentError(f"a key has more than {DEEPEST} parts")
    try:
        value = tomllib.loads(text)
    except ValueError as error:
        raise ContentError(_reason(error)) from None
    except RecursionError:
        raise ContentError(_TOO_DEEP) from None
    _refuse_deep(value)
    if any(type(leaf) is int and abs(leaf) > LARGEST for leaf in _leaves(value)):
        raise ContentError(_TOO_LARGE)
    return value


def _refuse_deep(value: Any) -> None:
    """Raise ``ContentError`` when arrays and objects lie too deep in each other."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [part for each in level for part in _parts(each) if type(part) in _CONTAINERS]
        if not level:
            return
    raise ContentError(_TOO_DEEP)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _leaves(value: Any) -> Iterator[Any]:
    for part in _parts(value):
        yield from _leaves(part) if type(part) in _CONTAINERS else (part,)


def _reason(error: ValueError) -> str:
    return "it is not UTF-8 text" if isinstance(error, UnicodeError) else str(error)


def _refuse(literal: str) -> Any:
    raise ContentError(f"{literal} is not a JSON value")


def _whole(digits: str) -> int:
    if len(digits) > len(str(LARGEST)) or abs(int(digits)) > LARGEST:
        raise ContentError(_TOO_LARGE)
    return int(digits)


def _finite(literal: str) -> float:
    value = float(literal)
    if value in (float("inf"), float("-inf")):
        raise ContentError(_TOO_LARGE)
    return value
