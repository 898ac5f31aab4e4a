"""``replay``: what it prints and the codes it ends with."""

from __future__ import annotations

import re
from pathlib import Path

from support.live import Command

CALLS = Path(__file__).parents[1] / "data" / "real" / "calls"


def test_an_edition_answers_as_its_release_did(suite: Command) -> None:
    ended = suite("replay", str(CALLS / "8.6.1.jsonl.gz"), "--edition", "8.6")

    assert ended.code == 0
    assert re.fullmatch("454 calls replayed, \\d+ differ, 0 of them without a reason\n", ended.out)


def test_differences_are_told_by_the_name_of_the_call(suite: Command) -> None:
    ended = suite("replay", str(CALLS / "7.2.0-limiter.jsonl.gz"), "--edition", "7.10")

    assert ended.code == 1
    assert "malformed % (line 21): status: really 500, here 400\n" in ended.out
    assert ended.out.endswith(" without a reason\n")


def test_reasons_are_shown_on_request(suite: Command) -> None:
    ended = suite("replay", str(CALLS / "7.2.0-limiter.jsonl.gz"), "--edition", "7.2", "--all")

    assert ended.code == 0
    assert "malformed % (line 21): status: really 500, here no answer [These calls were made to" in ended.out


def test_an_edition_that_does_not_exist(suite: Command) -> None:
    ended = suite("replay", str(CALLS / "8.6.1.jsonl.gz"), "--edition", "9")

    assert ended.code == 2
    assert "There is no edition '9'." in ended.err


def test_a_file_that_does_not_exist(suite: Command) -> None:
    ended = suite("replay", "nowhere.jsonl")

    assert (ended.code, ended.out) == (2, "")
    assert "The file of named calls nowhere.jsonl cannot be read" in " ".join(ended.err.split())


def test_the_help_fits_80_columns(suite: Command) -> None:
    ended = suite("replay", "--help")

    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= 80
