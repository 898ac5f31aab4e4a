from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.report.plain import encodable, sentence, shortened_text, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\r\nb", r"a\r\nb"),
        ("\u202eevil", r"\u202eevil"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("Grüße 😀", "Grüße 😀"),
    ],
)
def test_what_cannot_be_seen_becomes_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_stay_lines_where_they_are_wanted() -> None:
    assert visible("a\n\tb\x00", lines=True) == "a\n\tb\\x00"


@given(st.text())
def test_visible_text_is_printable_utf_8(text: str) -> None:
    assert visible(text).isprintable()
    assert visible(text).encode("utf-8").decode("utf-8") == visible(text)


@given(st.text())
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)


def test_a_cut_text_tells_its_length() -> None:
    assert shortened_text("x" * 1_000_000, 3) == "xxx… (1,000,000 characters)"


def test_a_sentence_of_a_huge_body_is_short() -> None:
    assert len(sentence("\x00" * 50_000_000)) < 2000


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1", "no-such-encoding"])
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_encodable_text_can_be_written(encoding: str, text: str) -> None:
    known = encoding if encoding != "no-such-encoding" else "ascii"
    assert encodable(text, encoding).encode(known) is not None


def test_signs_have_a_plain_form() -> None:
    assert encodable("✓ kept · ✗ broken …", "cp1252") == "+ kept · x broken …"
    assert encodable("✓ kept · ✗ broken …", "ascii") == "+ kept | x broken ..."


def test_every_character_has_a_form() -> None:
    everything = "".join(chr(code) for code in range(sys.maxunicode + 1))
    assert visible(everything).isprintable()
