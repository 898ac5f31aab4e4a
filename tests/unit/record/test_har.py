"""HAR files of browsers, proxies and test tools, read as exchanges."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.errors import UsageError
from rocketchat_contract.record import har_file
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.har import Capture, read_har
from rocketchat_contract.record.har_file import is_har
from support.hars import ANNAS, BASE, Entry, entries, entry, other, write_har
from support.histories import (
    ANNA,
    BERT,
    between,
    call,
    closed,
    created,
    deleted,
    in_order,
    refused,
    registered,
    returned,
    said,
    unanswered,
)

Reading = Callable[..., Capture]


@pytest.fixture
def captured(tmp_path: Path) -> Reading:
    """Writes entries to a file and reads it."""

    def read(*found: Entry, creator: str = "WebInspector", target: str | None = None) -> Capture:
        return read_har(write_har(tmp_path / "a.har", found, creator), target, keep_personal=True)

    return read


def one(capture: Capture) -> Exchange:
    assert len(capture.exchanges) == 1
    return capture.exchanges[0]


def test_calls_become_what_a_run_records(captured: Reading) -> None:
    calls = in_order([registered(ANNA), created(ANNA, "R1"), said(ANNA, "R1"), closed(ANNA, "R1"), deleted(ANNA)])

    found = captured(*map(entry, calls)).exchanges

    assert [(each.request.method, each.request.target) for each in found] == [
        (each.request.method, each.request.target) for each in calls
    ]
    assert [each.response.body for each in found if each.response] == [
        each.response.body for each in calls if each.response
    ]
    assert [each.ended - each.started for each in found] == [each.ended - each.started for each in calls]


def test_the_operation_is_found_below_a_sub_path(captured: Reading) -> None:
    capture = captured(*entries(created(ANNA, "R1"), base="https://example.com/support/chat"))

    assert capture.base == "https://example.com/support/chat"
    assert one(capture).request.target == f"/api/v1/livechat/room?token={ANNA}"


def test_other_traffic_is_counted_and_left_out(captured: Reading) -> None:
    preflight = other(f"{BASE}/api/v1/livechat/room", "OPTIONS")
    capture = captured(other(), *entries(created(ANNA, "R1")), preflight)

    assert len(capture.exchanges) == 1
    assert (capture.entries, capture.ignored) == (3, {"other traffic": 2})


def test_calls_of_two_servers_ask_for_a_choice(captured: Reading) -> None:
    found = [*entries(created(ANNA, "R1")), *entries(created(ANNA, "R2"), base="http://staging.example.com:3000")]

    with pytest.raises(UsageError, match="2 servers") as refusal:
        captured(*found)

    assert "--target" in refusal.value.next_step


def test_a_chosen_server_is_judged_alone(captured: Reading) -> None:
    found = [*entries(created(ANNA, "R1")), *entries(created(ANNA, "R2"), base="http://staging.example.com:3000")]

    capture = captured(*found, target="http://STAGING.example.com:3000/")

    assert capture.base == "http://staging.example.com:3000"
    assert capture.ignored == {"calls of another server": 1}


def test_a_server_that_was_not_called_is_refused(captured: Reading) -> None:
    with pytest.raises(UsageError, match="no call of"):
        captured(*entries(created(ANNA, "R1")), target="https://elsewhere.example.com")


def test_the_usual_port_is_the_same_server(captured: Reading) -> None:
    found = [*entries(created(ANNA, "R1")), *entries(returned(ANNA, "R1"), base="https://chat.example.com:443")]

    assert len(captured(*found).exchanges) == 2


def test_no_token_is_left_anywhere(captured: Reading) -> None:
    calls = [registered(ANNA), created(ANNA, "R1"), said(ANNA, "R1"), closed(ANNA, "R1"), deleted(ANNA)]
    found = entries(*calls)
    found[1]["response"]["headers"].append({"name": "Link", "value": f"</room?token={ANNAS}>"})
    found[1]["request"]["headers"].append({"name": "User-Agent", "value": f"bot {ANNAS}"})

    told = json.dumps([each.to_json() for each in captured(*found).exchanges])

    assert ANNAS not in told
    assert "rc_token" not in told


def test_visitors_keep_their_names_apart(captured: Reading) -> None:
    found = captured(*entries(created(ANNA, "R1"), created(BERT, "R2"), returned(ANNA, "R1"))).exchanges

    assert [each.visitor for each in found] == [ANNA, BERT, ANNA]


def test_a_token_in_percent_code_is_the_same_token(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"), returned(ANNA, "R1"))
    found[1]["request"]["url"] = found[1]["request"]["url"].replace("-", "%2D")

    assert [each.visitor for each in captured(*found).exchanges] == [ANNA, ANNA]


def test_a_token_that_is_a_word_changes_no_other_word(captured: Reading) -> None:
    body = {"room": {"_id": "visitor", "v": {"token": "visitor"}}, "visitor": "visitor", "success": True}
    found = one(captured(*entries(call("token=visitor", body=body))))

    assert found.request.target.endswith("?token=$RC_TOKEN_1")
    assert found.response is not None
    assert found.response.body == json.dumps(body).replace('"token": "visitor"', '"token": "$RC_TOKEN_1"')


@pytest.mark.parametrize("token", ["%00", "a%20b", "%C3%A4", "x" * 200])
def test_what_is_no_token_keeps_its_looks(token: str, captured: Reading) -> None:
    assert one(captured(*entries(call(f"token={token}", 400, {})))).request.target.endswith(f"?token={token}")


def test_every_parameter_named_token_is_masked(captured: Reading) -> None:
    found = one(captured(*entries(call(f"token[]={ANNA}&token={ANNA}&rid=x", 400, {}))))

    assert found.request.target.endswith(f"?token[]={ANNA}&token={ANNA}&rid=x")


def test_credentials_are_not_kept(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"))
    found[0]["request"]["headers"] += [
        {"name": "X-Auth-Token", "value": "canary"},
        {"name": "Authorization", "value": "Bearer canary"},
    ]
    found[0]["response"]["headers"].append({"name": "Set-Cookie", "value": "rc_token=canary"})

    assert "canary" not in json.dumps(one(captured(*found)).to_json())


def test_a_body_in_base64_is_decoded(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"))
    content = found[0]["response"]["content"]
    content |= {"text": base64.b64encode(content["text"].encode()).decode(), "encoding": "base64"}

    response = one(captured(*found)).response

    assert response is not None
    assert response.body is not None
    assert f'"token": "{ANNA}"' in response.body


def test_bytes_that_are_no_text_stay_bytes(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"))
    found[0]["response"]["content"] |= {"text": base64.b64encode(b"\xff\xfe").decode(), "encoding": "base64"}

    response = one(captured(*found)).response

    assert response is not None
    assert (response.body, response.raw) == (None, b"\xff\xfe")


@pytest.mark.parametrize(
    "content", [{"size": 658}, {"size": -1}, {"size": 9, "text": "{", "comment": "Body truncated"}]
)
def test_a_body_that_was_not_captured_is_no_answer(content: dict[str, Any], captured: Reading) -> None:
    found = entries(created(ANNA, "R1"))
    found[0]["response"]["content"] = content

    exchange = one(captured(*found))

    assert exchange.response is None
    assert exchange.failure is not None
    assert exchange.failure.detail == "status 200, but its body was not captured"


def test_an_empty_body_is_an_answer(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"))
    found[0]["response"]["content"] = {"size": 0}

    response = one(captured(*found)).response

    assert response is not None
    assert response.body == ""


@pytest.mark.parametrize("status", [0, -1, None])
def test_a_call_without_answer_may_have_taken_effect(status: int | None, captured: Reading) -> None:
    found = entries(unanswered(created(ANNA, "R1")))
    found[0]["response"]["status"] = status

    failure = one(captured(*found)).failure

    assert failure is not None
    assert (failure.kind, failure.sent, failure.detail) == ("stopped", True, "net::ERR_ABORTED")


def test_a_media_type_stands_in_for_its_header(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"))
    found[0]["response"]["headers"] = []

    response = one(captured(*found)).response

    assert response is not None
    assert response.header("content-type") == "application/json"


def test_pseudo_headers_are_no_headers(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"))
    found[0]["response"]["headers"].append({"name": ":status", "value": "200"})

    response = one(captured(*found)).response

    assert response is not None
    assert response.header(":status") is None


def test_a_duration_is_the_sum_of_its_parts_where_time_is_silent(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"))
    found[0] |= {"time": -1, "timings": {"blocked": 2, "dns": -1, "connect": 5, "ssl": 4, "send": 1, "wait": 3.5}}

    assert one(captured(*found)).ended == 11_500_000


def test_without_a_duration_a_call_lasts_until_the_end(captured: Reading) -> None:
    found = entries(between(0, 10, created(ANNA, "R1")), between(20, 90, returned(ANNA, "R1")))
    del found[0]["time"], found[0]["timings"]

    first, second = captured(*found).exchanges

    assert first.ended == second.ended == 90_000_000


def test_entries_are_put_in_the_order_of_their_starts(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"), returned(ANNA, "R1"))

    exchanges = captured(*reversed(found)).exchanges

    assert [each.why for each in exchanges] == ["entry 2 of a.har", "entry 1 of a.har"]
    assert [each.number for each in exchanges] == [1, 2]


def test_times_of_all_zones_are_one_time(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"), returned(ANNA, "R1"))
    found[0]["startedDateTime"] = "2026-11-22T16:30:00.000+01:00"
    found[1]["startedDateTime"] = "2026-11-22T15:30:00.250Z"

    assert captured(*found).exchanges[1].started == 250_000_000


def test_schemathesis_notes_the_moment_of_the_answer(captured: Reading) -> None:
    found = entries(between(100, 140, created(ANNA, "R1")), between(150, 160, returned(ANNA, "R1")))

    first, second = captured(*found, creator="harfile").exchanges

    assert (first.started, first.ended) == (0, 40_000_000)
    assert (second.started, second.ended) == (80_000_000, 90_000_000)


def test_answers_of_the_browsers_cache_are_left_out(captured: Reading) -> None:
    found = entries(created(ANNA, "R1"), returned(ANNA, "R1"), returned(ANNA, "R1"))
    found[1]["_fromCache"] = "disk"
    found[2]["response"]["headers"].append({"name": "Non-Authoritative-Reason", "value": "HSTS"})

    assert captured(*found).ignored == {"answers out of the browser's own cache": 2}


@pytest.mark.parametrize("written", ["[Filtered]", "%5BFiltered%5D", "REDACTED", "***"])
def test_a_redacted_token_is_that_of_the_room_that_came_back(written: str, captured: Reading) -> None:
    found = entries(created(ANNA, "R1"), refused(BERT))
    found[0]["request"]["url"] = f"{BASE}/api/v1/livechat/room?token={written}"
    found[1]["request"]["url"] = f"{BASE}/api/v1/livechat/room?token={written}"

    capture = captured(*found)

    assert [each.visitor for each in capture.exchanges] == [ANNA, BERT]
    assert capture.redacted == 2


def test_the_file_is_named_by_its_hash_and_its_maker(captured: Reading) -> None:
    capture = captured(*entries(created(ANNA, "R1")), creator="mitmproxy")

    assert (capture.name, capture.creator, len(capture.sha256)) == ("a.har", "mitmproxy 1", 64)
    assert capture.started == "2026-11-22T15:30:00.001Z"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = write_har(tmp_path / "a.har", entries(created(ANNA, "R1")))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert is_har(path)
    assert len(read_har(path).exchanges) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "no log"),
        ('{"log": {}}', "no log"),
        ('{"log": {"entries": {}}}', "no log"),
        ('{"log": {"entries": [7]}}', "entry 1"),
        ('{"log": {"entries": [{"request": {"url": "http://x/api/info", "method": "GET"}}]}}', "entry 1"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_har_is_refused_with_the_reason(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text(text)

    with pytest.raises(UsageError, match=reason):
        read_har(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_har(tmp_path / "none.har")


def test_a_capture_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har_file, "_MOST_BYTES", 1024**2)
    path = tmp_path / "a.har"
    path.write_bytes(b" " * 1024**2 + b"{}")

    with pytest.raises(UsageError, match="larger than 1 MiB"):
        read_har(path)


def test_a_record_is_no_har(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    path.write_text('{"type":"header","format":1,"log":{}}\n')

    assert not is_har(path)
    assert not is_har(tmp_path / "missing")


strange = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([]) | st.just({})


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_entry_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    found = entries(registered(ANNA), created(ANNA, "R1"))
    place: Any = found[data.draw(st.sampled_from([0, 1]))]
    while True:
        name = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not place[name] or not isinstance(place[name], (dict, list)) or data.draw(st.booleans()):
            break
        place = place[name]
    place[name] = data.draw(strange)
    path = tmp_path_factory.getbasetemp() / "changed.har"

    try:
        capture = read_har(write_har(path, found))
    except UsageError:
        return

    assert [Exchange.from_json(each.to_json()) for each in capture.exchanges] == list(capture.exchanges)


def test_exchanges_of_a_capture_are_masked_already(captured: Reading) -> None:
    once = captured(*entries(created(ANNA, "R1"))).exchanges[0]

    assert captured(*entries(replace(once, number=0))).exchanges[0].request == once.request
