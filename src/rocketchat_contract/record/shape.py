"""What the header and the footer of a run's record hold, looked at before anybody relies on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

FieldTest = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e9


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_fact(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and _are_texts(value[:2]) and _is_count(value[2])


def _are_facts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_fact, value))


def _names_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _names_counts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_count, value.values()))


def _may_have(name: str, test: FieldTest) -> FieldTest:
    return lambda value: isinstance(value, dict) and (name not in value or test(value[name]))


def _both(*tests: FieldTest) -> FieldTest:
    return lambda value: all(test(value) for test in tests)


def _is_moment(value: Any) -> bool:
    """A text; one that is a moment can be told in every time zone."""
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value).astimezone(UTC).timestamp() or True)
    except OverflowError:
        return False
    except ValueError:
        return True


def _has(**tests: FieldTest) -> FieldTest:
    def has_them(value: Any) -> bool:
        return isinstance(value, dict) and all(name in value and test(value[name]) for name, test in tests.items())

    return has_them


HEADER: Mapping[str, FieldTest] = {
    "run": _is_text,
    "target": _is_text,
    "drivers": _are_texts,
    "suite": _has(version=_is_text, sha256=_is_text),
    "contract": _both(
        _has(page_sha256=_is_text, sha256=_is_text, overlay_sha256=_is_text_or_none),
        _may_have("operation", _is_text),
    ),
}

SOMETIMES_IN_HEADER: Mapping[str, FieldTest] = {
    "folder": _is_text,
    "embedded": _is_text,
    "profile": _is_text,
    "seed": _is_count,
    "repeat": _is_count,
    "started": _is_moment,
    "versions": _names_texts,
}
"""Members that a header may lack."""

FOOTER: Mapping[str, FieldTest] = {
    "seconds": _is_seconds,
    "strict": lambda value: isinstance(value, bool),
    "obstacles": _are_texts,
    "errors": _are_texts,
    "facts": _are_facts,
    "ledger": _both(
        _has(
            rooms_created=_is_count,
            rooms_closed=_is_count,
            rooms_left=_are_texts,
            visitors_created=_is_count,
            visitors_deleted=_is_count,
            visitors_left=_are_texts,
        ),
        *(_may_have(name, _are_texts) for name in ("unclear", "rooms_unconfirmed", "visitors_unconfirmed")),
        _may_have("at_least", lambda value: isinstance(value, bool)),
        _may_have("reasons", _names_texts),
    ),
}

CAPTURE: Mapping[str, FieldTest] = {
    "capture": _both(
        _has(
            file=_is_text,
            sha256=_is_text,
            made_by=_is_text,
            entries=_is_count,
            ignored=_names_counts,
            redacted=_is_count,
            alone=lambda value: isinstance(value, bool),
        ),
        _may_have("bodiless", _is_count),
        _may_have("masked", _names_counts),
    )
}
"""What the header of a record holds that was made of somebody else's traffic."""

_SOMETIMES: Mapping[str, FieldTest] = {"notes": _are_texts, "spent": _are_texts, "blocked": _names_texts}
"""Members that a footer may lack."""


def misshapen(content: Mapping[str, Any], shape: Mapping[str, FieldTest]) -> str | None:
    """The first member of a shape that is missing or wrong, if any."""
    return next((name for name, test in shape.items() if name not in content or not test(content[name])), None)


def wrong_header_member(header: Mapping[str, Any]) -> str | None:
    """The first member of a header that is missing or wrong, if any."""
    given = {name: test for name, test in SOMETIMES_IN_HEADER.items() if name in header}
    return misshapen(header, {**HEADER, **given, **(CAPTURE if "capture" in header else {})})


def wrong_footer_member(footer: Mapping[str, Any]) -> str | None:
    """The first member of a footer that is missing or wrong, if any."""
    given = {name: test for name, test in _SOMETIMES.items() if name in footer}
    return misshapen(footer, {**FOOTER, **given})
