"""Every reader of files: hostile content is refused by name or passed over, and never ends in a crash.

More examples of the generated kind: ``FUZZ_EXAMPLES=2000 python -m pytest tests/unit/inputs/test_every_reader.py``.
"""

from __future__ import annotations

import ast
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rocketchat_contract
from rocketchat_contract.archive.bundle import verify_bundle
from rocketchat_contract.archive.diff import compare_runs, read_run
from rocketchat_contract.archive.history import read_history
from rocketchat_contract.archive.summaries import INDEX
from rocketchat_contract.client.address import parse_address, parse_proxy
from rocketchat_contract.client.answer import HttpAnswer
from rocketchat_contract.client.claims import read_book
from rocketchat_contract.config.loading import load
from rocketchat_contract.config.making import make_config
from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.folder import read_folder
from rocketchat_contract.contract.vendored import load_contract, spec_folder
from rocketchat_contract.corpus.entry import load_entry as load_corpus
from rocketchat_contract.errors import ContractError
from rocketchat_contract.fleet.folder import read_fleet
from rocketchat_contract.fleet.plan import read_plan
from rocketchat_contract.inputs.bounded import ContentError, parse_json, parse_toml
from rocketchat_contract.judge import strictjson
from rocketchat_contract.openapi.audit import audit
from rocketchat_contract.openapi.overlay import applied, load_overlay
from rocketchat_contract.replay.calls import read_calls
from rocketchat_contract.report.json_report import json_report
from rocketchat_contract.results.baseline import load_baseline
from rocketchat_contract.results.har_import import judge_har
from rocketchat_contract.results.result import judge_record
from support.hars import entries, write_har
from support.histories import ANNA, created, registered

PACKAGE = Path(rocketchat_contract.__file__).parent
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
SECONDS = 5.0
"""Of the processor, for one file."""

DIRECT = {
    "client/claims.py": "a ledger's line, each by itself, refused or passed over",
    "client/calls.py": "strings that the suite itself quoted, and an answer, bounded by the transport",
    "client/outcome.py": "the body of the suite's own call",
    "client/agent_view.py": "an answer, bounded by the transport",
    "contract/folder.py": "what spec vendor wrote, read as a page and bounded there",
    "contract/known.py": "the suite's own file",
    "contract/requirements.py": "the suite's own file",
    "contract/coverage.py": "the suite's own file",
    "contract/strength.py": "the suite's own file",
    "inputs/bounded.py": "the bounded reader itself",
    "judge/operation.py": "the body of the suite's own call",
    "judge/strictjson.py": "a body, with a limit of its own for nesting",
    "openapi/dialect.py": "a copy of what was read",
    "openapi/jsontext.py": "a page, with limits of its own",
    "openapi/overlay.py": "a copy of what was read",
    "openapi/yamltext.py": "a page, with limits of its own",
    "record/redact_har.py": "a string that a regular expression found",
    "record/har_entry.py": "a body of a capture",
    "record/har_file.py": "a capture, with limits of its own",
    "record/personal.py": "a string that a regular expression found",
    "record/redact/positions.py": "a string that a regular expression found",
    "record/journal.py": "a record's lines, with a limit of its own for their length",
    "record/published_schema.py": "the schema that travels with the suite",
    "report/json_report.py": "the schema that travels with the suite",
    "report/proof.py": "the suite's own file",
    "replay/calls.py": "a file of named calls, refused as a whole",
    "run/again.py": "the suite's own file",
    "run/driver_order.py": "the suite's own file",
    "run/generation.py": "what a process of the run's own printed",
    "archive/bundle.py": "a copy of what was judged",
    "archive/diff.py": "a copy of what was judged",
}
"""Modules that parse without the bounded reader, and why they may."""

_PARSERS = re.compile(r"(?:json|tomllib|yaml)\.(?:loads?|parse|safe_load|load_all)|json.JSONDecoder")


