"""``judge FILE.har``: traffic that a browser, a proxy or another tool has captured."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from rocketchat_contract.reference.server import RunningServer, start_server
from rocketchat_contract.reference.settings import Settings
from support.command import rocketchat_contract
from support.hars import ANNAS, entries, entry, other, write_har
from support.histories import ANNA, created, in_order, registered, returned, shown

TWO_ROOMS = (registered(ANNA), created(ANNA, "R1"), created(ANNA, "R2"))

# A HAR file has whole milliseconds: calls that follow each other at once seem to overlap.
VISIT = """async () => {
  const apart = answer => new Promise(told => setTimeout(() => told(answer), 50));
  const post = (path, body) => fetch('/api/v1/livechat/' + path, {
    method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(body)
  }).then(r => r.json()).then(apart);
  const room = (more = '') => fetch('/api/v1/livechat/room?token=browsers-token-1' + more)
    .then(r => r.json()).then(apart);
  await post('visitor', {visitor: {token: 'browsers-token-1', name: 'Mary'}});
  const first = await room();
  const second = await room();
  await room('&rid=' + first.room._id);
  await post('message', {token: 'browsers-token-1', rid: second.room._id, msg: 'hello'});
  await post('room.close', {token: 'browsers-token-1', rid: second.room._id});
  await room();
  await (await fetch('/api/v1/livechat/room')).text();
  await fetch('/nothing/here').then(r => r.text());
}"""

Browsing = Callable[[RunningServer], Path]


@pytest.fixture
def browsed(browser: Any, tmp_path: Path) -> Browsing:
    """Lets headless Chromium visit a server, and answers the HAR file that it recorded."""

    def browse(server: RunningServer) -> Path:
        path = tmp_path / "chromium.har"
        context = browser.new_context(record_har_path=path)
        page = context.new_page()
        page.goto(f"{server.url}/api/info")
        page.evaluate(VISIT)
        context.close()
        return path

    return browse


def outcomes(folder: Path) -> dict[str, str]:
    report = json.loads((folder / "report.json").read_text("utf-8"))
    return {row["id"]: row["outcome"] for row in report["requirements"]}


@pytest.mark.browser
def test_a_browsers_capture_of_a_right_server_breaks_nothing(browsed: Browsing, tmp_path: Path) -> None:
    with start_server() as server:
        har = browsed(server)

    called = rocketchat_contract("judge", har, "--report-dir", tmp_path / "out")

    told = outcomes(tmp_path / "out")
    assert called.code == 3
    assert not {name for name, outcome in told.items() if outcome in ("fail", "warn", "error")}
    assert {
        "a-200-fits-the-full-schema",
        "a-room-is-the-asking-visitors",
        "newroom-is-false-for-a-returned-room",
        "a-closed-room-is-not-returned",
        "a-missing-token-is-refused",
    } <= {name for name, outcome in told.items() if outcome == "pass"}


@pytest.mark.browser
def test_a_browsers_capture_of_a_server_that_doubles_rooms_is_proof(browsed: Browsing, tmp_path: Path) -> None:
    with start_server(Settings(edition="3.7")) as server:
        har = browsed(server)

    called = rocketchat_contract("judge", har, "--report-dir", tmp_path / "out")

    assert called.code == 1
    assert outcomes(tmp_path / "out")["an-open-room-is-returned"] == "fail"


@pytest.mark.browser
def test_no_token_of_a_browser_is_kept(browsed: Browsing, tmp_path: Path) -> None:
    with start_server() as server:
        har = browsed(server)

    called = rocketchat_contract("judge", har, "--report-dir", tmp_path / "out")

    written = [path.read_text("utf-8") for path in (tmp_path / "out").iterdir()]
    assert len(written) > 5
    assert not [text for text in (*written, called.out, called.err) if "browsers-token-1" in text]


def test_a_capture_is_told_as_one(tmp_path: Path) -> None:
    har = write_har(tmp_path / "visit.har", [other(), *entries(*TWO_ROOMS)])

    rocketchat_contract("judge", har, "--report-dir", tmp_path / "out")

    scope = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))["scope"]
    assert scope.startswith(
        "The capture visit.har (by WebInspector 1) holds 2 calls of GET /api/v1/livechat/room among 4 entries, "
        "2 of them answered 200;"
    )
    assert "Left out: other traffic: 1." in scope
    assert scope.endswith(" Masked: names (3); --keep-personal keeps them.")


def test_the_end_of_the_output_says_that_this_is_no_pass(tmp_path: Path) -> None:
    called = rocketchat_contract("judge", write_har(tmp_path / "a.har", entries(*TWO_ROOMS)))

    assert called.code == 3
    assert called.out.splitlines()[0] == "rocketchat-contract 0.1.0 · https://chat.example.com · profile capture"
    assert "? chat.example.com could not be judged in full, so this is not a pass." in called.out.splitlines()


def test_alone_makes_a_suspicion_a_finding(tmp_path: Path) -> None:
    called = rocketchat_contract("judge", write_har(tmp_path / "a.har", entries(*TWO_ROOMS)), "--alone")

    assert called.code == 1
    assert "✗ an-open-room-is-returned (required, broken 1 of 1)" in called.out


def test_the_record_that_is_written_gives_the_same_output(tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har", entries(*TWO_ROOMS, shown(ANNA, "R1")))

    first = rocketchat_contract("judge", har, "--report-dir", tmp_path / "out")
    again = rocketchat_contract("judge", tmp_path / "out")

    assert (first.code, again.code) == (1, 1)
    assert first.out.startswith(again.out)


def test_two_servers_ask_for_a_choice(tmp_path: Path) -> None:
    found = [*entries(created(ANNA, "R1")), *entries(created(ANNA, "R2"), base="http://other.example.com")]
    har = write_har(tmp_path / "a.har", found)

    unsaid = rocketchat_contract("judge", har)
    said = rocketchat_contract("judge", har, "--target", "http://other.example.com")

    assert unsaid.code == 2
    assert "Choose one with --target URL." in unsaid.err
    assert said.out.splitlines()[0].endswith("http://other.example.com · profile capture")


@pytest.mark.parametrize("option", [("--alone",), ("--target", "https://chat.example.com")])
def test_options_of_captures_mean_nothing_for_a_record(option: tuple[str, ...], tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har", entries(*TWO_ROOMS))
    rocketchat_contract("judge", har, "--report-dir", tmp_path / "out")

    assert rocketchat_contract("judge", tmp_path / "out", *option).code == 2


@pytest.mark.parametrize("text", ["", "{", '{"log": 1}', "hello"])
def test_a_file_that_is_neither_record_nor_har_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text(text)

    called = rocketchat_contract("judge", path)

    assert called.code == 2
    assert "Traceback" not in called.err


def test_mitmproxys_file_is_read(tmp_path: Path) -> None:
    found = [entry(each) for each in in_order(TWO_ROOMS)]
    for each in found:  # as its savehar add-on writes
        each["startedDateTime"] = each["startedDateTime"].replace("Z", "+00:00")
        each["timings"] = {"connect": 1.5, "ssl": -1.0, "send": 0.4, "receive": 0.2, "wait": 3.25}
        each["time"] = 5.35
        each["request"] |= {"cookies": [["rc_token", "secret"]], "queryString": []}
        each["response"]["content"] |= {"compression": 0}

    har = write_har(tmp_path / "a.har", found, creator="mitmproxy")

    assert rocketchat_contract("judge", har, "--alone").code == 1


@contextmanager
def written_by_schemathesis(path: Path, *, masked: bool) -> Iterator[Callable[[requests.Response], None]]:
    """Writes answers with schemathesis' own HAR writer."""
    from schemathesis.config import OutputConfig  # noqa: PLC0415 - slow to import
    from schemathesis.core.transport import Response  # noqa: PLC0415
    from schemathesis.engine.recorder import ScenarioRecorder  # noqa: PLC0415
    from schemathesis.reporting.har import HarWriter  # noqa: PLC0415

    config = OutputConfig()
    if not masked:
        config.sanitization.update(enabled=False)
    writer, recorder = HarWriter(path, config), ScenarioRecorder(label="room")
    writer.open()
    yield lambda answer: recorder.record_response(
        case_id=str(len(recorder.interactions)), response=Response.from_requests(answer, verify=True)
    )
    writer.write(recorder)
    writer.close()


