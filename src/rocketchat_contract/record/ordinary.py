"""Values that nobody calls hostile, and whether masking hid others: a firewall sees what a record does not show."""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

LONGEST = 128
"""Characters of a value that is not long."""

_ORDINARY = re.compile(r"(?:\$RC_[A-Z]+_\d+|\$\{RC_[A-Z]+_\d+[^}]*\}|[\w~:,-])" + f"{{0,{LONGEST}}}", re.ASCII)
"""A parameter's value that nobody calls hostile; masked tokens, and texts made of them, are among them."""


def is_ordinary_value(value: str) -> bool:
    """Whether nobody would call a parameter's value hostile."""
    return _ORDINARY.fullmatch(value) is not None


def hides_unusual(sent: str, kept: str) -> bool:
    """Whether a request's target had a value that is long or of unusual characters, and has none as it is kept."""
    return sent != kept and not _is_ordinary(sent) and _is_ordinary(kept)


def _is_ordinary(target: str) -> bool:
    parts = target.partition("?")[2].split("&")
    return all(is_ordinary_value(unquote_plus(part.partition("=")[2])) for part in parts)
