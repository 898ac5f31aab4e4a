"""Personal data of a capture: what goes, what stays, and that the rest of a body is not touched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rocketchat_contract.record.personal import Personal


def masked(content: object) -> object:
    """A body's content with stand-ins."""
    return json.loads(Personal().body(json.dumps(content)))


@pytest.mark.parametrize("name", ["name", "fname", "username", "alias"])
def test_names_go(name: str) -> None:
    assert masked({name: "Zoe"}) == {name: "name 1"}


def test_addresses_go_wherever_they_stand() -> None:
    assert masked({"visitorEmails": [{"address": "zoe@example.com"}], "topic": "of zoe@example.com"}) == {
        "visitorEmails": [{"address": "address1@example.invalid"}],
        "topic": "text 1",
    }


def test_an_address_within_an_error_goes() -> None:
    assert "zoe@" not in Personal().mails("no such visitor: zoe@example.com")


def test_phone_numbers_go() -> None:
    assert masked({"phone": [{"phoneNumber": "+49 30 1"}]}) == {"phone": [{"phoneNumber": "+0000000001"}]}


def test_what_people_wrote_goes_at_any_depth_of_a_message() -> None:
    message = {"msg": "hello", "md": [{"type": "PARAGRAPH", "value": [{"type": "PLAIN_TEXT", "value": "hello"}]}]}

    assert masked({"lastMessage": message}) == {
        "lastMessage": {
            "msg": "text 1",
            "md": [{"type": "PARAGRAPH", "value": [{"type": "PLAIN_TEXT", "value": "text 1"}]}],
        }
    }


def test_custom_fields_go_as_a_whole() -> None:
    assert masked({"livechatData": {"iban": "DE1", "_id": "keeps"}}) == {
        "livechatData": {"iban": "text 1", "_id": "keeps"}
    }


def test_what_a_judgement_needs_stays() -> None:
    room = {"_id": "R1", "t": "l", "open": True, "msgs": 7, "ts": "2026-05-04T10:00:01.000Z", "v": {"token": "T"}}

    assert masked(room) == room


def test_the_same_text_has_the_same_stand_in_in_every_body() -> None:
    personal = Personal()

    assert personal.body('{"name":"Zoe"}') == personal.body('{"fname":"Zoe"}').replace("fname", "name")
    assert personal.masked == {"names": 1}


def test_different_texts_have_different_stand_ins() -> None:
    assert masked({"name": "Zoe", "fname": "Ann"}) == {"name": "name 1", "fname": "name 2"}


def test_empty_texts_stay_empty() -> None:
    assert masked({"msg": ""}) == {"msg": ""}


def test_a_name_in_escapes_is_the_same_name() -> None:
    personal = Personal()

    assert personal.body(r'{"name": "Zo\u0065"}') == personal.body('{"name": "Zoe"}')


def test_a_parameter_goes_by_its_name() -> None:
    personal = Personal()

    assert personal.value("name", "Zoe") == "name 1"
    assert personal.value("rid", "Zoe") == "Zoe"


@pytest.mark.parametrize(
    "text", ['{"name": "Zoe"', '{"name" : "Zoe"}}}', '{"a":1,"a":2,"name":"Zoe"}', '[{"name":"Zoe"}']
)
def test_a_body_that_is_odd_stays_as_odd(text: str) -> None:
    assert Personal().body(text) == text.replace("Zoe", "name 1")


@given(st.text())
def test_any_text_can_be_masked(text: str) -> None:
    Personal().body("{" + text)


def test_thousands_of_levels_are_no_matter() -> None:
    deep = '{"name":' * 9000 + '"Zoe"' + "}" * 9000

    assert Personal().body(deep) == deep.replace("Zoe", "name 1")