@pytest.mark.parametrize(("masked", "verdict"), [(True, "not-judged"), (False, "pass")])
def test_schemathesis_file_is_read_with_and_without_its_masking(masked: bool, verdict: str, tmp_path: Path) -> None:
    path = tmp_path / "st.har"
    with start_server() as server, written_by_schemathesis(path, masked=masked) as write:
        visitor = {"visitor": {"token": ANNAS, "name": "Anna"}}
        requests.post(f"{server.url}/api/v1/livechat/visitor", json=visitor, timeout=60)
        for _ in range(2):
            write(requests.get(f"{server.url}/api/v1/livechat/room", params={"token": ANNAS}, timeout=60))

    called = rocketchat_contract("judge", path, "--report-dir", tmp_path / "out")

    assert called.code == 3
    assert outcomes(tmp_path / "out")["a-room-is-the-asking-visitors"] == verdict
    assert outcomes(tmp_path / "out")["a-200-fits-the-full-schema"] == "pass"
    assert ANNAS not in (tmp_path / "out" / "record.jsonl").read_text()


def test_returned_rooms_of_a_capture_are_judged(tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har", entries(created(ANNA, "R1"), returned(ANNA, "R1")))

    rocketchat_contract("judge", har, "--report-dir", tmp_path / "out")

    assert outcomes(tmp_path / "out")["newroom-is-false-for-a-returned-room"] == "pass"


def test_without_a_folder_the_files_that_are_named_are_said_not_to_be_there(tmp_path: Path) -> None:
    har = write_har(tmp_path / "a.har", entries(*TWO_ROOMS))

    bare, kept = rocketchat_contract("judge", har), rocketchat_contract("judge", har, "--report-dir", tmp_path / "out")
    again = rocketchat_contract("judge", tmp_path / "out")

    assert "No files are written; --report-dir FOLDER keeps those that are named here." in bare.err
    assert (kept.err, again.err) == ("", "")
