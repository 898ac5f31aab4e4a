"""What the published schema of a record allows is what can be read, and the other way round."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from rocketchat_contract.record.exchange import FAILURES, Exchange
from rocketchat_contract.record.header import RecordHeader
from rocketchat_contract.record.published_schema import record_schema, wrong_member

from .records import FOOTER, HEADER, exchanges, some_exchanges, written

CAPTURE = {
    "file": "a.har",
    "sha256": "0" * 64,
    "made_by": "a browser",
    "entries": 3,
    "ignored": {"other traffic": 1},
    "redacted": 0,
    "alone": False,
    "bodiless": 1,
    "masked": {"names": 2},
}
STRANGE = (None, True, 0, 1, -1, 1.5, 10**30, "", "x", [], ["x"], [["a", "b"]], {}, {"x": "y"}, {"x": 1})


@cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(record_schema())


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(record_schema())


def test_every_line_of_a_record_fits_the_schema(tmp_path: Path) -> None:
    path = written(tmp_path / "record.jsonl", some_exchanges())
    for line in path.read_text("ascii").splitlines():
        validator().validate(json.loads(line))


@given(exchanges)
def test_every_exchange_fits_the_schema(exchange: Exchange) -> None:
    validator().validate(json.loads(json.dumps(exchange.to_json())))


def test_the_schema_knows_every_kind_of_failure() -> None:
    assert set(record_schema()["$defs"]["failure"]["properties"]["kind"]["enum"]) == FAILURES


def mutations(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The value with one member taken out or replaced, for each member at any depth of objects."""
    if not isinstance(value, dict):
        return
    for name, part in value.items():
        yield f"{'.'.join((*way, name))} gone", {key: value[key] for key in value if key != name}
        for strange in STRANGE:
            yield f"{'.'.join((*way, name))} {strange!r}", {**value, name: strange}
        for told, changed in mutations(part, (*way, name)):
            yield told, {**value, name: changed}


def right_exchange() -> dict[str, Any]:
    line = copy.deepcopy(some_exchanges()[1].to_json())
    line["failure"] = {"kind": "closed", "sent": True, "detail": ""}
    line["request"]["body"] = "x"
    return json.loads(json.dumps(line))  # type: ignore[no-any-return]


def is_exchange(line: dict[str, Any]) -> bool:
    try:
        Exchange.from_json(line)
    except ValueError:
        return False
    return line.get("type") == "exchange"


ORDER = {"started 10", "ended 0", "ended 1"}
"""That an end comes before its start is beyond a JSON Schema."""


def test_the_schema_and_the_reader_agree_on_changed_exchanges() -> None:
    differing = [
        told
        for told, line in mutations(right_exchange())
        if told not in ORDER and validator().is_valid(line) != is_exchange(line)
    ]

    assert differing == []


def test_the_first_wrong_member_of_a_header_is_named() -> None:
    right = {"type": "header", "format": 1, **HEADER, "capture": CAPTURE}

    assert wrong_member("header", right) is None
    assert wrong_member("header", {**right, "drivers": "core"}) == "drivers"
    assert wrong_member("header", {name: right[name] for name in right if name != "suite"}) == "suite"


def test_the_first_wrong_member_of_a_footer_is_named() -> None:
    right = {"type": "footer", "exchanges": 1, **FOOTER, "notes": [], "spent": [], "blocked": {}, "sha256": "0" * 64}

    assert wrong_member("footer", right) is None
    assert wrong_member("footer", {**right, "facts": [["version", 8, 1]]}) == "facts"
    assert wrong_member("footer", {name: right[name] for name in right if name != "ledger"}) == "ledger"


def test_a_header_is_read_as_it_was_written() -> None:
    header = RecordHeader.from_json({"type": "header", "format": 1, **HEADER, "capture": CAPTURE})

    assert RecordHeader.from_json({"type": "header", "format": 1, **header.to_json()}) == header


@pytest.mark.parametrize("kind", ["header", "exchange", "footer"])
def test_the_schema_tells_the_lines_apart(kind: str) -> None:
    assert not validator().is_valid({"type": kind})
