"""An exchange as a command that repeats it.

A visitor's token stands as the shell variable it is masked as, so the command works in bash once the variable
is set; ``$RC_TARGET`` is the deployment's address, and ``$RC_ROOM_1`` a room that an earlier command made. Everything
else is quoted: a server's or a driver's text is never read by the shell.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from rocketchat_contract.judge.operation import Kind, Operation, read
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.report.captured import Captured, captured
from rocketchat_contract.report.phrases import listed, target_name
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.rocketchat.paths import VISITOR_PATH

PAUSE = 100_000_000
"""Nanoseconds between two calls that overlap from which a pause is part of the story."""

_LONGEST = 4000
"""Characters of a command that someone may still want to paste."""

_VARIABLE = re.compile(
    r"\$RC_(?:(?:TOKEN|ROOM)_[0-9]+|MASKED_[0-9a-f]{8}|[A-Z]+(?:_[A-Z]+)*)"
    r"|\$\{RC_[A-Z]+_[0-9A-Za-z_]+(?:\^\^|,,|~~|#\?|%\?|:0:[0-9]+)?\}"
)
_NAME = re.compile(r"RC_[0-9A-Za-z_]+")
_OWN = re.compile(r"RC_TARGET|RC_ROOM_[0-9]+")
"""Variables that the commands themselves set, or their first line."""

_CURL = r"curl -g -s -w '\n'"
"""No reading of brackets, no progress, and each answer on a line of its own."""

_SERVE = "rocketchat-contract serve"
_HERE = "http://127.0.0.1:3000"
"""Where ``serve`` listens unless told."""

_SPECIAL = re.compile(r'["\\`$!]')
_SENT_BY_CURL = frozenset(
    {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length", "transfer-encoding"}
)

_EFFECTS = {
    Kind.GET_OR_CREATE: "creates a room when the visitor has none open",
    Kind.REGISTER: "registers a visitor",
    Kind.CLOSE: "closes the room",
    Kind.MESSAGE: "posts a message to the room",
    Kind.DELETE: "deletes the visitor",
}
_EFFECT_OF_A_BREACH = "may create a room, as it did in this run"
REGISTERS = _EFFECTS[Kind.REGISTER]


@dataclass(frozen=True, slots=True)
class RepeatLine:
    """One line to paste into bash, and what it changes on the server; exchanges that overlapped share a line.

    ``command`` is empty when the request is too long to paste.
    """

    command: str
    effects: tuple[str, ...]
    exchanges: tuple[int, ...]

    @property
    def effect(self) -> str:
        """What the line changes, in words; empty when it changes nothing."""
        return listed(self.effects)


def reproduction(exchange: Exchange) -> RepeatLine:
    """The command that repeats one exchange."""
    return RepeatLine(_fitting(_command(exchange)), _effects([exchange]), (exchange.number,))


def steps(exchanges: Iterable[Exchange]) -> tuple[RepeatLine, ...]:
    """Commands that repeat exchanges in their order; those that overlapped in time start together."""
    return tuple(_line(each) for each in captured(tuple(together(exchanges))))


def variables(commands: Iterable[str]) -> tuple[str, ...]:
    """The shell variables that commands read and do not set, without ``RC_TARGET``, in order of appearance."""
    names = (_NAME.search(found) for text in commands for found in _VARIABLE.findall(text))
    return tuple(dict.fromkeys(name.group() for name in names if name and not _OWN.fullmatch(name.group())))


def preparation(result: RunResult, commands: Sequence[str], registered: Iterable[str]) -> tuple[str, ...]:
    """Lines to paste first: the target's address, fresh tokens, and the registration of visitors that existed."""
    known = frozenset(registered)
    lines = list(_address(result))
    for number, name in enumerate(variables(commands), 1):
        if name.startswith("RC_TOKEN_"):
            lines.append(f'export {name}="visitor-{number}-$(date +%s)-$RANDOM"')
            lines += [_registration(name)] if name in known else []
        else:
            lines.append(f"export {name}=any  # the record hides the original; put in your own if it matters")
    return tuple(lines)


def quoted(text: str) -> str:
    """The text as one bash word; only the variables of masked secrets are expanded."""
    pieces = list(_pieces(text))
    if not any(_is_special(piece) for piece, is_variable in pieces if not is_variable):
        return '"' + "".join(piece for piece, _ in pieces) + '"'
    return "".join(f'"{piece}"' if is_variable else _single(piece) for piece, is_variable in pieces)


def _command(exchange: Exchange) -> str:
    request = exchange.request
    words = [_CURL, *_method(exchange)]
    if "/." in urlsplit(f"x:{request.target}").path:
        words.append("--path-as-is")
    words.append(quoted("$RC_TARGET" + request.target))
    words += [f"-H {quoted(header)}" for header in _headers(exchange)]
    if request.body is not None:
        words.append(f"--data-raw {quoted(request.body)}")
    return " ".join(words)


def _method(exchange: Exchange) -> list[str]:
    method, has_body = exchange.request.method, exchange.request.body is not None
    if method == "HEAD":
        return ["-I"]
    implied = "POST" if has_body else "GET"
    return [] if method == implied else ["-X", method if method.isalpha() else quoted(method)]


