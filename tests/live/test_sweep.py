"""Sweeps against real servers: what is said to be left is what is on them."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from rocketchat_contract.client.claims import read_book
from rocketchat_contract.config import RunConfig
from rocketchat_contract.record.journal import Record
from rocketchat_contract.run.sweep import Swept, sweep_up
from support.fronts import Asked, Fault, Forward, front
from support.live import Rocket, rocket
from support.sockets import response

OLD = Path(__file__).parents[1] / "data" / "ledger-of-format-1.jsonl"
RUN = "x-01234567"
FORBIDDEN = response(b"<html>no</html>", "403 Forbidden").replace(b"application/json", b"text/html")


def tokens(number: int) -> list[str]:
    return [f"rcc0123456789a{letter * 17}" for letter in "ABCDEFGH"[:number]]


def posted(server: Rocket, path: str, body: dict[str, object]) -> None:
    url, headers = f"{server.url}/api/v1/livechat/{path}", {"Content-Type": "application/json"}
    urlopen(Request(url, json.dumps(body).encode(), headers)).close()


def opened(server: Rocket, token: str) -> str:
    """A visitor with a room."""
    posted(server, "visitor", {"visitor": {"token": token, "name": "contract suite 01234567"}})
    with urlopen(f"{server.url}/api/v1/livechat/room?token={quote(token)}") as answer:
        return str(json.load(answer)["room"]["_id"])


def left_behind(folder: Path, server: Rocket, target: str, number: int) -> Path:
    """The folder of an old run that was killed, whose ledger has entries for variants of a token too."""
    first, *_ = tokens(number)
    variants = {"$RC_TOKEN_1 ": f"{first} ", "${RC_TOKEN_1%?}": first[:-1], "${RC_TOKEN_1,,}": first.lower()}
    lines: list[dict[str, str]] = [{"event": "run", "format": "1", "run": RUN, "target": target}]
    for place, token in enumerate(tokens(number), 1):
        room, name = opened(server, token), f"$RC_TOKEN_{place}"
        lines.append({"event": "token", "name": name, "token": token, "own": "yes"})
        lines.append({"event": "room", "room": room, "name": name})
        others = variants if place == 1 else {}
        lines += [{"event": "token", "name": other, "token": odd, "own": "yes"} for other, odd in others.items()]
    run = folder / "run"
    run.mkdir()
    (run / "ledger.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return run


def swept(run: Path) -> Swept:
    return sweep_up(run, RunConfig(timeout=5.0))


def from_the_third_deletion(fault: Fault) -> Fault:
    deletions: list[str] = []

    def handle(asked: Asked, forward: Forward) -> bytes:
        deletions.extend([asked.target] * asked.is_delete)
        return fault(asked, forward) if asked.is_delete and len(deletions) > 2 else forward()

    return handle


def forbid(_asked: Asked, _forward: Forward) -> bytes:
    return FORBIDDEN


def test_a_sweep_after_one_that_was_cut_short_knows_who_is_left(tmp_path: Path) -> None:
    is_open = threading.Event()
    closed = from_the_third_deletion(forbid)
    with rocket() as server, front(server.port, lambda a, f: f() if is_open.is_set() else closed(a, f)) as served:
        run = left_behind(tmp_path, server, served.url, 6)
        first, there = swept(run), len(server.visitors)
        is_open.set()
        second = swept(run)

        assert len(first.ledger.visitors_left) == there > 0
        assert (second.is_clean, server.visitors, server.open_rooms) == (True, [], [])
        assert not (run / "ledger.jsonl").exists()


def test_a_sweep_counts_and_names_as_its_run_did(tmp_path: Path) -> None:
    with rocket() as server, front(server.port, lambda a, f: forbid(a, f) if a.is_delete else f()) as served:
        ledger = swept(left_behind(tmp_path, server, served.url, 3)).ledger

        assert ledger.visitors_left == ("$RC_TOKEN_1", "$RC_TOKEN_2", "$RC_TOKEN_3")
        assert ledger.sentence == "created 3 rooms, closed 3, left 0; 3 visitors, deleted 0"
        assert set(ledger.reasons.values()) == {
            "something in front of the server refuses it: status 403, text/html",
        }


def test_the_record_of_a_sweep_is_a_record(tmp_path: Path) -> None:
    with rocket() as server:
        ended = swept(left_behind(tmp_path, server, server.url, 1))
        record = Record(ended.record)

        assert {exchange.driver for exchange in record.exchanges()} == {"facts", "cleanup"}
        assert record.footer.ledger == ended.ledger


def test_a_ledger_of_the_old_format_is_swept(tmp_path: Path) -> None:
    with rocket() as server:
        run = tmp_path / "run"
        run.mkdir()
        (run / "ledger.jsonl").write_text(OLD.read_text().replace("http://127.0.0.1:3000", server.url))
        resources = read_book(OLD).resources
        for name in resources.to_delete():
            opened(server, resources.visitor(name).token)

        assert (swept(run).is_clean, server.visitors, server.open_rooms) == (True, [], [])


def test_what_a_cut_ledger_tells_is_swept_twice(tmp_path: Path) -> None:
    is_open = threading.Event()
    closed = from_the_third_deletion(forbid)
    with rocket() as server, front(server.port, lambda a, f: f() if is_open.is_set() else closed(a, f)) as served:
        run = left_behind(tmp_path, server, served.url, 4)
        with (run / "ledger.jsonl").open("ab") as ledger:
            ledger.write(b'{"event":"room","room":"cut')
        swept(run)
        is_open.set()
        second = swept(run)

        assert (second.is_clean, second.cut, server.visitors) == (True, (13,), [])


def test_a_ledger_with_a_damaged_line_stays(tmp_path: Path) -> None:
    with rocket() as server:
        run = left_behind(tmp_path, server, server.url, 2)
        with (run / "ledger.jsonl").open("ab") as ledger:
            ledger.write(b"damaged}\n")
        ended = swept(run)

        assert (ended.is_clean, ended.ledger.is_clean, server.visitors) == (False, True, [])
        assert (run / "ledger.jsonl").exists()


def refuse_to_close(asked: Asked, forward: Forward) -> bytes:
    stuck = b'{"success":false,"error":"Error removing inquiry"}'
    return response(stuck, "400 Bad Request") if asked.is_close else forward()


def test_a_room_that_is_never_closed_is_named_with_the_reason(tmp_path: Path) -> None:
    with rocket() as server, front(server.port, refuse_to_close) as served:
        ledger = swept(left_behind(tmp_path, server, served.url, 1)).ledger

        assert ledger.rooms_left == tuple(server.open_rooms)
        assert ledger.reasons[ledger.rooms_left[0]] == "the server refuses it: Error removing inquiry"


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_a_call_that_a_gateway_did_not_pass_on_is_made_again(tmp_path: Path, method: str) -> None:
    seen: set[str] = set()

    def stumble(asked: Asked, forward: Forward) -> bytes:
        is_first = asked.method == method and asked.target + str(asked.body) not in seen
        seen.add(asked.target + str(asked.body))
        return response(b"<html>", "502 Bad Gateway") if is_first else forward()

    with rocket() as server, front(server.port, stumble) as served:
        ended = swept(left_behind(tmp_path, server, served.url, 4))

        assert (ended.is_clean, server.visitors, server.open_rooms) == (True, [], [])


def test_a_deletion_that_arrives_twice_counts_as_one(tmp_path: Path) -> None:
    def twice(asked: Asked, forward: Forward) -> bytes:
        if asked.is_delete:
            forward()
        return forward()

    with rocket() as server, front(server.port, twice) as served:
        ended = swept(left_behind(tmp_path, server, served.url, 3))

        assert ended.ledger.sentence == "created 3 rooms, closed 3, left 0; 3 visitors, deleted 3"
        assert server.visitors == []


def test_nobody_is_said_to_be_gone_who_is_on_another_server(tmp_path: Path) -> None:
    """The way leads to a server that knows nobody."""
    with rocket() as server, rocket() as other:
        run = left_behind(tmp_path, server, other.url, 2)
        with (run / "ledger.jsonl").open("a") as ledger:
            for name in ("$RC_TOKEN_1", "$RC_TOKEN_2"):
                ledger.write(json.dumps({"event": "registered", "name": name}) + "\n")
        ended = swept(run)

        assert len(server.visitors) == len(ended.ledger.visitors_unconfirmed) == 2
        assert (ended.is_clean, (run / "ledger.jsonl").exists()) == (False, True)
