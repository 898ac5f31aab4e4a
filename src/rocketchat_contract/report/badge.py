"""A badge for a README: SVG, and the JSON of a shields.io endpoint; both carry their date, as a badge may age."""

from __future__ import annotations

import json

from markupsafe import Markup

from rocketchat_contract.judge.verdict import Outcome, VerdictWord
from rocketchat_contract.report.phrases import counts, host_name, recorded
from rocketchat_contract.report.run_result import RunResult

LABEL = "livechat contract"

_COLOURS = {
    VerdictWord.CONFORMANT: ("#1a7f37", "brightgreen"),
    VerdictWord.VIOLATED: ("#b3261e", "red"),
    VerdictWord.INCOMPLETE: ("#7a5c00", "yellow"),
    VerdictWord.ERROR: ("#5f5f5f", "lightgrey"),
}

_SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">'
    "<title>{label}: {message}, {host}</title>"
    '<clipPath id="round"><rect width="{width}" height="20" rx="3"/></clipPath>'
    '<g clip-path="url(#round)"><rect width="{split}" height="20" fill="#444"/>'
    '<rect x="{split}" width="{rest}" height="20" fill="{colour}"/></g>'
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
    '<text x="{label_at}" y="14" textLength="{label_length}">{label}</text>'
    '<text x="{message_at}" y="14" textLength="{message_length}">{message}</text></g></svg>\n'
)


def badge_message(result: RunResult) -> str:
    """The verdict, what passed of what was judged, and the day: ``conformant 64/64 · 2026-11-22``."""
    passed = counts(result.verdict.rows)[Outcome.PASS]
    day = recorded(result.header, "started")[:10]
    dated = f" · {day}" if day[:4].isdigit() else " · no date"
    part = " asked for" if result.verdict.not_asked else ""
    return f"{result.verdict.word} {passed}/{result.verdict.judged}{part}{dated}"


def badge_svg(result: RunResult) -> str:
    """The badge as a picture that needs no network."""
    message = badge_message(result)
    label_length, message_length = _length(LABEL), _length(message)
    split = label_length + 12
    return _SVG.format(
        label=LABEL,
        message=message,
        host=host_name(result),
        colour=_COLOURS[result.verdict.word][0],
        split=split,
        rest=message_length + 12,
        width=split + message_length + 12,
        label_length=label_length,
        message_length=message_length,
        label_at=split / 2,
        message_at=split + (message_length + 12) / 2,
    )


def badge_json(result: RunResult) -> str:
    """The badge for an endpoint of shields.io."""
    content = {
        "schemaVersion": 1,
        "label": LABEL,
        "message": badge_message(result),
        "color": _COLOURS[result.verdict.word][1],
        "isError": result.verdict.word is VerdictWord.ERROR,
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _length(text: str) -> int:
    """Pixels of a text at 11 px; the picture stretches the text to it, so a rough width is enough."""
    return round(sum(4.2 if character in "iljt.:/· " else 6.9 for character in text))
