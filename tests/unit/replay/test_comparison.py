from __future__ import annotations

from typing import Any

import pytest

from rocketchat_contract.replay.calls import CLOSED, NO_ANSWER, NamedAnswer
from rocketchat_contract.replay.comparison import answer_pairs, compare_answers

ID, OTHER_ID, THIRD_ID = "SWhxLhi3ioSAbCSfT", "rwL6qdAEf6kbWBhPL", "qY2oqxdjKopQJR7Hq"


def answer(body: Any, status: int = 200, **headers: str) -> NamedAnswer:
    return NamedAnswer(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def places(real: NamedAnswer, replayed: NamedAnswer, **known: str) -> list[str]:
    return [difference.place for difference in compare_answers(real, replayed, known).differences]


@pytest.mark.parametrize(
    ("real", "replayed", "place"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, "body, members"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "body, order"),
        ({"a": None}, {"a": "x"}, "body.a, type"),
        ({"a": True}, {"a": 1}, "body.a, type"),
        ({"error": "invalid-room"}, {"error": "invalid-token"}, "body.error"),
        ({"a": [1, 2]}, {"a": [1]}, "body.a, length"),
        ({"a": [{"b": "x"}]}, {"a": [{"b": "y"}]}, "body.a[0].b"),
        ({"msgs": 3}, {"msgs": 4}, "body.msgs"),
        ({"newRoom": True}, {"newRoom": False}, "body.newRoom"),
    ],
)
def test_what_differs_has_its_place(real: Any, replayed: Any, place: str) -> None:
    assert places(answer(real), answer(replayed)) == [place]


@pytest.mark.parametrize(
    ("real", "replayed"),
    [
        ("2026-11-30T14:51:23.929Z", "2027-01-01T00:00:00.000Z"),
        (ID, OTHER_ID),
        ("guest-12", "guest-3"),
        ("You must wait 60 seconds before", "You must wait 2 seconds before"),
        (1796050356943, 1796050359999),
        (0.088, 0.1),
        ("http://127.0.0.1:3007/x", "http://127.0.0.1/x"),
        ("<!DOCTYPE html>\n<p>", "<!DOCTYPE html>\n<b>"),
    ],
)
def test_what_a_server_draws_is_not_compared(real: Any, replayed: Any) -> None:
    assert places(answer({"a": real}), answer({"a": replayed})) == []


def test_an_id_stands_for_one_other() -> None:
    assert places(answer({"a": ID, "b": ID}), answer({"a": OTHER_ID, "b": THIRD_ID})) == ["body.b, whose"]


def test_an_id_that_is_known_has_to_come_again() -> None:
    assert places(answer({"a": ID}), answer({"a": THIRD_ID}), **{ID: OTHER_ID}) == ["body.a, whose"]


def test_another_status_ends_the_comparison() -> None:
    assert places(answer({"a": 1}), answer({"b": 1}, status=400)) == ["status"]


def test_silence_is_not_a_closed_connection() -> None:
    assert places(NamedAnswer(None, {}, NO_ANSWER), NamedAnswer(None, {}, CLOSED)) == ["status"]
    assert places(NamedAnswer(None, {}, NO_ANSWER), NamedAnswer(None, {}, NO_ANSWER)) == []


def test_headers_that_matter_are_compared() -> None:
    real, replayed = answer({}, content_type="application/json", date="x"), answer({}, content_type="text/html")

    assert places(real, replayed) == ["content-type"]


def test_answers_that_came_together_are_paired_most_alike() -> None:
    won, lost = answer({"newRoom": True}), answer({"error": "taken"}, status=400)

    pairs = list(answer_pairs([lost, won], [won, lost], {}))

    assert [comparison.differences for _, comparison in pairs] == [[], []]