def parsers_in(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and _PARSERS.fullmatch(ast.unparse(node)):
            yield ast.unparse(node)


def test_whoever_parses_by_himself_has_a_reason() -> None:
    modules = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    parsing = {name for name, path in modules.items() if any(parsers_in(path)) and not name.startswith("reference/")}

    assert parsing - DIRECT.keys() == set()


@dataclass(frozen=True)
class Reader:
    """A reader of one file, whose name and right content are known; ``passes`` says that it reads on without it."""

    name: str
    read: Callable[[Path], object]
    right: Callable[[Path], bytes]
    passes: bool = False


def har(folder: Path) -> bytes:
    return write_har(folder / "right.har", entries(registered(ANNA), created(ANNA, "R1"))).read_bytes()


def record(folder: Path) -> bytes:
    har(folder)
    judge_har(folder / "right.har", folder / "judged")
    return (folder / "judged" / "record.jsonl").read_bytes()


def report(folder: Path) -> bytes:
    har(folder)
    return json_report(judge_har(folder / "right.har", None)).encode()


def text(content: str) -> Callable[[Path], bytes]:
    return lambda _: content.encode()


def own(name: str) -> Callable[[Path], bytes]:
    return lambda _: (spec_folder() / name).read_bytes()


def compared(path: Path) -> object:
    run = read_run(path)
    return compare_runs(run, run)


def configured(path: Path) -> object:
    return make_config(load({}, {}, path))


def credentials(path: Path) -> object:
    return make_config(load({"credentials": path}, {}, Path(os.devnull)))


def overlaid(path: Path) -> object:
    return applied(load_contract().full, load_overlay(path))


def vendored(path: Path) -> object:
    for name in ("livechat-room.md", "livechat-room.openapi.json"):
        (path.parent / name).write_bytes((spec_folder() / name).read_bytes())
    return read_folder(path.parent, "livechat-room")


def based(path: Path) -> object:
    return load_baseline(path, load_catalogue(load_contract()))


FLEET_VALUE = {
    "format": 1,
    "runs": ["fleet-1"],
    "started": "2026-01-01T00:00:00Z",
    "ended": "2026-01-01T00:00:00Z",
    "suite": {"version": "0.1.0", "sha256": "a"},
    "contract": {"sha256": "b"},
    "requirements": [{"id": "a", "group": "b", "level": "must", "sentence": "c"}],
    "deployments": [{"name": "a", "position": 1, "target": "t", "word": "conformant", "sentence": "s", "cells": {}}],
}
ENTRY = {
    "format": "rocketchat-contract/corpus/1",
    "requirement": "an-open-room-is-returned",
    "expected": "a",
    "actual": "b",
    "signature": "c",
    "operation": "GET /api/v1/livechat/room",
    "found": {"run": "1", "driver": "life"},
    "steps": ["register {known visitor}", "GET /api/v1/livechat/room?token={known visitor} -> {room}"],
}
CONFIG = 'target = "http://a.example"\nprofile = "gate"\ntimeout = 5\nheader = ["X-A: b"]\nlimit = "10/60"\n'
BASELINE = '[[accepted]]\nrequirement = "an-open-room-is-returned"\nreason = "r"\nowner = "o"\nexpires = 2027-01-01\n'
FLEET = '[defaults]\nprofile = "gate"\n[[deployment]]\nname = "a"\nurl = "https://a.example"\nversion = ">=7"\n'
OVERLAY = "overlay: 1.0.0\ninfo: {title: a, version: '1'}\nactions:\n  - target: $.info\n    update: {x-a: 1}\n"
LEDGER = '{"event":"run","format":"1","run":"20260101-000000-aaaaaaaa","target":"http://a.example"}\n'

INDEX_VALUE = '{"format":4,"requirements":[],"runs":[]}'

READERS = (
    Reader("page.md", audit, own("livechat-room.md")),
    Reader("page.json", audit, own("livechat-room.openapi.json")),
    Reader("page.yaml", audit, text("openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}\n")),
    Reader("house.yaml", overlaid, text(OVERLAY)),
    Reader("livechat-room.findings.json", vendored, own("livechat-room.findings.json")),
    Reader("config.toml", configured, text(CONFIG)),
    Reader("credentials.toml", credentials, text('user-id = "a"\nauth-token = "b"\n')),
    Reader("fleet.toml", read_plan, text(FLEET)),
    Reader("fleet.json", lambda path: read_fleet(path.parent), text(json.dumps(FLEET_VALUE))),
    Reader("baseline.toml", based, text(BASELINE)),
    Reader("entry.json", lambda path: load_corpus(path.parent), text(json.dumps(ENTRY))),
    Reader("ledger.jsonl", read_book, text(LEDGER)),
    Reader("record.jsonl", judge_record, record),
    Reader("report.json", compared, report),
    Reader("run.har", lambda path: judge_har(path, None), har),
    Reader("calls.jsonl", read_calls, text('{"name": "a"}\n')),
    Reader("run.zip", verify_bundle, text("PK")),
    Reader(
        INDEX, lambda path: read_history(path.parent), text('{"format":4,"requirements":[],"runs":[]}'), passes=True
    ),
)
BY_NAME = {reader.name: reader for reader in READERS}

DEEP = 100_000
HOSTILE = {
    "nothing": b"",
    "spaces": b" \n" * 1_000,
    "zeros": b"\0" * 1_000,
    "no UTF-8": b"\xff\xfe\xfd",
    "a mark": "\ufeff{}".encode(),
    "null": b"null",
    "a number": b"5",
    "a text": b'"x"',
    "lists": b"[" * DEEP,
    "closed lists": b"[" * DEEP + b"]" * DEEP,
    "ninety lists": b"[" * 90 + b"]" * 90,
    "objects": b'{"a":' * DEEP,
    "closed objects": b'{"a":' * 900 + b"1" + b"}" * 900,
    "TOML lists": b"x = " + b"[" * DEEP,
    "TOML tables": b"x = " + b"{a=" * 10_000,
    "TOML dots": b".".join([b"a"] * 50_000) + b" = 1",
    "YAML lists": b"- " * 10_000,
    "YAML flow": b"a: " + b"[" * 10_000,
    "YAML aliases": b"a: &a [x]\n" + b"".join(b"b%d: &b%d [*a,*a]\n" % (n, n) for n in range(200)),
    "a long number": b'{"a": ' + b"9" * 10_000 + b"}",
    "no number": b'{"a": NaN}',
    "half a pair": b'{"format": "\\ud800"}',
    "a long line": b'{"a": "' + b"x" * 1_000_000 + b'"}',
    "many lines": b"{}\n" * 20_000,
}


def tried(reader: Reader, path: Path) -> ContractError | None:
    """Read a file: nothing but a refusal is raised, and soon."""
    begin = time.process_time()
    refused = refusal(reader, path)
    assert time.process_time() - begin < SECONDS
    assert refused is None or refused.exit_code in (1, 2, 3)
    return refused


def refusal(reader: Reader, path: Path) -> ContractError | None:
    try:
        reader.read(path)
    except ContractError as error:
        return error
    return None


@pytest.mark.parametrize("name", BY_NAME)
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_hostile_content_is_refused_or_passed_over(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)

    reader = BY_NAME[name]
    refused = tried(reader, tmp_path / name)

    assert refused is None or reader.passes or str(tmp_path) in str(refused) or name in str(refused)


LEAVES: tuple[Any, ...] = (
    None, True, -1, 0, 2**70, 1.5, "", "x", "\ud800", "a\0b", "€", "9999-12-31T23:59:59-14:00", "..", [], {}, [[1]],
    {"a": 5}, "9" * 5_000, ["x"], "javascript:alert(1)", "\x1b[2J", "a\rb",
)  # fmt: skip


BETWEEN = (b"", b"\0", b'"', b"[[[[", b"}", b"\xff", b"99999999999", b" = ", b": ", b"{", b"'''")


@st.composite
def changed(draw: st.DrawFn, content: bytes) -> bytes:
    """Right content with something else in the place of one value, or with its bytes cut, doubled or mixed up."""
    lines = content.splitlines(keepends=True)
    place = draw(st.integers(0, max(len(lines) - 1, 0)))
    if lines and draw(st.booleans()):
        try:
            whole = draw(st.booleans())
            value = json.loads(content if whole else lines[place])
        except ValueError:
            pass
        else:
            told = json.dumps(_replaced(draw, value)).encode()
            return told if whole else b"".join([*lines[:place], told + b"\n", *lines[place + 1 :]])
    start, end = sorted(draw(st.tuples(*[st.integers(0, len(content))] * 2)))
    between = draw(
        st.sampled_from([b"", b"\0", b'"', b"[[[[", b"}", b"\xff", b"99999999999", b" = ", b": ", b"{", b"'''"])
    )
    return content[:start] + between + content[draw(st.sampled_from([start, end])) :]


def _replaced(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        name = draw(st.sampled_from(sorted(value)))
        return {**value, name: _replaced(draw, value[name])}
    if isinstance(value, list) and value and draw(st.integers(0, 5)):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], _replaced(draw, value[index]), *value[index + 1 :]]
    return draw(st.sampled_from(LEAVES))


