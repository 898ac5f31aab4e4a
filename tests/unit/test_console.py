"""How lines for people are folded."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.face.console import columns, fold, say_folded

COMMAND = "rocketchat-contract sweep 'my reports/20261122-153000-3f9a1c7e'"


def test_a_long_line_is_folded_below_its_own_indent() -> None:
    assert fold("  one two three four", 11) == "  one two\n    three\n    four"


@pytest.mark.parametrize("text", ["short", "", "a\n\nb", "  indented", f"    {COMMAND}"])
def test_what_fits_or_is_a_command_stays_as_it_is(text: str) -> None:
    assert fold(text, 12 if "rocket" not in text else 20) == text


def test_a_command_that_does_not_fit_beside_its_sentence_gets_a_line_of_its_own() -> None:
    text = f"Something is left on http://127.0.0.1:3000. Try again: {COMMAND}"

    assert fold(text, 80) == f"Something is left on http://127.0.0.1:3000. Try again:\n  {COMMAND}"
    assert fold(text, 200) == text


@given(st.text(st.sampled_from("ab -:"), max_size=120))
def test_folding_loses_no_word(text: str) -> None:
    assert fold(text, 20).split() == text.split()


def test_in_a_pipe_lines_stay_whole(capsys: pytest.CaptureFixture[str]) -> None:
    say_folded("word " * 40, err=True)

    assert capsys.readouterr().err == "word " * 40 + "\n"


def test_a_terminal_is_filled_but_not_beyond_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    terminal = StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)

    assert columns(terminal) == 100
