"""A message's markup as ``md`` holds it: blocks of lines, and what stands inside a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from rocketchat_contract.reference.call import JsonObject

_EMOJI = "[\U0001f300-\U0001faff\u2600-\u27bf]"
_INLINE = re.compile(
    r"\[(?P<label>[^\]]*)\]\((?P<src>https?://[^)\s]+)\)"
    r"|(?P<url>https?://[^\s<>\"]+)|(?P<www>(?<!\S)www\.[^\s<>\"]+)"
    r"|\|\|(?P<spoiler>[^|]+)\|\||\*(?P<bold>[^*\n]+)\*|(?<!\w)_(?P<italic>[^_\n]+)_|~(?P<strike>[^~\n]+)~"
    r"|`(?P<code>[^`\n]+)`|\\\((?P<katex>.+?)\\\)|<t:(?P<time>\d+):(?P<format>[a-zA-Z])>"
    r"|color:#(?P<color>[0-9a-fA-F]{6})|(?<!\w)@(?P<user>[\w.-]+)|(?<!\S)#(?P<channel>[\w.-]+)"
    rf"|:(?P<short>[a-z_]+):|(?P<emoji>{_EMOJI})"
)
_BIG_EMOJI = re.compile(rf"\s*(?:(?::[a-z_]+:|{_EMOJI})\s*){{1,3}}")
_TASK = re.compile(r"- \[(?P<done>[ x])\] (?P<text>.*)")
_ITEM = re.compile(r"- (?P<text>.*)")
_NUMBERED = re.compile(r"(?P<number>\d+)\. (?P<text>.*)")
_HEADING = re.compile(r"(?P<level>#{1,4}) (?P<text>.*)")
_KATEX = re.compile(r"\\\[(?P<katex>.*?)\\\](?P<rest>.*)")


def marked(text: str) -> list[JsonObject]:
    """Read a whole message."""
    if _BIG_EMOJI.fullmatch(text):
        return [{"type": "BIG_EMOJI", "value": [part for part in inline(text) if part["type"] == "EMOJI"]}]
    return list(_blocks(text.split("\n")))


def _blocks(lines: list[str]) -> Iterator[JsonObject]:
    while lines:
        block, used, breaks = _block(lines)
        yield from block
        lines = lines[used:]
        if breaks and lines:
            yield {"type": "LINE_BREAK"}


def _block(lines: list[str]) -> tuple[list[JsonObject], int, bool]:
    """Read the first block: what it is, how many lines it takes, and whether a line break follows it."""
    first = lines[0]
    if first.startswith("```") and "```" in lines[1:]:
        return _code(lines)
    if found := _HEADING.fullmatch(first):
        return [{"type": "HEADING", "level": len(found["level"]), "value": inline(found["text"])}], 1, True
    if found := _KATEX.fullmatch(first):
        rest = [_paragraph(found["rest"])] if found["rest"] else []
        return [{"type": "KATEX", "value": found["katex"]}, *rest], 1, False
    for pattern, kind, item in _LISTS:
        if pattern.fullmatch(first):
            return _list(lines, pattern, kind, item)
    if first.startswith("> "):
        return [{"type": "QUOTE", "value": [_paragraph(first[2:])]}], 1, False
    return [_paragraph(first) if first else {"type": "LINE_BREAK"}], 1, False


def _code(lines: list[str]) -> tuple[list[JsonObject], int, bool]:
    end = lines.index("```", 1)
    code = [{"type": "CODE_LINE", "value": _plain(line)} for line in lines[1:end]]
    return [{"type": "CODE", "language": lines[0][3:] or "none", "value": code}], end + 1, True


def _list(
    lines: list[str], pattern: re.Pattern[str], kind: str, item: Callable[[re.Match[str]], JsonObject]
) -> tuple[list[JsonObject], int, bool]:
    items: list[JsonObject] = []
    for line in lines:
        found = pattern.fullmatch(line)
        if found is None or (kind == "UNORDERED_LIST" and _TASK.fullmatch(line)):
            break
        items.append(item(found))
    return [{"type": kind, "value": items}], len(items), False


def _task(found: re.Match[str]) -> JsonObject:
    return {"type": "TASK", "status": found["done"] == "x", "value": inline(found["text"])}


def _item(found: re.Match[str]) -> JsonObject:
    return {"type": "LIST_ITEM", "value": inline(found["text"])}


def _numbered(found: re.Match[str]) -> JsonObject:
    return {**_item(found), "number": int(found["number"])}


_LISTS = (
    (_TASK, "TASKS", _task),
    (_ITEM, "UNORDERED_LIST", _item),
    (_NUMBERED, "ORDERED_LIST", _numbered),
)


def _paragraph(line: str) -> JsonObject:
    return {"type": "PARAGRAPH", "value": inline(line)}


def inline(line: str) -> list[JsonObject]:
    """Read what stands inside a line."""
    parts: list[JsonObject] = []
    at = 0
    for found in _INLINE.finditer(line):
        if found.start() > at:
            parts.append(_plain(line[at : found.start()]))
        kind = found.lastgroup or ""
        parts.append(_PARTS[kind](found))
        at = found.end()
    return [*parts, _plain(line[at:])] if at < len(line) or not parts else parts


def _plain(text: str) -> JsonObject:
    return {"type": "PLAIN_TEXT", "value": text}


def _link(src: str, label: str) -> JsonObject:
    return {"type": "LINK", "value": {"src": _plain(src), "label": [_plain(label)]}}


def _around(kind: str, group: str) -> Callable[[re.Match[str]], JsonObject]:
    return lambda found: {"type": kind, "value": [_plain(found[group])]}


def _around_one(kind: str, group: str) -> Callable[[re.Match[str]], JsonObject]:
    return lambda found: {"type": kind, "value": _plain(found[group])}


def _color(found: re.Match[str]) -> JsonObject:
    red, green, blue = bytes.fromhex(found["color"])
    return {"type": "COLOR", "value": {"r": red, "g": green, "b": blue, "a": 255}}


def _time(found: re.Match[str]) -> JsonObject:
    value = {"timestamp": found["time"], "format": found["format"]}
    return {"type": "TIMESTAMP", "value": value, "fallback": _plain(found[0])}


_PARTS: dict[str, Callable[[re.Match[str]], JsonObject]] = {
    "src": lambda found: _link(found["src"], found["label"]),
    "url": lambda found: _link(found["url"], found["url"]),
    "www": lambda found: _link(f"//{found['www']}", found["www"]),
    "spoiler": _around("SPOILER", "spoiler"),
    "bold": _around("BOLD", "bold"),
    "italic": _around("ITALIC", "italic"),
    "strike": _around("STRIKE", "strike"),
    "code": _around_one("INLINE_CODE", "code"),
    "katex": lambda found: {"type": "INLINE_KATEX", "value": found["katex"]},
    "format": _time,
    "color": _color,
    "user": _around_one("MENTION_USER", "user"),
    "channel": _around_one("MENTION_CHANNEL", "channel"),
    "short": lambda found: {"type": "EMOJI", "value": _plain(found["short"]), "shortCode": found["short"]},
    "emoji": lambda found: {"type": "EMOJI", "unicode": found["emoji"]},
}
