"""Judging speed and memory: made-up records of growing length, and histories of one visitor.

    python benchmarks/judge.py [--sizes 10000 100000 1000000] [--rounds 3]

Each visitor of a record lives ten calls long (one at a time, or eight visitors side by side), is closed and deleted:
exchanges per CPU second (reading the file included), peak memory and the exponent of growth. Then single visitors:
100,000 calls in sequence, and clusters of up to 10,000 calls that overlap 64 wide.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from figures import Figure, Row, store

from rocketchat_contract.contract.requirements import load_requirements
from rocketchat_contract.contract.vendored import load_contract, spec_folder
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.operation import read
from rocketchat_contract.record.exchange import Exchange, Failure, Request, Response
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.header import ContractMark, RecordHeader, SuiteMark
from rocketchat_contract.record.journal import Journal, Record
from rocketchat_contract.rocketchat.paths import CLOSE_PATH, MESSAGE_PATH, ROOM_PATH, VISITOR_PATH

MS = 1_000_000
SIDE_BY_SIDE = 8
TIME = "2026-11-22T15:30:00.000Z"
HEADERS = (
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
    ("content-length", "1214"),
)
SENT = (("Accept-Encoding", "identity"),)


def room(token: str, number: int, msgs: int) -> dict[str, Any]:
    """A room with the members that a server of the newest line writes."""
    visitor = {"_id": f"{number:024x}", "username": f"guest-{number}", "token": token, "status": "online"}
    content: dict[str, Any] = {
        "_id": f"room{number:013d}",
        "msgs": msgs,
        "usersCount": 2,
        "lm": TIME,
        "fname": f"contract suite {number}",
        "t": "l",
        "ts": TIME,
        "v": visitor,
        "cl": False,
        "open": True,
        "waitingResponse": True,
        "queuedAt": TIME,
        "priorityWeight": 99,
        "estimatedWaitingTimeQueue": 9999999,
        "source": {"type": "api"},
        "contactId": f"contact{number:017d}",
        "verified": False,
        "_enforceSingleRoom": True,
        "servedBy": {"_id": "agent0000000000001", "username": "agent", "ts": TIME},
        "_updatedAt": TIME,
    }
    if msgs > 2:
        author = {"_id": visitor["_id"], "username": visitor["username"]}
        text = {"type": "PLAIN_TEXT", "value": "hello from the contract suite"}
        content["lastMessage"] = {
            "_id": f"message{number:010d}",
            "rid": content["_id"],
            "msg": "hello from the contract suite",
            "token": token,
            "ts": TIME,
            "u": author,
            "_updatedAt": TIME,
            "urls": [],
            "mentions": [],
            "channels": [],
            "md": [{"type": "PARAGRAPH", "value": [text]}],
        }
    return content


def life(number: int) -> Iterator[tuple[Request, int, dict[str, Any]]]:
    """The ten calls of one visitor: request, status and body of the answer."""
    token = f"$RC_TOKEN_{number}"
    ask = Request("GET", f"{ROOM_PATH}?token={token}", SENT)
    rid = f"room{number:013d}"
    own = Request("GET", f"{ROOM_PATH}?token={token}&rid={rid}", SENT)
    visitor = {"_id": f"{number:024x}", "username": f"guest-{number}", "token": token, "ts": TIME}
    new = {"room": room(token, number, 2), "newRoom": True, "success": True}
    old = {"room": room(token, number, 2), "newRoom": False, "success": True}
    after = {"room": room(token, number, 3), "newRoom": False, "success": True}
    body = {"visitor": {"token": token, "name": "contract suite"}}
    yield Request("POST", VISITOR_PATH, SENT, json.dumps(body)), 200, {"visitor": visitor, "success": True}
    yield ask, 200, new
    yield ask, 200, old
    yield own, 200, old
    message = {"token": token, "rid": rid, "msg": "hello from the contract suite"}
    yield Request("POST", MESSAGE_PATH, SENT, json.dumps(message)), 200, {"message": {"_id": "m"}, "success": True}
    yield ask, 200, after
    yield own, 200, after
    close = json.dumps({"rid": rid, "token": token})
    answer = {"rid": rid, "comment": "Closed by visitor", "success": True}
    yield Request("POST", CLOSE_PATH, SENT, close), 200, answer
    yield own, 400, {"success": False, "error": "invalid-room"}
    gone = {"visitor": {"_id": visitor["_id"], "ts": TIME}, "success": True}
    yield Request("DELETE", f"{VISITOR_PATH}/{token}", SENT), 200, gone


def exchanges(count: int) -> Iterator[Exchange]:
    """A record's exchanges; those of visitors side by side overlap, each visitor's own do not."""
    lives = [life(number) for number in range(1, SIDE_BY_SIDE + 1)]
    born = SIDE_BY_SIDE
    for number in range(1, count + 1):
        place = number % SIDE_BY_SIDE
        step = next(lives[place], None)
        if step is None:
            born += 1
            lives[place] = life(born)
            step = next(lives[place])
        request, status, content = step
        text = json.dumps(content, separators=(",", ":"))
        start = number * MS
        response = Response(status, HEADERS, text, length=len(text))
        yield Exchange(number, "life", "a step", None, start, start + 5 * MS, request, response)


def write_record(path: Path, count: int) -> None:
    """A whole record of ``count`` exchanges."""
    suite, contract = SuiteMark("0", ""), ContractMark("", "", None, "")
    header = RecordHeader("made up", "nowhere", ("life",), suite, contract)
    journal = Journal(path, header)
    for exchange in exchanges(count):
        journal.write(exchange)
    journal.close(RecordFooter(seconds=1.0))


def new_judge() -> Judge:
    """A judge of the vendored contract."""
    contract = load_contract()
    requirements = load_requirements(spec_folder() / "requirements.toml")
    return Judge(requirements, contract.published_bodies, contract.full_bodies)


def judge_one(path: Path) -> None:
    """Judge a record in this process; prints seconds, peak megabytes and what came out as JSON."""
    judge = new_judge()
    started, cpu = time.perf_counter(), time.process_time()
    for exchange in Record(path).exchanges():
        judge.feed(read(exchange))
    verdict = judge.verdict()
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    broken = [row.requirement.id for row in verdict.rows if row.broken]
    print(json.dumps({"wall s": seconds, "CPU s": cpu, "peak MB": peak, "broken": broken}))


def measured(path: Path, rounds: int) -> dict[str, Any]:
    """Medians over rounds, each in a process of its own."""
    command = [sys.executable, __file__, "--one", str(path)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(rounds)
    ]
    assert not any(run["broken"] for run in runs), runs[0]["broken"]
    return {name: statistics.median(run[name] for run in runs) for name in ("wall s", "CPU s", "peak MB")}


def growth(sizes: list[int], rounds: int) -> list[Row]:
    """The table of record lengths."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.jsonl"
            write_record(path, size)
            row = {"exchanges": size, "MB": path.stat().st_size / 1e6, **measured(path, rounds)}
            path.unlink()
            rows.append({**row, "per CPU s": size / row["CPU s"], **exponent(row, rows)})
    return rows


