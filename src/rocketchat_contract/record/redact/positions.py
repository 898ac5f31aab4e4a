"""Where a token stands, whatever it looks like: a member ``token``, a parameter ``token``, behind ``/visitor/``.

A token that is a word, such as ``open``, is hidden in these places and nowhere else: the same word is also the name of
a member, or what some other value happens to be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import unquote, unquote_plus

from rocketchat_contract.record.redact.names import Alias

_MEMBER = "".join(rf"(?:{letter}|\\u00{ord(letter):02x})" for letter in "token")

_PLACE = re.compile(
    rf'"{_MEMBER}"\s*+:\s*+"(?P<member>(?:[^"\\]|\\.)++)(?=")'
    r'|(?:^|[?&;\s"])token(?:(?:\[|%5[Bb])[^=&\s"]*+)?=(?P<query>[^&#;\s"]++)'
    r'|/visitor/(?P<path>[^/?#\s"]++)',
    re.DOTALL,
)
"""The quantifiers give nothing back, so that a text is read once, however many quotes are missing in it."""


def placed(text: str, name_of: Callable[[str], Alias | None]) -> Iterator[str]:
    """The text with the tokens apart that stand where only tokens do."""
    end = 0
    for match in _PLACE.finditer(text):
        place = match.lastgroup or ""
        name = _named(match[place], place, name_of)
        if name is not None:
            yield text[end : match.start(place)]
            yield name
            end = match.end(place)
    yield text[end:]


def _named(value: str, place: str, name_of: Callable[[str], Alias | None]) -> Alias | None:
    with suppress(ValueError):
        known = name_of(_READ[place](value))
        if known is not None:
            return known
    return name_of(value)


_READ: dict[str, Callable[[str], str]] = {
    "member": lambda value: str(json.loads(f'"{value}"', strict=False)),
    "query": lambda value: unquote_plus(value, errors="surrogatepass"),
    "path": lambda value: unquote(value, errors="surrogatepass"),
}
