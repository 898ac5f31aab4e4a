"""Text from a server, made harmless: nothing invisible, nothing endless, nothing a terminal would obey."""

from __future__ import annotations

SENTENCE = 400
"""Characters of a sentence that quotes a server."""

_ASCII = {
    "✓": "+",
    "✗": "x",
    "‼": "!!",
    "–": "-",
    "·": "|",
    "…": "...",
    "→": "->",
    "←": "<-",
    "“": '"',
    "”": '"',
    "’": "'",
}
"""The nearest signs for a terminal that lacks ours."""


def visible(text: str, *, lines: bool = False) -> str:
    r"""The text with every character that cannot be seen written as an escape, such as ``\x1b``.

    With ``lines`` line feeds and tabs stay.
    """
    if text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(c if c.isprintable() or c in kept else _escape(c) for c in text)


def shortened_text(text: str, limit: int) -> str:
    """The first ``limit`` characters, and how many there were."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text):,} characters)"


def sentence(text: str, limit: int = SENTENCE) -> str:
    """One visible line of at most about ``limit`` characters, as every report shows it."""
    return visible(shortened_text(text, limit))


def encodable(text: str, encoding: str) -> str:
    """The text with what an encoding lacks written as its nearest ASCII sign, or as an escape."""
    try:
        text.encode(encoding)
    except LookupError:
        return encodable(text, "ascii")
    except UnicodeEncodeError:
        return "".join(_nearest(character, encoding) for character in text)
    return text


def _escape(character: str) -> str:
    named = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
    if character in named:
        return named[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _nearest(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return _ASCII.get(character) or _escape(character)
    return character
