"""Names for visitors and rooms, and what drivers do to them, said and done again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.corpus.words import PLACEHOLDER, Forms, NameTable, done
from rocketchat_contract.record.redactor import Mask

RUN = "ab12cd34"
TOKEN = f"rcc{RUN}QwErTyUiOpAsDfGhJkLz"
ROOM = "kCJDd5peKiZnGJLPq"


def told(text: str, known: str = "1", seen: str = "12") -> str:
    return NameTable(Forms([ROOM]), known, seen).renamed(text)


@pytest.mark.parametrize(
    ("deed", "made"),
    [
        (None, TOKEN),
        ("in capitals", TOKEN.upper()),
        ("in small letters", TOKEN.lower()),
        ("in the other case", TOKEN.swapcase()),
        ("without its first letter", TOKEN[1:]),
        ("without its last letter", TOKEN[:-1]),
        ("cut to 19 letters", TOKEN[:19]),
    ],
)
def test_what_the_mask_names_is_said_and_can_be_done_again(deed: str | None, made: str) -> None:
    mask = Mask(RUN)
    mask.add_token(TOKEN)

    said = told(mask.text(made))

    assert said == ("{known visitor}" if deed is None else f"{{known visitor, {deed}}}")
    assert done(deed, TOKEN) == made


def test_what_stands_behind_a_token_stays() -> None:
    assert told("token=${RC_TOKEN_1}x&a=b") == "token={known visitor}x&a=b"


def test_each_part_has_its_name() -> None:
    assert told("$RC_TOKEN_1 $RC_TOKEN_2 $RC_TOKEN_3") == "{known visitor} {unknown visitor} {another visitor}"


def test_several_of_a_kind_are_counted() -> None:
    assert (
        told("$RC_TOKEN_1 $RC_TOKEN_2 $RC_TOKEN_1", known="12") == "{known visitor} {known visitor 2} {known visitor}"
    )


@pytest.mark.parametrize(
    ("rid", "said"),
    [
        (ROOM, "{room}"),
        (ROOM.swapcase(), "{room, in the other case}"),
        (ROOM[:12], "{room, cut to 12 letters}"),
        (f"{ROOM}x", "{room}x"),
        (f"%20{ROOM}%20", "%20{room}%20"),
        ("rccNoSuchRoomHere1", "rccNoSuchRoomHere1"),
    ],
)
def test_rooms_have_names(rid: str, said: str) -> None:
    assert told(f"rid={rid}") == f"rid={said}"


@given(st.text("ab{}, known visitor1", max_size=30))
def test_text_of_others_is_never_a_name(text: str) -> None:
    assert PLACEHOLDER.search(told(text)) is None
