from __future__ import annotations

import pytest

from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    BERT,
    between,
    call,
    closed,
    created,
    failed,
    finding_of,
    hidden,
    kept,
    outcome,
    refused,
    registered,
    returned,
)

ALIKE = "refused-rids-answer-alike"
KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "room-of-anna"))
BERTS = (registered(BERT), created(BERT, "room-of-bert"))
CLOSED = (*OPEN, closed(ANNA, "room-of-anna"))
UNKNOWN, FOREIGN, OLD = "nobodys-room", "room-of-bert", "room-of-anna"


def with_more(rid: str, **more: object) -> Exchange:
    return call(f"token={ANNA}&rid={rid}", 400, {"success": False, "error": "invalid-room", **more})


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, UNKNOWN)), "kept"),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, UNKNOWN, "other")), "broken"),
        ((*CLOSED, hidden(ANNA, OLD), hidden(ANNA, UNKNOWN, "other")), "broken"),
        ((*CLOSED, *BERTS, hidden(ANNA, OLD), hidden(ANNA, FOREIGN)), "kept"),
        ((*OPEN, hidden(ANNA, UNKNOWN), hidden(ANNA, "another-none", "other")), ""),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), with_more(UNKNOWN, details={})), "broken"),
        ((*OPEN, *BERTS, with_more(FOREIGN, details=1), with_more(UNKNOWN, details=2)), "kept"),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN, f"no {FOREIGN}"), hidden(ANNA, UNKNOWN, f"no {UNKNOWN}")), "kept"),
        (
            (*OPEN, *BERTS, hidden(ANNA, FOREIGN), call(f"token={ANNA}&rid={UNKNOWN}", 404, {"error": "invalid-room"})),
            "broken",
        ),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, UNKNOWN, "Unknown key", x="1")), ""),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, "short", "other")), ""),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, "x" * 65, "other")), ""),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, "a b c d e f", "other")), ""),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, "ROOM-OF-ANNA", "other")), ""),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), refused(ANNA, "other")), ""),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), returned(ANNA, OLD)), ""),
        ((*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, OLD, "other")), ""),
        ((*BERTS, hidden(BERT, UNKNOWN), hidden(ANNA, FOREIGN, "invalid-token")), ""),
        ((*BERTS, KNOWN, failed(created(ANNA, "x")), hidden(BERT, UNKNOWN), hidden(ANNA, FOREIGN, "other")), ""),
    ],
)
def test_refusals_of_rids_are_compared(calls: tuple[Exchange, ...], expected: str) -> None:
    assert outcome(ALIKE, *calls) == expected


def test_overlapping_refusals_are_not_compared() -> None:
    pair = [
        between(1000 + n, 2000, each) for n, each in enumerate([hidden(ANNA, FOREIGN), hidden(ANNA, UNKNOWN, "other")])
    ]

    assert outcome(ALIKE, *OPEN, *BERTS, *pair) == ""


def test_a_difference_is_told() -> None:
    found = finding_of(ALIKE, *OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, UNKNOWN, "not-found"))

    assert found.expected == "status 400, error invalid-room, as for a rid that is foreign"
    assert found.actual == "status 400, error not-found for one that is unknown"
    assert (found.evidence, found.visitor, found.signature) == ((5, 6), ANNA, "foreign/unknown")


def test_further_members_and_rids_are_told() -> None:
    calls = (*OPEN, *BERTS, with_more(FOREIGN, **{"b" * 40: 1, "a": 2}), hidden(ANNA, UNKNOWN, f"no {UNKNOWN} here"))
    found = finding_of(ALIKE, *calls)

    assert found.expected == f"status 400, error invalid-room, also a, also {'b' * 30}, as for a rid that is foreign"
    assert found.actual == "status 400, error no <rid> here for one that is unknown"


def test_the_first_refusal_of_each_cause_is_remembered() -> None:
    calls = (*OPEN, *BERTS, hidden(ANNA, FOREIGN), hidden(ANNA, FOREIGN, "later"), hidden(ANNA, UNKNOWN))

    assert kept(*calls)[ALIKE] == 1
    assert finding_of(ALIKE, *calls, hidden(ANNA, FOREIGN, "later")).evidence == (7, 8)


def test_a_rid_is_taken_out_of_a_text_only_as_a_word() -> None:
    texts = [f"{UNKNOWN}s are gone", f"{FOREIGN}s are gone"]
    calls = (*OPEN, *BERTS, hidden(ANNA, UNKNOWN, texts[0]), hidden(ANNA, FOREIGN, texts[1]))

    assert finding_of(ALIKE, *calls).actual.startswith(f"status 400, error {texts[1]}")


@pytest.mark.parametrize("rid", ["a", "i", "-", "in", "id", "ro"])
def test_a_rid_of_one_or_two_characters_is_in_the_words_of_any_refusal(rid: str) -> None:
    calls = (*OPEN, *BERTS, hidden(ANNA, FOREIGN))

    assert outcome(ALIKE, *calls, hidden(ANNA, rid)) == ""
    assert outcome(ALIKE, *calls, hidden(ANNA, rid, f"no room {rid}")) == ""
    assert outcome(ALIKE, *calls, hidden(ANNA, rid), hidden(ANNA, UNKNOWN)) == "kept"


@pytest.mark.parametrize("text", ["invalid-room", "room nobodys-rooms", "x-nobodys-room", "nobodys_room_1"])
def test_a_rid_inside_a_longer_word_is_no_difference(text: str) -> None:
    assert outcome(ALIKE, *OPEN, *BERTS, hidden(ANNA, FOREIGN, text), hidden(ANNA, UNKNOWN, text)) == "kept"