def exponent(row: Row, earlier: list[Row]) -> Row:
    """How CPU time grows with the work since the row before; 1 is linear."""
    if not earlier:
        return {}
    last = earlier[-1]
    return {"exponent": math.log(row["CPU s"] / last["CPU s"]) / math.log(row["exchanges"] / last["exchanges"])}


def beyond(shorter: Row, longer: Row) -> tuple[str, float]:
    """What the peak memory grows by with each exchange beyond those of a shorter record, in bytes."""
    grown = (longer["peak MB"] - shorter["peak MB"]) * 2**20
    more = longer["exchanges"] - shorter["exchanges"]
    return (
        f"memory for each exchange beyond the first {shorter['exchanges']:,}, to {longer['exchanges']:,}",
        grown / more,
    )


def crowd(width: int, count: int, seed: int, silent: float = 0.0) -> list[Exchange]:
    """``width`` clients of one right server ask, ask by rid and close for one visitor; some answers get lost."""
    chance = random.Random(seed)
    token, current, made, ended = "$RC_TOKEN_1", "", 0, []
    known = [""] * width
    queue: list[tuple[float, int, str, Any]] = [(chance.random(), client, "start", None) for client in range(width)]
    left = count
    while queue:
        now, client, event, data = heapq.heappop(queue)
        if event == "start" and left:
            left -= 1
            kind = chance.choices(["ask", "rid", "close"], [10, 4, 2])[0] if known[client] else "ask"
            heapq.heappush(queue, (now + chance.expovariate(0.3), client, "act", (now, kind, known[client])))
        elif event == "act":
            begun, kind, rid = data
            opened = kind == "ask" and not current
            made += opened
            current = f"room{made}" if opened else current
            known[client] = current if kind == "ask" else "" if kind == "close" else rid
            exchange = _crowd_exchange(token, kind, rid, current, opened=opened)
            current = "" if kind == "close" and rid == current else current
            heapq.heappush(queue, (now + chance.expovariate(0.3), client, "end", (begun, exchange)))
        elif event == "end":
            begun, (request, status, body) = data
            lost = chance.random() < silent
            response = None if lost else Response(status, HEADERS, json.dumps(body))
            failure = Failure("timeout", sent=True, detail="no answer") if lost else None
            times = round(begun * MS), round(now * MS)
            ended.append(Exchange(0, "volley", "", token, *times, request, response, failure))
            heapq.heappush(queue, (now + chance.random() / 10, client, "start", None))
    ended.sort(key=lambda each: each.started)
    return [replace(each, number=number) for number, each in enumerate(ended, 2)]