@pytest.mark.parametrize("name", BY_NAME)
def test_changed_content_is_read_or_refused(name: str, tmp_path: Path) -> None:
    reader = BY_NAME[name]
    (tmp_path / "right").mkdir()
    content = reader.right(tmp_path / "right")
    (tmp_path / "changed").mkdir()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(changed(content))
    def check(hostile: bytes) -> None:
        (tmp_path / "changed" / name).write_bytes(hostile)
        tried(reader, tmp_path / "changed" / name)

    check()


@settings(max_examples=EXAMPLES * 10, deadline=None)
@given(
    st.one_of(st.text(), st.text(st.sampled_from('[]{}",:=.\n a1\\u0-eE')), st.recursive(st.none(), st.lists).map(str))
)
def test_any_text_is_parsed_or_refused(content: str) -> None:
    for parse in (parse_json, parse_toml):
        try:
            parse(content)
        except ContentError:
            continue
    strictjson.parse_strict(content)


@settings(max_examples=EXAMPLES * 10, deadline=None)
@given(st.one_of(st.text(), st.text(st.sampled_from("htps:/@[]%.a1?#\\ \0é")).map("http://{}".format)))
def test_any_address_is_parsed_or_refused(url: str) -> None:
    for parse in (parse_address, parse_proxy):
        try:
            parse(url)
        except ContractError:
            continue


PIECES = [
    b"HTTP/1.1 ", b"200 OK", b"\r\n", b"Content-Length: ", b"5", b"9" * 20, b"Transfer-Encoding: chunked",
    b"\r\n\r\n", b"0\r\n", b"f" * 16, b"{}", b"\0", b"Content-Encoding: gzip", b"\x1f\x8b", b": ", b"\xff",
]  # fmt: skip


@settings(max_examples=EXAMPLES * 10, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=8)), max_size=20))
def test_any_answer_is_read_to_an_end(parts: list[bytes]) -> None:
    answer = HttpAnswer()
    for part in parts:
        if answer.feed(part):
            break
    answer.end()
    answer.body(answer.headers)