def _headers(exchange: Exchange) -> list[str]:
    headers = [(name, value) for name, value in exchange.request.headers if name.lower() not in _SENT_BY_CURL]
    lines = [f"{name}: {value}" if value else f"{name};" for name, value in headers]
    typed = any(name.lower() == "content-type" for name, _ in headers)
    return lines if typed else [*lines, *_media_type(exchange.request.body)]


def _media_type(body: str | None) -> list[str]:
    """The media type of a body whose record names none: JSON is what the suite sends; curl's own would be a form."""
    if body is None:
        return []
    return ["Content-Type: application/json" if body.startswith(("{", "[")) else "Content-Type:"]


def _line(made: Captured) -> RepeatLine:
    group = made.exchanges
    numbers = tuple(exchange.number for exchange in group)
    line = made.line(_command(group[0])) if len(group) == 1 else f"({' '.join(_starts(group))} wait)"
    return RepeatLine(_fitting(line), _effects(group), numbers)


def _starts(group: Sequence[Exchange]) -> Iterator[str]:
    """Commands that start together, with the pauses that lay between those that did not."""
    waves = list(_waves(group))
    for place, wave in enumerate(waves):
        pause = _left(wave[0]) - _left(waves[place - 1][0]) if place else 0
        commands = Counter(map(_command, wave))
        yield from ([f"sleep {pause / 1e9:.1f};"] if place else [])
        yield from (_started(command, number) for command, number in commands.items())


def _waves(group: Sequence[Exchange]) -> Iterator[list[Exchange]]:
    """Calls that overlapped, in groups that left at once."""
    wave: list[Exchange] = []
    for exchange in sorted(group, key=lambda each: (_left(each), each.number)):
        if wave and _left(exchange) - _left(wave[0]) >= PAUSE:
            yield wave
            wave = []
        wave.append(exchange)
    yield wave


def _left(exchange: Exchange) -> int:
    """When a call had left, so that the server could begin with it."""
    return exchange.started if exchange.released is None else exchange.released


def together(exchanges: Iterable[Exchange]) -> Iterator[list[Exchange]]:
    """The exchanges in their order, in groups whose members overlap in time."""
    group: list[Exchange] = []
    for exchange in sorted(exchanges, key=lambda each: (each.started, each.number)):
        if group and exchange.started >= max(each.ended for each in group):
            yield group
            group = []
        group.append(exchange)
    if group:
        yield group


def _started(command: str, number: int) -> str:
    return f"for i in $(seq {number}); do {command} & done;" if number > 2 else " ".join([f"{command} &"] * number)


def _effects(group: Sequence[Exchange]) -> tuple[str, ...]:
    operations = [read(exchange) for exchange in group]
    kinds = [op.kind for op in operations]
    racing = kinds.count(Kind.GET_OR_CREATE)
    effects = dict.fromkeys(effect for op in operations if (effect := _effect(op)))
    more = f", up to {racing} in a race" if racing > 1 else ""
    return tuple(f"{effect}{more if effect == _EFFECTS[Kind.GET_OR_CREATE] else ''}" for effect in effects)


def _effect(op: Operation) -> str:
    """What a call changes, or did although it should not; empty for nothing."""
    is_breach = op.is_room_call and op.new is True
    return _EFFECTS.get(op.kind, _EFFECT_OF_A_BREACH if is_breach else "")


def _address(result: RunResult) -> Iterator[str]:
    """The line that sets the target; an embedded server is gone, so before it how to start another one like it."""
    settings = result.header.embedded
    if not settings:
        yield f"export RC_TARGET={_single(target_name(result).rstrip('/'))}"
        return
    pairs = [pair.partition("=") for pair in settings.split() if "=" in pair]
    options = (
        shlex.join([f"--{name}", value] if name in ("edition", "wrong") else ["--set", f"{name}={value}"])
        for name, _, value in pairs
    )
    yield "# The server of this run is gone. Start one like it in another terminal:"
    yield f"#   {' '.join([_SERVE, *options, '--port 3000'])}"
    yield f"export RC_TARGET={_single(_HERE)}"


def _registration(name: str) -> str:
    return (
        f"{_CURL} "
        f'"$RC_TARGET{VISITOR_PATH}" -H "Content-Type: application/json" '
        f"""--data-raw '{{"visitor":{{"token":"'"${name}"'"}}}}'"""
    )


def _fitting(command: str) -> str:
    return command if len(command) <= _LONGEST else ""


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Literal text and masked variables in turn; a variable followed by a letter gets its braces."""
    position = 0
    for match in _VARIABLE.finditer(text):
        if match.start() > position:
            yield text[position : match.start()], False
        position = match.end()
        follower = text[position : position + 1]
        runs_on = follower.isalnum() or follower == "_"
        yield (f"${{{match.group()[1:]}}}" if runs_on and match.group()[1] != "{" else match.group()), True
    if position < len(text):
        yield text[position:], False


def _is_special(literal: str) -> bool:
    return _SPECIAL.search(literal) is not None or not literal.isprintable()


def _single(literal: str) -> str:
    """Literal text in quotes that bash does not look into."""
    if literal.isprintable():
        return "'" + literal.replace("'", "'\\''") + "'"
    return "$'" + "".join(_ansi_c(character) for character in literal) + "'"


def _ansi_c(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    if character.isprintable():
        return character
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    octets = character.encode("utf-8", "surrogatepass")
    return named.get(character) or "".join(f"\\x{octet:02x}" for octet in octets)