def _crowd_exchange(token: str, kind: str, rid: str, current: str, *, opened: bool) -> tuple[Request, int, Any]:
    refusal = {"success": False, "error": "invalid-room"}
    if kind == "close":
        request = Request("POST", CLOSE_PATH, SENT, json.dumps({"rid": rid, "token": token}))
        right = rid == current
        return request, 200 if right else 400, {"rid": rid, "success": True} if right else refusal
    query = f"?token={token}" + (f"&rid={rid}" if kind == "rid" else "")
    request = Request("GET", ROOM_PATH + query, SENT)
    if kind == "rid" and rid != current:
        return request, 400, refusal
    visitor = {"_id": "v1", "token": token}
    content = {"_id": current, "t": "l", "open": True, "ts": TIME, "v": visitor}
    return request, 200, {"room": content, "newRoom": opened, "success": True}


def one_visitor() -> Iterator[Row]:
    """The table of single visitors' histories: in sequence, 64 wide, and with answers that got lost."""
    sequences: list[Row] = []
    for count in (1_000, 10_000, 100_000):
        row = history("one visitor, one call at a time", crowd(1, count, seed=7))
        sequences.append({**row, **exponent(row, sequences)})
    yield from sequences
    for width, count, silent in ((64, 1_000, 0.0), (64, 10_000, 0.0), (64, 1_000, 0.01), (8, 10_000, 0.001)):
        what = f"one visitor, {width} calls at a time" + (f", {silent:.1%} unanswered" if silent else "")
        yield history(what, crowd(width, count, seed=7, silent=silent))


def history(what: str, calls: list[Exchange]) -> Row:
    """One visitor's calls, judged; what was found broken would be a defect of the judge."""
    judge = new_judge()
    register = Request("POST", VISITOR_PATH, SENT, json.dumps({"visitor": {"token": "$RC_TOKEN_1"}}))
    answer = Response(200, HEADERS, json.dumps({"visitor": {"token": "$RC_TOKEN_1", "_id": "v1"}}))
    first = Exchange(1, "volley", "", None, -2, -1, register, answer)
    ops = [read(each) for each in [first, *calls]]
    started = time.process_time()
    for op in ops:
        judge.feed(op)
    verdict = judge.verdict()
    seconds = time.process_time() - started
    broken = [row.requirement.id for row in verdict.rows if row.broken and row.requirement.level == "must"]
    assert not broken, broken
    return {"what": what, "exchanges": len(calls), "CPU s": seconds, "per CPU s": len(calls) / seconds}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        judge_one(options.one)
        return
    records, single = growth(options.sizes, options.rounds), list(one_visitor())
    last, size = records[-1], f"{records[-1]['exchanges']:,} exchanges"
    grown = [Figure(*beyond(*records[-2:]), None, "bytes per exchange")] if len(records) > 1 else []
    steepest = max((row["exponent"] for row in records[1:]), default=0.0)
    of_one = max(row["exponent"] for row in single if "exponent" in row)
    wide = next(row for row in single if "64 calls" in row["what"] and row["exchanges"] == 10_000)
    figures = [
        Figure(f"exchanges judged per CPU second, {size}", last["per CPU s"], 10_000, "exchanges/s"),
        Figure(f"peak memory, {size}", last["peak MB"], 250, "MB", at_most=True),
        *grown,
        Figure(f"exponent of growth, to {size}", steepest, 1.05, "", at_most=True),
        Figure("exponent of growth, one visitor, to 100,000 calls in sequence", of_one, 1.05, "", at_most=True),
        Figure("10,000 calls of one visitor, 64 at a time", wide["CPU s"], 1, "CPU s", at_most=True),
    ]
    store("judge", [*({"what": "a record", **row} for row in records), *single], figures)


if __name__ == "__main__":
    main()
