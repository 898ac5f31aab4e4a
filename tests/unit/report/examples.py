"""Accounts of runs that never happened: one of each verdict, a hostile one, one with far too many findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.traffic import TrafficStats
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.exchange import Exchange, Failure, Request, Response
from rocketchat_contract.record.header import ContractMark, RecordHeader, SuiteMark
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.report.accepted import Acceptance, EntryStanding, Listed
from rocketchat_contract.report.run_result import RunResult, StrengthSummary

MS = 1_000_000
PAGE = "https://developer.rocket.chat/apidocs/get-or-create-livechat-rooms.md"
JSON_HEADERS = (("Content-Type", "application/json"), ("X-RateLimit-Remaining", "4"))

GROUPS = {
    "wire": "What crosses the wire is HTTP and JSON as the standards have them.",
    "get-or-create": "Same visitor, same open room; none open, a new one; never two.",
    "refusals": "What is not right is refused, and a refusal changes nothing.",
}

HEADER = RecordHeader(
    run="20261122-153000-k3f9",
    target="https://chat.example.com",
    drivers=("core",),
    profile="full",
    seed=7,
    started="2026-11-22T15:30:00+00:00",
    suite=SuiteMark("0.1.0", "5f2c" * 16),
    contract=ContractMark("", "a1b2" * 16, None, "c3d4" * 16),
    versions={"python": "3.11.7", "schemathesis": "4.32.5"},
)


def requirement(name: str, group: str, sentence: str, **changes: Any) -> Requirement:
    """A requirement of the prose, in the full contract."""
    made = Requirement(
        id=name,
        group=group,
        level="must",
        sentence=sentence,
        source="prose",
        quote="Get the data of an existing room of a visitor.",
        address=PAGE,
        columns=("full",),
        only_when="",
        wrong="forgets_the_room",
        line=12,
    )
    return replace(made, **changes)


JSON_ANSWER = requirement(
    "an-answer-is-json",
    "wire",
    "The media type of an answer is application/json, in UTF-8.",
    source="document",
    quote='"application/json": {',
    columns=("published", "full"),
    line=30,
)
STATUS_PUBLISHED = requirement(
    "a-status-is-published",
    "wire",
    "An answer has one of the statuses that the published page lists.",
    source="document",
    quote='"description": "Bad Request"',
    columns=("published",),
    line=41,
)
UNIQUE_NAMES = requirement(
    "member-names-are-unique",
    "wire",
    "The names within a JSON object are unique.",
    level="should",
    source="standard",
    quote="The names within an object SHOULD be unique.",
    address="https://www.rfc-editor.org/rfc/rfc8259#section-4",
    columns=("published", "full"),
    line=52,
)
OPEN_ROOM = requirement(
    "an-open-room-is-returned",
    "get-or-create",
    "A visitor with an open room gets that room, newRoom false.",
    line=63,
    page="spec/livechat-room.md",
    page_line=7,
)
ONE_ROOM = requirement(
    "overlapping-calls-open-one-room",
    "get-or-create",
    "Calls of one visitor that overlap in time open one room, and all of them return it.",
    source="server",
    quote="unique partial index on v.token for open livechat rooms",
    line=74,
)
NAMED_AGENT = requirement(
    "a-named-agent-serves-a-new-room",
    "get-or-create",
    "A new room is served by the agent that agentId names.",
    level="should",
    source="observed",
    only_when="an agent of the suite is online",
    line=85,
)
UNKNOWN_TOKEN = requirement(
    "an-unknown-token-is-refused", "refusals", "A token that no visitor has is refused with 400.", line=96
)
CLOSED_RID = requirement(
    "a-closed-rid-is-refused", "refusals", "The rid of a closed room is refused with 400.", line=107
)


def room_body(room: str, *, new: bool) -> str:
    """A right answer to a room call, in short."""
    visitor = {"_id": "vF3kQ", "token": "$RC_TOKEN_1", "username": "guest-12", "status": "online"}
    return json.dumps({"room": {"_id": room, "t": "l", "open": True, "v": visitor}, "newRoom": new, "success": True})


def call(
    number: int,
    at: float,
    took: float,
    body: str,
    *,
    target: str = "/api/v1/livechat/room?token=$RC_TOKEN_1",
    status: int = 200,
    driver: str = "core",
    why: str = "",
) -> Exchange:
    """A room call that left ``at`` milliseconds after the run began."""
    return Exchange(
        number=number,
        driver=driver,
        why=why,
        visitor="$RC_TOKEN_1",
        started=round(at * MS),
        ended=round((at + took) * MS),
        request=Request("GET", target, (("Accept", "application/json"), ("Host", "chat.example.com"))),
        response=Response(status, JSON_HEADERS, body, length=len(body)),
    )


def unanswered(number: int, at: float, took: float) -> Exchange:
    """A room call whose answer never came."""
    failure = Failure("timeout", sent=True, detail="no answer within 2 s")
    return replace(call(number, at, took, "", driver="volley"), response=None, failure=failure)


REPEATED = {
    12: call(12, 100, 6.2, room_body("oBq3WzRoomOne", new=True), why="get or create, none open"),
    13: call(13, 107, 4.9, room_body("xT8mKeRoomTwo", new=True), why="the same call again"),
}
RACING = {
    40: call(40, 900.0, 11.4, room_body("aaaRoomA", new=True), driver="volley", why="4 calls at once"),
    41: call(41, 900.3, 12.9, room_body("bbbRoomB", new=True), driver="volley", why="4 calls at once"),
    42: call(42, 900.5, 9.8, room_body("aaaRoomA", new=False), driver="volley", why="4 calls at once"),
    43: unanswered(43, 900.9, 19.0),
}
FORBIDDEN = {
    77: call(77, 2000, 3, '{"success":false,"error":"x","error":"y"}', status=403, why="a token nobody has"),
}

OPEN_ROOM_FINDING = Finding(
    OPEN_ROOM.id,
    "room oBq3WzRoomOne, newRoom false",
    "room xT8mKeRoomTwo, newRoom true",
    (12, 13),
    "$RC_TOKEN_1",
    signature="another room",
)
RACE_FINDING = Finding(
    ONE_ROOM.id,
    "one open room at a time and newRoom true once per new room, in some order of the calls",
    "2 rooms, newRoom true 2 times, in 4 overlapping calls",
    (40, 42, 43, 41),
    "$RC_TOKEN_1",
    story=(
        "Before these calls no room was open.",
        "Call 40 (0.0–11.4 ms) created room aaaRoomA.",
        "Call 41 (0.3–13.2 ms) created room bbbRoomB.",
        "No close stands between them.",
        "So 2 rooms of one visitor are open at once.",
    ),
    signature="several rooms, several creations",
)
NAMES_FINDING = Finding(UNIQUE_NAMES.id, "each name once", 'the name "error" twice', (77,), signature="twice")
STATUS_FINDING = Finding(STATUS_PUBLISHED.id, "status 200 or 400", "status 403", (77,), signature="403")


def violated() -> RunResult:
    """A run that found a repeat, a race, a should and a break of the published document only."""
    rows = (
        Row(JSON_ANSWER, Outcome.PASS, 340, seconds=8.5),
        Row(STATUS_PUBLISHED, Outcome.FAIL, 340, 1, findings=(STATUS_FINDING,)),
        Row(UNIQUE_NAMES, Outcome.WARN, 340, 1, findings=(NAMES_FINDING,)),
        Row(OPEN_ROOM, Outcome.FAIL, 310, 2, findings=(OPEN_ROOM_FINDING,)),
        Row(ONE_ROOM, Outcome.FAIL, 12, 3, findings=(RACE_FINDING,), seconds=0.25),
        Row(NAMED_AGENT, Outcome.NOT_APPLICABLE, reason="no agent of the suite is online"),
        Row(UNKNOWN_TOKEN, Outcome.PASS, 25),
        Row(CLOSED_RID, Outcome.NOT_JUDGED, reason="no room was closed: room.close answered 403"),
    )
    return result(Verdict(rows), evidence={**REPEATED, **RACING, **FORBIDDEN})


def conformant() -> RunResult:
    """A run without a finding."""
    rows = [Row(each, Outcome.PASS, 40 + each.line) for each in (JSON_ANSWER, STATUS_PUBLISHED, UNIQUE_NAMES)]
    rows += [Row(each, Outcome.PASS, 20 + each.line) for each in (OPEN_ROOM, ONE_ROOM, UNKNOWN_TOKEN, CLOSED_RID)]
    return result(Verdict(tuple(rows)), ledger=Ledger(7, 7, (), 3, 3, ()))


def accepted() -> RunResult:
    """The violated run, of which one finding is accepted and one entry of the baseline has expired."""
    said = ("fixed in 8.3", "chat team")
    race = Listed(
        ONE_ROOM.id, EntryStanding.ACCEPTED, *said, "2027-03-31", "RC-7", "several rooms, several creations", 3
    )
    repeat = Listed(OPEN_ROOM.id, EntryStanding.EXPIRED, *said, "2026-10-31", line=12)
    stale = Listed(UNKNOWN_TOKEN.id, EntryStanding.STALE, *said, "2027-03-31", line=20)
    elsewhere = Listed(CLOSED_RID.id, EntryStanding.ELSEWHERE, *said, "2027-03-31", line=28)
    entries = (race, repeat, stale, elsewhere)
    return replace(violated(), acceptance=Acceptance("gate.baseline.toml", entries, frozenset({ONE_ROOM.id})))


def incomplete() -> RunResult:
    """A run that the limiter and a vanished target kept from judging."""
    rows = (
        Row(JSON_ANSWER, Outcome.PASS, 4),
        Row(OPEN_ROOM, Outcome.NOT_JUDGED, reason="the limiter answered every repeat with 429"),
        Row(NAMED_AGENT, Outcome.NOT_APPLICABLE, reason="no agent of the suite is online"),
    )
    obstacles = ("The target stopped answering after 9 requests: connection refused.",)
    return result(Verdict(rows, obstacles=obstacles), traffic=TrafficStats(exchanges=9, room_calls=6, ok=1, limited=5))


def broken_suite() -> RunResult:
    """A run in which the suite itself failed."""
    rows = (Row(JSON_ANSWER, Outcome.PASS, 4), Row(OPEN_ROOM, Outcome.ERROR, reason="KeyError: 'room'"))
    return result(Verdict(rows, errors=("an-open-room-is-returned could not judge exchange 12: KeyError: 'room'",)))


EVIL = "\x1b[31m\x00<script>alert(1)</script>]]>&#0;|`@team`|**b** $(id) \u202edna\ud800\ufffe\n::error::x\r\n- x 😀"


def hostile() -> RunResult:
    """A run against a server, and with settings, that try to break out of every format."""
    body = EVIL + "A" * 200_000
    evil = replace(
        call(5, 1, 2, body, target="/api/v1/livechat/room?token=$(reboot)&rid='\"`id`!", why=EVIL),
        driver=EVIL,
        visitor=EVIL,
    )
    finding = Finding(OPEN_ROOM.id, EVIL, body, (5,), EVIL, story=(EVIL, EVIL), signature=EVIL)
    rows = (
        Row(OPEN_ROOM, Outcome.FAIL, 3, 1, findings=(finding,)),
        Row(CLOSED_RID, Outcome.NOT_JUDGED, reason=EVIL),
        Row(NAMED_AGENT, Outcome.NOT_APPLICABLE, reason=EVIL),
    )
    return result(
        Verdict(rows, obstacles=(EVIL,), errors=()),
        header=replace(HEADER, target=f"https://{EVIL}", profile=EVIL, run=EVIL, started=EVIL),
        facts=(Fact("version", EVIL), Fact(EVIL, EVIL, 3)),
        ledger=Ledger(1, 0, (EVIL,), 1, 0, (EVIL,)),
        traffic=TrafficStats(by_driver={EVIL: {"exchanges": 1, EVIL: 2}}),
        evidence={5: evil},
    )


def many(groups: int = 9, places: int = 7) -> RunResult:
    """A run with more findings than anyone reads, each a race of twelve calls."""
    rows = []
    evidence = {}
    for group in range(groups):
        for place in range(places):
            name = requirement(f"promise-{group}-{place}", f"group-{group}", f"Promise {place} of group {group} holds.")
            numbers = [1000 * group + 100 * place + step for step in range(1, 13)]
            for number in numbers:
                body = room_body(f"room{number}", new=True)
                evidence[number] = call(number, number, 30, body, why="a busy hour")
            findings = tuple(Finding(name.id, "one room", f"{n} rooms", tuple(numbers)) for n in range(2, 7))
            rows.append(Row(name, Outcome.FAIL, 500, 5, findings=findings))
    return result(Verdict(tuple(rows)), evidence=evidence, groups={})


def result(verdict: Verdict, **changes: Any) -> RunResult:
    """An account around a verdict."""
    drivers = {
        "core": {"exchanges": 96, "ok": 41, "created": 12},
        "schemathesis": {"exchanges": 412, "ok": 120, "created": 8},
        "volley": {"exchanges": 32, "ok": 31, "created": 3},
    }
    made = RunResult(
        header=HEADER,
        verdict=verdict,
        traffic=TrafficStats(540, 340, 192, 23, 169, 139, 6, 3, 32, drivers, 4, 32, 31, 8),
        ledger=Ledger(23, 22, ("xT8mKeRoomTwo",), 19, 19, ()),
        facts=(Fact("version", "7.10.0", 1), Fact("livechat enabled", "yes", 2), Fact("agent online", "yes", 2)),
        strength=StrengthSummary(142, 351, 367),
        groups=GROUPS,
        seconds=9.2,
    )
    return replace(made, **changes)


EXAMPLES: dict[str, Callable[[], RunResult]] = {
    "violated": violated,
    "conformant": conformant,
    "incomplete": incomplete,
    "broken_suite": broken_suite,
    "accepted": accepted,
}
