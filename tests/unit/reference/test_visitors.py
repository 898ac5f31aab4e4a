from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import API, Workspace

Make = Callable[..., Workspace]
VISITOR = API + "livechat/visitor"


def test_a_registration_makes_a_guest(workspace: Make) -> None:
    visitor = workspace().register("t")

    assert (visitor["token"], visitor["username"], visitor["status"]) == ("t", "guest-1", "online")
    assert len(visitor["_id"]) == 24


def test_ids_of_visitors_share_what_the_process_drew(workspace: Make) -> None:
    server = workspace()
    ids = [server.register(token)["_id"] for token in "abc"]

    assert len(set(ids)) == 3
    assert len({visitor_id[8:18] for visitor_id in ids}) == 1


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, "Match error: Missing key 'visitor'"),
        ({"visitor": {}}, "Match error: Missing key 'token' in field visitor"),
        ({"visitor": "x"}, "Match error: Expected object, got string in field visitor"),
        ({"visitor": {"token": 1}}, "Match error: Expected string, got number in field visitor.token"),
        ({"visitor": {"token": "t"}, "x": 1}, "Match error: Unknown key in field x"),
        ({"visitor": {"token": "t", "department": "nowhere"}}, "error-invalid-department"),
    ],
)
def test_malformed_registrations_are_refused(workspace: Make, body: object, error: str) -> None:
    answer = workspace().post(VISITOR, body)

    assert (answer.status, answer.json) == (400, {"success": False, "error": error})


def test_a_blank_token_is_refused(workspace: Make) -> None:
    answer = workspace().post(VISITOR, {"visitor": {"token": " "}})

    assert answer.json == {
        "success": False,
        "error": "Token cannot be empty [error-invalid-token]",
        "errorType": "error-invalid-token",
        "details": {"method": "livechat/visitor"},
    }


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"visitor": NaN}', b"\xff", b""])
def test_a_body_that_is_no_object_counts_as_empty(workspace: Make, body: bytes) -> None:
    answer = workspace().request("POST", VISITOR, body, {"content-type": "application/json"})

    assert answer.json["error"] == "Match error: Missing key 'visitor'"


def test_the_same_token_is_the_same_visitor(workspace: Make) -> None:
    server = workspace()
    first = server.register("t")

    again = server.register("t", name="Mary")

    assert (again["_id"], again["name"]) == (first["_id"], "Mary")


def test_a_phone_number_leads_to_its_owner_and_their_token(workspace: Make) -> None:
    server = workspace()
    server.register("theirs", phone="+15550100")

    assert server.register("mine", phone="+15550100")["token"] == "theirs"


def test_an_email_address_gets_the_newer_token(workspace: Make) -> None:
    server = workspace()
    first = server.register("old", email="mary@example.com")

    again = server.register("new", email="Mary@example.com")

    assert (again["_id"], again["token"]) == (first["_id"], "new")
    assert server.get(f"{VISITOR}/old").status == 400


def test_a_new_name_shows_in_the_open_room(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    server.room(token="t")

    server.register("t", name="Mary")

    assert server.room(token="t").json["room"]["fname"] == "Mary"


def test_a_visitor_is_found_by_token(workspace: Make) -> None:
    server = workspace()
    visitor = server.register("a/b")

    assert server.get(f"{VISITOR}/a%2Fb").json == {"visitor": visitor, "success": True}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_visitor_is_refused_with_the_code_in_brackets(workspace: Make, method: str) -> None:
    answer = workspace().request(method, f"{VISITOR}/nobody")

    assert answer.json == {"success": False, "error": "[invalid-token]", "errorType": "invalid-token"}


def test_a_visitor_with_an_open_room_stays(workspace: Make) -> None:
    server = workspace()
    server.register("t")
    server.room(token="t")

    answer = server.request("DELETE", f"{VISITOR}/t").json

    assert answer["error"] == "Cannot remove visitors with opened rooms [visitor-has-open-rooms]"


def test_a_deletion_erases_rooms_and_frees_the_token(workspace: Make) -> None:
    server = workspace()
    first = server.register("t")
    rid = server.room(token="t").json["room"]["_id"]
    server.close_room("t", rid)

    gone = server.request("DELETE", f"{VISITOR}/t").json["visitor"]

    assert gone["_id"] == first["_id"]
    assert server.app.store.rooms() == []
    assert server.room(token="t").json["error"] == "invalid-token"
    assert server.register("t")["_id"] != first["_id"]


def test_a_setting_lets_open_rooms_go_with_their_visitor(workspace: Make) -> None:
    server = workspace(delete_with_open_rooms=True)
    server.register("t")
    server.room(token="t")

    assert server.request("DELETE", f"{VISITOR}/t").status == 200


def test_deletion_is_forbidden_by_a_setting(workspace: Make) -> None:
    server = workspace(delete_forbidden=True)
    server.register("t")

    assert server.request("DELETE", f"{VISITOR}/t").status == 403


def test_a_visitor_tells_their_status(workspace: Make) -> None:
    server = workspace()
    server.register("t")

    answer = server.post(f"{VISITOR}.status", {"token": "t", "status": "away"})

    assert answer.json == {"token": "t", "status": "away", "success": True}


def test_a_list_for_a_body_is_no_plain_object(workspace: Make) -> None:
    answer = workspace().post(VISITOR, [1])

    assert answer.json["error"] == "Match error: Expected plain object"
