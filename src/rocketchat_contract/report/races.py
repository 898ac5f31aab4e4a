"""Overlapping exchanges as bars in time: the geometry of the drawing, in pixels of its own view box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rocketchat_contract.judge.operation import read
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.reproduce import together
from rocketchat_contract.report.transcript import answer_text, duration_text, visitor_name

DRAWING_WIDTH = 860
LANE = 30
_TOP = 34
_LEFT = 150
_RIGHT = 290
_MOST_LABEL = 36
_MOST_BARS = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """One exchange: from when it left to when its answer was complete."""

    number: int
    who: str
    answer: str
    duration: str
    left: float
    width: float
    top: float
    deciding: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the time axis."""

    left: float
    text: str


@dataclass(frozen=True, slots=True)
class RaceDrawing:
    """A drawing of exchanges, at least two of which overlap; ``sentence`` tells it to who cannot see it."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    height: int
    sentence: str
    hidden: int = 0
    marked: bool = True
    width: int = DRAWING_WIDTH
    left: int = _LEFT
    top: int = _TOP
    answers: int = DRAWING_WIDTH - _RIGHT + 12


def drawing_of(exchanges: Sequence[Exchange], deciding: int) -> RaceDrawing | None:
    """The drawing of the last of a finding's exchanges that overlap; None when no two do."""
    races = [group for group in together(exchanges) if len(group) > 1]
    if not races:
        return None
    ordered = races[-1]
    shown = _shown(ordered, deciding)
    start, end = min(each.started for each in shown), max(each.ended for each in shown)
    scale = (DRAWING_WIDTH - _LEFT - _RIGHT) / max(end - start, 1)
    bars = tuple(_bar(each, place, start, scale, deciding) for place, each in enumerate(shown))
    return RaceDrawing(
        bars=bars,
        ticks=_ticks(end - start, scale),
        height=_TOP + LANE * len(bars) + 12,
        sentence=_sentence(ordered, deciding),
        hidden=len(ordered) - len(shown),
        marked=any(bar.deciding for bar in bars),
    )


def _shown(ordered: Sequence[Exchange], deciding: int) -> list[Exchange]:
    first = ordered[:_MOST_BARS]
    if len(ordered) <= _MOST_BARS or any(each.number == deciding for each in first):
        return list(first)
    return [*first[:-1], *(each for each in ordered if each.number == deciding)]


def _bar(exchange: Exchange, place: int, start: int, scale: float, deciding: int) -> Bar:
    return Bar(
        number=exchange.number,
        who=visitor_name(exchange.visitor)[:13],
        answer=_answer(exchange),
        duration=duration_text(exchange.ended - exchange.started),
        left=round(_LEFT + (exchange.started - start) * scale, 1),
        width=round(max((exchange.ended - exchange.started) * scale, 3), 1),
        top=_TOP + LANE * place + 5,
        deciding=exchange.number == deciding,
    )


def _answer(exchange: Exchange) -> str:
    if exchange.failure is not None:
        return f"no whole answer ({exchange.failure.kind})"
    operation = read(exchange)
    text = answer_text(operation)
    if operation.room is not None and operation.new is not None:
        text = sentence(f"{operation.status} room {operation.room}, {'new' if operation.new else 'not new'}")
    return text if len(text) <= _MOST_LABEL else text[: _MOST_LABEL - 1] + "…"


def _ticks(span: int, scale: float) -> tuple[Tick, ...]:
    """Four to nine round moments, from 0."""
    rough = max(span, 1) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    moments = range(int(span // step) + 1)
    return tuple(Tick(round(_LEFT + k * step * scale, 1), _moment(k * step, step)) for k in moments)


def _moment(nanoseconds: float, step: float) -> str:
    milliseconds = nanoseconds / 1e6
    return f"{milliseconds:,.0f} ms" if step >= 1e6 else f"{milliseconds:,.2f} ms"


def _sentence(ordered: Sequence[Exchange], deciding: int) -> str:
    numbers = ", ".join(str(each.number) for each in ordered[:_MOST_BARS])
    marked = f" {deciding} is the first impossible one." if any(each.number == deciding for each in ordered) else ""
    return f"Overlapping exchanges as bars in time: {numbers}.{marked}"
