"""What a run is asked about: by id, by group, and all but some."""

from __future__ import annotations

import pytest

from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.selection import ALL_ASKED, Selection
from rocketchat_contract.contract.vendored import load_contract
from rocketchat_contract.errors import UsageError

CATALOGUE = load_catalogue(load_contract())
RID = tuple(each.id for each in CATALOGUE if each.group == "rid")


def asked(selection: Selection) -> list[str]:
    return [each.id for each in CATALOGUE if selection.asks(each)]


def test_everything_is_asked_for_at_first() -> None:
    assert len(asked(ALL_ASKED)) == len(CATALOGUE)


def test_a_group_stands_for_its_requirements() -> None:
    assert asked(Selection(only=("rid",))) == list(RID)


def test_what_is_skipped_is_left_out_of_a_group() -> None:
    assert asked(Selection(only=("rid",), skip=(RID[0],))) == list(RID[1:])


def test_what_is_left_out_is_named() -> None:
    assert Selection(skip=(RID[0],)).left_out(CATALOGUE) == (RID[0],)


def test_it_comes_back_from_a_header() -> None:
    selection = Selection(("rid", "wire"), (RID[0],))

    assert Selection.from_json(selection.to_json()) == selection


def test_a_header_without_one_asks_for_everything() -> None:
    assert Selection.from_json(None) == ALL_ASKED


@pytest.mark.parametrize(
    ("selection", "required", "problem", "hint"),
    [
        (Selection(only=("ridd",)), (), "There is no requirement or group 'ridd' (--only).", "Did you mean rid?"),
        (Selection(only=("rid",), skip=("rid",)), (), "--only rid --skip rid asks for no requirement.", "Leave one"),
        (Selection(only=("wire",)), (RID[0],), f"--require {RID[0]} is not asked for with --only wire.", "Leave one"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    selection: Selection, required: tuple[str, ...], problem: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        selection.check(CATALOGUE, required)

    assert refused.value.problem == problem
    assert refused.value.next_step.startswith(hint)
