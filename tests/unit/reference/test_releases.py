"""Releases as measured, where the named calls alone would not say what a test is about."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from rocketchat_contract.reference.editions import make_app
from rocketchat_contract.reference.inprocess import InProcessAnswer
from rocketchat_contract.reference.server import serving
from rocketchat_contract.reference.settings import LimitSetting, Settings
from rocketchat_contract.reference.wire import Unanswered

from .conftest import API, Workspace

Make = Callable[..., Workspace]
MEASURED = ("3.4", "6.5", "7.2", "7.2-rest", "8.6")
MALFORMED = ("%", "%zz", "%ff", "%ED%A0%80", "%E0%A4%A")


def together(server: Workspace, *calls: tuple[str, str, bytes]) -> list[InProcessAnswer]:
    """Send calls at once."""

    async def all_of_them() -> list[InProcessAnswer]:
        kind = {"content-type": "application/json"}
        return list(await asyncio.gather(*(server.send(*call, kind) for call in calls)))

    return asyncio.run(all_of_them())


def raced(server: Workspace, token: str, calls: int) -> list[InProcessAnswer]:
    """Ask for a room at once."""
    return together(server, *[("GET", f"{API}livechat/room?token={token}", b"")] * calls)


# races


@pytest.mark.parametrize("edition", ["3.4", "6.5", "7.2"])
def test_each_overlapping_call_makes_a_room(workspace: Make, edition: str) -> None:
    server = workspace(edition=edition)
    server.register("anna")

    rooms = {answer.json["room"]["_id"] for answer in raced(server, "anna", 5)}

    assert len(rooms) == 5


def test_one_call_wins_in_8_6_and_all_others_are_refused(workspace: Make) -> None:
    server = workspace(edition="8.6")
    server.register("anna")

    answers = raced(server, "anna", 8)

    assert sorted(answer.status for answer in answers) == [200] + [400] * 7
    assert all("E11000" in answer.json["error"] for answer in answers if answer.status == 400)
    assert server.room(token="anna").json["newRoom"] is False


@pytest.mark.parametrize(("edition", "statuses"), [("6.5", [200] * 4), ("7.2", [200, 400, 400, 400])])
def test_racing_registrations(workspace: Make, edition: str, statuses: list[int]) -> None:
    server = workspace(edition=edition)

    answers = together(server, *[("POST", f"{API}livechat/visitor", b'{"visitor": {"token": "anna"}}')] * 4)

    assert sorted(answer.status for answer in answers) == statuses
    assert len(server.app.store.visitors()) == statuses.count(200)


@pytest.mark.parametrize(
    ("edition", "lost"),
    [("6.5", None), ("7.2", "Error removing inquiry"), ("8.6", "error-room-cannot-be-closed-try-again")],
)
def test_closing_twice_at_once(workspace: Make, edition: str, lost: str | None) -> None:
    server = workspace(edition=edition)
    server.register("anna")
    rid = server.room(token="anna").json["room"]["_id"]
    body = f'{{"token": "anna", "rid": "{rid}"}}'.encode()

    won, other = sorted(
        together(server, *[("POST", f"{API}livechat/room.close", body)] * 2), key=lambda answer: answer.status
    )

    assert won.status == 200
    assert other.json.get("error") == lost


def test_a_room_that_outlives_its_visitor_is_nobodys_to_close_in_7_2(workspace: Make) -> None:
    server = workspace(edition="7.2")
    server.register("anna")
    call, deletion = ("GET", f"{API}livechat/room?token=anna", b""), ("DELETE", f"{API}livechat/visitor/anna", b"")

    refused, deleted = together(server, call, deletion)
    server.register("anna")
    rid = server.room(token="anna").json["room"]["_id"]

    assert (refused.status, deleted.status) == (400, 200)
    assert server.close_room("anna", rid).json["error"] == "Error removing inquiry"
    assert server.request(*deletion[:2]).json["errorType"] == "visitor-has-open-rooms"


def test_a_room_of_a_deleted_visitor_stays_in_8_6(workspace: Make) -> None:
    server = workspace(edition="8.6")
    server.register("anna")
    together(server, ("GET", f"{API}livechat/room?token=anna", b""), ("DELETE", f"{API}livechat/visitor/anna", b""))
    server.register("anna")
    rid = server.room(token="anna").json["room"]["_id"]
    server.close_room("anna", rid)

    assert server.request("DELETE", f"{API}livechat/visitor/anna").status == 200
    assert [room["_id"] for room in server.app.store.rooms()] == [rid]


def test_an_unknown_priority_is_refused_behind_a_room_in_7_2(workspace: Make) -> None:
    server = workspace(edition="7.2")
    server.register("anna")

    refused = server.room(token="anna", priority="urgent").json
    later = server.room(token="anna").json

    assert refused["errorType"] == "error-invalid-priority"
    assert later["newRoom"] is False


# what a database leaves of members without a value


def test_the_one_who_began_a_chat_has_no_name_in_8_6(workspace: Make) -> None:
    server = workspace(edition="8.6")
    server.register("anna")

    assert server.room(token="anna").json["room"]["lastMessage"]["u"]["name"] is None


def test_what_has_no_value_is_left_out_where_the_database_is_told_so(workspace: Make) -> None:
    server = workspace(edition="8.6", ignore_undefined=True)
    server.register("anna")
    room = server.room(token="anna").json["room"]
    message = server.say("anna", room["_id"], "a \U0001f600\n\nb").json["message"]

    assert "name" not in room["lastMessage"]["u"]
    assert "null" not in str(message)


# the wire


@pytest.mark.parametrize("malformed", MALFORMED)
@pytest.mark.parametrize("edition", ["3.4", "6.5", "7.2"])
def test_malformed_encodings_are_never_answered(workspace: Make, edition: str, malformed: str) -> None:
    with pytest.raises(Unanswered, match="never answered"):
        workspace(edition=edition).raw_room(f"token={malformed}")


@pytest.mark.parametrize("malformed", MALFORMED)
def test_malformed_encodings_are_a_server_error_of_the_rest_stack(workspace: Make, malformed: str) -> None:
    answer = workspace(edition="7.2-rest").raw_room(f"token={malformed}")

    assert (answer.status, answer.header("content-type")) == (500, "text/html; charset=utf-8")


@pytest.mark.parametrize("malformed", MALFORMED)
def test_malformed_encodings_are_unknown_tokens_in_8_6(workspace: Make, malformed: str) -> None:
    assert workspace(edition="8.6").raw_room(f"token={malformed}").json["error"] == "invalid-token"


@pytest.mark.parametrize(("edition", "length"), [("3.4", 9_000), ("6.5", 17_000), ("7.2", 17_000), ("8.6", 17_000)])
def test_long_requests_find_the_connection_closed(workspace: Make, edition: str, length: int) -> None:
    with pytest.raises(Unanswered, match="closed"):
        workspace(edition=edition).raw_room(f"token={'x' * length}")


@pytest.mark.parametrize("edition", ["6.5", "7.2"])
def test_signs_in_a_path_stay_coded(workspace: Make, edition: str) -> None:
    server = workspace(edition=edition)
    server.register("a+b@c")

    coded = server.request("DELETE", f"{API}livechat/visitor/a%2Bb%40c")
    raw = server.request("DELETE", f"{API}livechat/visitor/a+b@c")

    assert (coded.json["error"], raw.status) == ("[invalid-token]", 200)


def over_a_socket(edition: str, request: str) -> bytes:
    """Send a request as it stands, and read until the server closes."""
    with serving(make_app(Settings(edition=edition))) as url:
        at = urlsplit(url)
        with socket.create_connection((at.hostname, at.port), timeout=5) as connection:
            connection.sendall(request.encode())
            return connection.recv(4096)


@pytest.mark.parametrize("edition", MEASURED)
@pytest.mark.parametrize("line", ["FOO /api/info HTTP/1.1", f"GET /api/info?{'x' * 17_000} HTTP/1.1"])
def test_the_connection_is_closed_on_what_node_does_not_read(edition: str, line: str) -> None:
    try:
        answer = over_a_socket(edition, f"{line}\r\nHost: x\r\n\r\n")
    except ConnectionResetError:
        answer = b""

    assert answer == b""


# settings


def told_by(server: Workspace, name: str, value: Any) -> InProcessAnswer:
    """Change a setting as an administrator does."""
    return server.post(f"{API}settings/{name}", {"value": value}, server.login())


@pytest.mark.parametrize("edition", MEASURED)
def test_an_administrator_changes_settings(workspace: Make, edition: str) -> None:
    server = workspace(edition=edition)
    server.register("anna")

    told_by(server, "Livechat_enabled", False)
    off = server.room(token="anna")
    told_by(server, "Livechat_enabled", True)

    assert off.status == 400
    assert server.room(token="anna").status == 200


@pytest.mark.parametrize(("name", "value"), [("Nonsense", True), ("Livechat_enabled", "soon")])
def test_no_other_setting_is_taken(workspace: Make, name: str, value: Any) -> None:
    assert told_by(workspace(), name, value).json == {"success": False}


def test_settings_are_an_administrators(workspace: Make) -> None:
    assert workspace().post(f"{API}settings/Livechat_enabled", {"value": False}).status == 401


def test_an_agent_who_is_named_has_to_be_online_in_6_5(workspace: Make) -> None:
    server = workspace(edition="6.5")
    server.register("anna")
    nobody = server.app.store.user_named("admin")

    answer = server.room(token="anna", agentId=nobody["_id"] if nobody else "")

    assert answer.json["errorType"] == "no-agent-online"


@pytest.mark.parametrize("edition", MEASURED)
def test_no_answer_of_the_limiter_says_when_to_come_back(workspace: Make, edition: str) -> None:
    server = workspace(edition=edition, limit=LimitSetting(5, 60))
    most = 10 if edition in ("3.4", "6.5") else 5

    answers = [server.room(token="nobody") for _ in range(most + 1)]

    assert [answer.status for answer in answers] == [400] * most + [429]
    assert answers[-1].header("retry-after") == ""
    assert set(answers[-1].json) == {"success", "error"}


@pytest.mark.parametrize(("edition", "status"), [("3.4", 404), ("6.5", 404), ("7.2", 404), ("7.2-rest", 200)])
def test_head_and_unknown_paths_get_a_page_that_makes_nothing(workspace: Make, edition: str, status: int) -> None:
    server = workspace(edition=edition)
    server.register("anna")

    answers = [server.request("HEAD", f"{API}livechat/room?token=anna"), server.get("/api/v1/livechat/nothing")]

    assert [(answer.status, answer.header("content-type")) for answer in answers] == [
        (status, "text/html; charset=utf-8")
    ] * 2
    assert server.app.store.rooms() == []
