"""A file of the corpus: readable, one step on a line, refused when it is not one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rocketchat_contract.config import PROFILES
from rocketchat_contract.contract.vendored import ROOM
from rocketchat_contract.corpus.entry import CorpusEntry, chosen, load_entry, save
from rocketchat_contract.errors import UsageError

LINES = (
    'register {known visitor} with {"department": "x"}',
    "GET /api/v1/livechat/room?token={known visitor} -> {room}",
    ("close {room} of {known visitor}", "GET /api/v1/livechat/room?token={known visitor, in capitals}"),
    'message {room} of {known visitor}: "a \\"b\\""',
    "delete {known visitor}",
)


def entry(signature: str = "s", lines: tuple[str | tuple[str, ...], ...] = LINES, run: str = "1") -> CorpusEntry:
    return CorpusEntry("an-open-room-is-returned", signature, "this", "that", str(ROOM), run, "life", lines)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    (path,) = save([entry()], tmp_path / "corpus")

    assert load_entry(tmp_path / "corpus") == [entry()]
    assert path.name == "an-open-room-is-returned-043a7187.json"


def test_each_step_has_its_line(tmp_path: Path) -> None:
    (path,) = save([entry(lines=LINES[:2])], tmp_path)

    assert path.read_text().split("\n")[-6:] == [
        '  "steps": [',
        '    "register {known visitor} with {\\"department\\": \\"x\\"}",',
        '    "GET /api/v1/livechat/room?token={known visitor} -> {room}"',
        "  ]",
        "}",
        "",
    ]


def test_steps_are_understood() -> None:
    acts = [act for step in entry().steps for act in step]

    assert [act.verb for act in acts] == ["register", "get", "close", "get", "message", "delete"]
    assert (acts[0].more, acts[1].room, acts[4].text) == ('{"department": "x"}', "{room}", '"a \\"b\\""')


def test_a_shorter_story_replaces_a_longer_one(tmp_path: Path) -> None:
    list(save([entry()], tmp_path))

    assert list(save([entry(lines=LINES[:1])], tmp_path)) != []
    assert list(save([entry()], tmp_path)) == []
    assert load_entry(tmp_path) == [entry(lines=LINES[:1])]


def test_runs_side_by_side_never_read_half_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[CorpusEntry]] = []
    moved = Path.replace

    def looked(path: Path, place: Path) -> Path:
        seen.append(load_entry(tmp_path))
        return moved(path, place)

    monkeypatch.setattr(Path, "replace", looked)
    list(save([entry()], tmp_path))

    assert seen == [[]]
    assert load_entry(tmp_path) == [entry()]


def test_the_newest_that_fit_are_chosen(tmp_path: Path) -> None:
    fitting = [entry(f"s{n}", ("register {known visitor}",) * 5, run=f"2026-{n}") for n in range(9)]
    list(save([*fitting, entry("long", ("register {known visitor}",) * 99, run="2027")], tmp_path))

    found = chosen(tmp_path, ROOM, PROFILES["gate"])

    assert [each.run for each in found.entries] == ["2026-8", "2026-7", "2026-6", "2026-5"]
    assert (found.cost, found.phrase) == ((0, 20, 0), "4 of 10 entries replayed")


def test_entries_of_another_operation_are_left_out(tmp_path: Path) -> None:
    list(save([entry()], tmp_path))

    assert chosen(tmp_path, ROOM, PROFILES["full"]).of == 1
    assert chosen(tmp_path, type(ROOM)("get", "/api/v1/livechat/config"), PROFILES["full"]).of == 0


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert load_entry(tmp_path / "none") == []


@pytest.mark.parametrize(
    "line",
    [
        "DELETE /api/v1/livechat/visitor/x",
        "close kCJDd5peKiZnGJLPq of {known visitor}",
        "delete someone",
        "GET /api/v1/livechat/room?token={known visitor, upside down}",
        "GET /api/v1/livechat/room?token={somebody}",
        "GET https://example.org/",
        'message {room} of {known visitor}: "',
        'register {known visitor} with {"token": "undefined"}',
        'register {known visitor} with {"email": "somebody@example.com"}',
        "",
    ],
)
def test_other_steps_are_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps(entry(lines=(line,)).to_json()))

    with pytest.raises(UsageError, match=r"a\.json is no entry of a corpus"):
        load_entry(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "x"}', "[" * 9999, "null"])
def test_other_files_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)

    with pytest.raises(UsageError, match=r"a\.json is (no entry of a corpus|not JSON)"):
        load_entry(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "corpus").write_text("x")

    with pytest.raises(UsageError, match="is not a folder"):
        load_entry(tmp_path / "corpus")


@pytest.mark.parametrize(
    "line",
    [
        "GET /api/v1/livechat/room?token=€",
        "GET /api/v1/livechat/room?token=\ud800",
        "GET /api/v1/livechat/room?token=a\rX-Other: b",
        "GET /api/v1/livechat/room?token=a b",
        "GET /api/v1/livechat/room?token=a\x7f",
        'message {room} of {known visitor}: "\\ud800"',
        'message {room} of {known visitor}: "' + "\ud800" + '"',
        'register {known visitor} with {"department": ' + "[" * 900 + "]" * 900 + "}",
        'register {known visitor} with {"email": "somebody@example.org"}',
        "GET /api/v1/livechat/room?token={known visitor, cut to " + "1" * 5000 + " letters}",
    ],
)
def test_a_step_that_no_request_can_hold_is_refused(tmp_path: Path, line: str) -> None:
    content = {**entry().to_json(), "steps": [line]}
    (tmp_path / "a.json").write_text(json.dumps(content))

    with pytest.raises(UsageError, match=r"a\.json is no entry of a corpus"):
        load_entry(tmp_path)
