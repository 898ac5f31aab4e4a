"""Calls of one visitor one after the other: which promise an answer keeps or breaks, and in which words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rocketchat_contract.judge.model import OBSTACLES
from rocketchat_contract.record.exchange import Exchange
from support.histories import (
    ANNA,
    BERT,
    asked,
    broken,
    call,
    closed,
    created,
    declined,
    deleted,
    failed,
    finding_of,
    findings,
    hidden,
    judge_of,
    kept,
    outcome,
    refused,
    registered,
    requirements,
    returned,
    room_body,
    said,
    shown,
    unanswered,
)

KNOWN = registered(ANNA)
OPEN = (KNOWN, created(ANNA, "room1"))
CLOSED = (*OPEN, closed(ANNA, "room1"))
BOTH = (*OPEN, registered(BERT), created(BERT, "room2"))
VARIANT = "${RC_TOKEN_1^^}"


def unsaid(token: str, room: str) -> Exchange:
    """Get-or-create whose answer does not say whether the room is new."""
    return call(asked(token), body=room_body(token, room, new=None))


def changed(**room: Any) -> Exchange:
    """The room again, with other members."""
    return call(asked(ANNA), body=room_body(ANNA, "room1", new=False, **room))


def told(requirement: str, *calls: Exchange) -> tuple[str, str, tuple[int, ...], str]:
    found = finding_of(requirement, *calls)
    return found.expected, found.actual, found.evidence, found.signature


@pytest.mark.parametrize(
    ("calls", "requirement", "words"),
    [
        (
            (KNOWN, refused(ANNA)),
            "a-known-visitor-gets-a-room",
            ("a new room, newRoom true", "status 400, error invalid-token", (1, 2), "refused, open=False"),
        ),
        (
            (*OPEN, refused(ANNA, "")),
            "a-known-visitor-gets-a-room",
            ("room room1, newRoom false", "status 400, error missing", (2, 3), "refused, open=True"),
        ),
        (
            (*OPEN, refused(ANNA, agentId="x")),
            "an-agent-id-changes-no-open-room",
            ("room room1, newRoom false", "status 400, error invalid-token", (2, 3), "refused, open=True"),
        ),
        (
            (*OPEN, created(ANNA, "room2")),
            "an-open-room-is-returned",
            ("room room1, newRoom false", "room room2, newRoom true", (2, 3), "another, newRoom True"),
        ),
        (
            (*OPEN, returned(ANNA, "room2")),
            "an-open-room-is-returned",
            ("room room1, newRoom false", "room room2, newRoom false", (2, 3), "another, newRoom False"),
        ),
        (
            (*OPEN, unsaid(ANNA, "room2")),
            "an-open-room-is-returned",
            ("room room1, newRoom false", "room room2, newRoom missing", (2, 3), "another, newRoom None"),
        ),
        (
            (*OPEN, created(ANNA, "room2", agentId="x")),
            "an-agent-id-changes-no-open-room",
            ("room room1, newRoom false", "room room2, newRoom true", (2, 3), "another, newRoom True"),
        ),
        (
            (*OPEN, created(ANNA, "room1")),
            "newroom-is-false-for-a-returned-room",
            ("room room1, newRoom false", "room room1, newRoom true", (2, 3), "true"),
        ),
        (
            (KNOWN, returned(ANNA, "room1")),
            "newroom-is-true-for-a-created-room",
            ("a new room, newRoom true", "room room1, newRoom false", (1, 2), "false"),
        ),
        (
            (*CLOSED, returned(ANNA, "room1")),
            "a-closed-room-is-not-returned",
            ("a new room, newRoom true", "room room1, newRoom false", (2, 3, 4), "again"),
        ),
        (
            (*CLOSED, unsaid(ANNA, "room1")),
            "a-closed-room-is-not-returned",
            ("a new room, newRoom true", "room room1, newRoom missing", (2, 3, 4), "again"),
        ),
        (
            (*CLOSED, created(ANNA, "room2"), returned(ANNA, "room1")),
            "a-closed-room-is-not-returned",
            ("room room2, newRoom false", "room room1, newRoom false", (2, 3, 5), "instead"),
        ),
        (
            (*CLOSED, created(ANNA, "room1")),
            "a-created-room-has-a-new-id",
            ("a new room, newRoom true", "room room1, newRoom true", (2, 3, 4), "again"),
        ),
        (
            (*OPEN, hidden(ANNA, "nothing99"), created(ANNA, "room2")),
            "a-refused-call-changes-nothing",
            ("room room1, newRoom false", "room room2, newRoom true, after a refused call", (2, 3, 4), "room"),
        ),
        (
            (KNOWN, hidden(ANNA, "nothing99"), returned(ANNA, "room2")),
            "a-refused-call-changes-nothing",
            ("a new room, newRoom true", "room room2, newRoom false, after a refused call", (1, 2, 3), "room"),
        ),
        (
            (KNOWN, hidden(ANNA, "")),
            "an-empty-rid-is-no-rid",
            ("a room, as without rid", "status 400, error invalid-room", (1, 2), "refused"),
        ),
        (
            (*OPEN, hidden(ANNA, "room1")),
            "an-own-open-rid-is-returned",
            ("room room1, newRoom false", "status 400, error invalid-room", (2, 3), "refused"),
        ),
        (
            (*OPEN, shown(ANNA, "room1", "room2")),
            "an-own-open-rid-is-returned",
            ("room room1, newRoom false", "room room2, newRoom false", (2, 3), "another"),
        ),
        (
            (*CLOSED, shown(ANNA, "room1")),
            "a-closed-rid-is-refused",
            ("a refusal with status 400", "room room1, newRoom false", (2, 3, 4), "newRoom False"),
        ),
        (
            (*BOTH, shown(ANNA, "room2")),
            "a-foreign-rid-is-refused",
            ("a refusal with status 400", "room room2, newRoom false", (4, 5), "newRoom False"),
        ),
        (
            (*OPEN, shown(ANNA, "nothing99")),
            "an-unknown-rid-is-refused",
            ("a refusal with status 400", "room nothing99, newRoom false", (2, 3), "newRoom False"),
        ),
        (
            (*OPEN, shown(ANNA, "ROOM1", "room1")),
            "a-rid-is-matched-exactly",
            ("a refusal with status 400", "room room1, newRoom false", (2, 3), "newRoom False"),
        ),
        (
            (*OPEN, call(asked(ANNA, rid="room1"), body=room_body(ANNA, "room1"))),
            "newroom-is-false-with-rid",
            ("newRoom false", "newRoom true", (2, 3), "true"),
        ),
        (
            (*BOTH, returned(BERT, "room1")),
            "rooms-are-not-shared",
            ("a room of $RC_TOKEN_2", "room room1, which $RC_TOKEN_1 got before", (2, 5), "shared"),
        ),
        (
            (*OPEN, registered(BERT), created(BERT, "room1")),
            "rooms-are-not-shared",
            ("a room of $RC_TOKEN_2", "room room1, which $RC_TOKEN_1 got before", (2, 4), "shared"),
        ),
        (
            (created(ANNA, "room1"),),
            "an-unknown-token-is-refused",
            ("a refusal with status 400", "room room1, newRoom true", (1,), "room"),
        ),
        (
            (created(VARIANT, "room1"),),
            "a-token-is-matched-exactly",
            ("a refusal with status 400", "room room1, newRoom true", (1,), "room"),
        ),
        (
            (*OPEN, deleted(ANNA), created(ANNA, "room2")),
            "a-deleted-visitor-is-refused",
            ("a refusal with status 400", "room room2, newRoom true", (3, 4), "room"),
        ),
        (
            (*OPEN, deleted(ANNA), shown(ANNA, "room1")),
            "a-deleted-visitor-is-refused",
            ("a refusal with status 400", "room room1, newRoom false", (2, 3, 4), "newRoom False"),
        ),
        (
            (*OPEN, changed(ts="2027-01-01T00:00:00.000Z")),
            "a-repeat-keeps-the-birth-of-a-room",
            ("room.ts 2026-11-22T15:30:00.000Z", "room.ts 2027-01-01T00:00:00.000Z", (2, 3), "ts"),
        ),
        (
            (KNOWN, created(ANNA, "room1"), changed(v={"_id": "other", "token": ANNA})),
            "a-repeat-keeps-the-birth-of-a-room",
            ("room.v._id v$RC_TOKEN_1", "room.v._id other", (2, 3), "v._id"),
        ),
        (
            (*OPEN, changed(msgs=2), changed(msgs=3)),
            "a-repeat-changes-nothing",
            ("the same room.msgs in three answers", "1 → 2 → 3", (2, 3, 4), "msgs"),
        ),
    ],
)
def test_a_finding_is_told(calls: tuple[Exchange, ...], requirement: str, words: tuple[object, ...]) -> None:
    assert told(requirement, *calls) == words
    assert finding_of(requirement, *calls).visitor == (
        BERT if "RC_TOKEN_2" in str(words) else calls[-1] and asked_by(calls)
    )


def asked_by(calls: tuple[Exchange, ...]) -> str:
    return VARIANT if VARIANT in calls[-1].request.target else ANNA


def test_a_foreign_room_under_another_spelling_of_its_rid_is_shared() -> None:
    found = finding_of("rooms-are-not-shared", *BOTH, call(asked(ANNA, rid="ROOM2"), body=room_body(BERT, "room2")))

    assert (found.actual, found.evidence) == (f"room room2, which {BERT} got before", (4, 5))


# What is kept


@pytest.mark.parametrize(
    ("calls", "names"),
    [
        (OPEN, ["a-known-visitor-gets-a-room", "newroom-is-true-for-a-created-room", "a-created-room-has-a-new-id"]),
        ((*OPEN, returned(ANNA, "room1")), ["an-open-room-is-returned", "newroom-is-false-for-a-returned-room"]),
        ((*CLOSED, created(ANNA, "room2")), ["a-closed-room-is-not-returned"]),
        ((*OPEN, returned(ANNA, "room1", agentId="x")), ["an-agent-id-changes-no-open-room"]),
        ((*OPEN, hidden(ANNA, "nothing99"), returned(ANNA, "room1")), ["a-refused-call-changes-nothing"]),
        ((*OPEN, returned(ANNA, "room1", rid="")), ["an-empty-rid-is-no-rid"]),
        ((*OPEN, shown(ANNA, "room1")), ["an-own-open-rid-is-returned", "newroom-is-false-with-rid"]),
        ((*OPEN, returned(ANNA, "room1"), returned(ANNA, "room1")), ["a-repeat-changes-nothing"]),
        ((*CLOSED, hidden(ANNA, "room1")), ["a-closed-rid-is-refused"]),
        ((*BOTH, hidden(ANNA, "room2")), ["a-foreign-rid-is-refused"]),
        ((*OPEN, hidden(ANNA, "nothing99")), ["an-unknown-rid-is-refused"]),
        ((KNOWN, hidden(ANNA, "nothing99")), ["an-unknown-rid-is-refused"]),
        ((refused(ANNA),), ["an-unknown-token-is-refused"]),
        ((hidden(ANNA, "room1"),), ["an-unknown-token-is-refused"]),
        ((refused(""),), ["an-empty-token-is-refused"]),
        ((refused(VARIANT),), ["a-token-is-matched-exactly"]),
        ((refused("$RC_MASKED_0badcafe"),), ["a-token-is-matched-exactly"]),
        ((*OPEN, deleted(ANNA), refused(ANNA)), ["a-deleted-visitor-is-refused"]),
        ((*OPEN, deleted(ANNA), hidden(ANNA, "room1")), ["a-deleted-visitor-is-refused"]),
    ],
)
def test_what_is_kept_is_counted_once(calls: tuple[Exchange, ...], names: list[str]) -> None:
    counted, before = kept(*calls), kept(*calls[:-1])

    assert [counted[name] - before[name] for name in names] == [1] * len(names)
    assert broken(*calls) == set()


@pytest.mark.parametrize(
    ("calls", "names"),
    [
        ((created("somebody", "room1"),), ["a-known-visitor-gets-a-room", "newroom-is-true-for-a-created-room"]),
        ((returned("somebody", "room1"),), ["an-open-room-is-returned", "newroom-is-false-for-a-returned-room"]),
        ((refused("somebody"),), ["an-unknown-token-is-refused", "a-token-is-matched-exactly"]),
        ((shown("somebody", "room1"),), ["an-own-open-rid-is-returned"]),
        ((KNOWN, unanswered(created(ANNA, "room1")), created(ANNA, "room2")), ["a-created-room-has-a-new-id"]),
        (OPEN, ["a-closed-room-is-not-returned", "a-refused-call-changes-nothing", "an-empty-rid-is-no-rid"]),
        ((*OPEN, returned(ANNA, "room1")), ["an-agent-id-changes-no-open-room", "a-repeat-changes-nothing"]),
        ((*OPEN, hidden(ANNA, "nothing99", more="1")), ["an-unknown-rid-is-refused"]),
        ((*OPEN, refused(ANNA, "Unknown key", more="1")), ["a-known-visitor-gets-a-room"]),
        ((KNOWN, failed(created(ANNA, "room1")), returned(ANNA, "room1")), ["an-open-room-is-returned"]),
        ((KNOWN, refused(ANNA, agentId="x"), returned(ANNA, "r")), ["a-refused-call-changes-nothing"]),
        ((KNOWN, unanswered(created(ANNA, "r")), hidden(ANNA, "x")), ["an-unknown-rid-is-refused"]),
        (OPEN, ["a-repeat-keeps-the-birth-of-a-room"]),
    ],
)
def test_what_an_answer_could_not_have_broken_is_not_counted(calls: tuple[Exchange, ...], names: list[str]) -> None:
    counted, before = kept(*calls), kept(*calls[:-1])

    assert [counted[name] - before[name] for name in names] == [0] * len(names)
    musts = {name for name in broken(*calls) if requirements()[name].level == "must"}
    assert musts - {"ordinary-calls-end-well", "a-status-is-published"} == set()


# Refusals that something explains


@pytest.mark.parametrize("error", OBSTACLES)
def test_settings_excuse_that_no_room_is_created(error: str) -> None:
    judge = judge_of(KNOWN, refused(ANNA, f"Sorry [{error}]"))

    assert judge.verdict().obstacles == (OBSTACLES[error],)
    assert broken(KNOWN, refused(ANNA, error)) == set()


@pytest.mark.parametrize("error", OBSTACLES)
def test_settings_do_not_excuse_that_an_open_room_is_not_returned(error: str) -> None:
    judge = judge_of(*OPEN, refused(ANNA, error))

    assert judge.verdict().obstacles == ()
    assert broken(*OPEN, refused(ANNA, error)) == {"a-known-visitor-gets-a-room"}


def test_settings_are_named_only_by_calls_that_would_create_a_room() -> None:
    calls = (KNOWN, hidden(ANNA, "nothing99", "no-agent-online"), declined(closed(ANNA, "x"), "no-agent-online"))

    assert judge_of(*calls, created(ANNA, "room1")).verdict().obstacles == ()


def test_the_refusal_of_an_unknown_visitor_names_no_setting() -> None:
    assert judge_of(refused(ANNA, "no-agent-online")).verdict().obstacles == (OBSTACLES["no-agent-online"],)
    assert judge_of(refused(ANNA, "invalid-token")).verdict().obstacles == ()


@pytest.mark.parametrize(
    "explained",
    [
        refused(ANNA, "Unknown key", more="1"),
        refused(ANNA, "Missing key 'username'", agentId="x"),
        hidden(ANNA, "", more="1"),
    ],
)
def test_a_refusal_that_the_call_explains_is_right(explained: Exchange) -> None:
    assert broken(KNOWN, explained) == set()


def test_a_named_agent_excuses_nothing_when_a_room_is_open() -> None:
    assert broken(*OPEN, refused(ANNA, "x", agentId="x")) == {"an-agent-id-changes-no-open-room"}


def test_a_refused_agent_may_leave_a_room_behind() -> None:
    calls = (KNOWN, refused(ANNA, "x", agentId="x"), returned(ANNA, "room1"), returned(ANNA, "room1"))

    assert broken(*calls) == {"a-refused-agent-opens-no-room"}


@pytest.mark.parametrize("neighbour", [failed(said(ANNA, "x")), failed(shown(ANNA, "x")), failed(deleted(BERT))])
def test_no_other_call_registers_a_visitor(neighbour: Exchange) -> None:
    assert "an-unknown-token-is-refused" in broken(neighbour, created(ANNA, "room1"))


def test_the_deletion_of_a_visitor_whom_nobody_registered_is_nothing() -> None:
    assert broken(deleted(BERT), *OPEN) == set()


def test_of_a_visitor_who_may_be_unknown_the_least_is_said() -> None:
    assert "an-unknown-rid-is-refused" in broken(unanswered(KNOWN), shown(ANNA, "nothing99"))


def test_a_returning_visitors_old_room_has_no_birth() -> None:
    calls = (*OPEN, deleted(ANNA), KNOWN, created(ANNA, "room1"), returned(ANNA, "room1"))

    assert broken(*calls) == {"a-created-room-has-a-new-id"}


def test_an_unnamed_parameter_excuses_the_refusal_of_an_own_rid() -> None:
    assert broken(*OPEN, hidden(ANNA, "room1", "Unknown key", more="1"), shown(ANNA, "room1")) == set()


@pytest.mark.parametrize("error", ["no-agent-online", "error-omnichannel-is-disabled"])
def test_an_empty_rid_is_not_to_blame_for_what_settings_forbid(error: str) -> None:
    assert broken(KNOWN, hidden(ANNA, "", error)) == set()
    assert broken(*OPEN, hidden(ANNA, "", error)) == {"an-empty-rid-is-no-rid"}


# After a finding


@pytest.mark.parametrize(
    "calls",
    [
        (*OPEN, created(ANNA, "room2"), returned(ANNA, "room2")),
        (*OPEN, created(ANNA, "room2"), returned(ANNA, "room1")),
        (*OPEN, refused(ANNA), returned(ANNA, "room1")),
        (KNOWN, refused(ANNA), returned(ANNA, "room1")),
        (KNOWN, refused(ANNA), created(ANNA, "room1")),
        (*OPEN, hidden(ANNA, "room1"), returned(ANNA, "room1")),
        (*CLOSED, shown(ANNA, "room1"), shown(ANNA, "room1")),
        (created(ANNA, "room1"), returned(ANNA, "room1"), shown(ANNA, "room1")),
        (*OPEN, created(ANNA, "room1"), returned(ANNA, "room1")),
    ],
)
def test_one_defect_is_told_once(calls: tuple[Exchange, ...]) -> None:
    assert len(findings(*calls)) == 1


def test_after_a_finding_the_history_goes_on() -> None:
    calls = (*OPEN, created(ANNA, "room2"), closed(ANNA, "room2"), returned(ANNA, "room2"))

    assert broken(*calls) == {"an-open-room-is-returned", "a-closed-room-is-not-returned"}


def test_a_room_first_seen_in_a_finding_has_a_birth_from_its_next_answer_on() -> None:
    calls = (*OPEN, created(ANNA, "room2"), returned(ANNA, "room2"))
    later = call(asked(ANNA), body=room_body(ANNA, "room2", new=False, ts="2027-01-01T00:00:00.000Z"))

    assert kept(*calls)["a-repeat-keeps-the-birth-of-a-room"] == 0
    assert finding_of("a-repeat-keeps-the-birth-of-a-room", *calls, later).evidence == (3, 5)


def test_a_birth_is_compared_with_the_first_answer() -> None:
    late = changed(ts="2027-01-01T00:00:00.000Z")
    judge = judge_of(*OPEN, late, late, returned(ANNA, "room1"))
    row = next(row for row in judge.tally.rows() if row.requirement.id == "a-repeat-keeps-the-birth-of-a-room")

    assert (row.judged, row.broken) == (3, 2)


def test_a_room_without_birth_is_given_one_by_a_later_answer() -> None:
    bare = call(asked(ANNA), body=room_body(ANNA, "room1", ts=None, v="x"))

    assert kept(KNOWN, bare, changed())["a-repeat-keeps-the-birth-of-a-room"] == 0
    assert kept(KNOWN, bare, changed(), changed())["a-repeat-keeps-the-birth-of-a-room"] == 1


# Repeats


@pytest.mark.parametrize(
    ("between_repeats", "expected"),
    [
        ((), "broken"),
        ((hidden(ANNA, "nothing99"),), "broken"),
        ((said(ANNA, "room1"),), ""),
        ((KNOWN,), ""),
        ((call(f"token={ANNA}&rid[]=x", 400, {"success": False, "error": "x"}),), ""),
    ],
)
def test_only_undisturbed_repeats_are_compared(between_repeats: tuple[Exchange, ...], expected: str) -> None:
    calls = (*OPEN, changed(msgs=2), *between_repeats, changed(msgs=3))

    assert outcome("a-repeat-changes-nothing", *calls) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [((2, 2), "kept"), ((1, 2), "kept"), ((2, 1), "broken"), ((2, 3), "broken"), ((1, 1), "kept")],
)
def test_a_repeat_changes_when_two_answers_in_a_row_differ(values: tuple[int, int], expected: str) -> None:
    calls = (*OPEN, *(changed(msgs=value) for value in values))

    assert outcome("a-repeat-changes-nothing", *calls) == expected


@pytest.mark.parametrize(
    "name", ["msgs", "usersCount", "lm", "fname", "departmentId", "lastMessage", "servedBy", "source"]
)
def test_each_member_of_a_repeat_is_compared(name: str) -> None:
    values = [{"_id": n} if name in ("lastMessage", "servedBy", "source") else f"x{n}" for n in range(3)]
    calls = (KNOWN, call(asked(ANNA), body=room_body(ANNA, "room1", **{name: values[0]})))
    calls += tuple(changed(**{name: value}) for value in values[1:])

    assert finding_of("a-repeat-changes-nothing", *calls).signature == name


@pytest.mark.parametrize(
    ("whole", "part"),
    [("lastMessage", part) for part in ("_id", "rid", "token", "msg", "ts", "alias", "u")]
    + [("servedBy", part) for part in ("_id", "username")],
)
def test_each_telling_part_of_a_message_and_an_agent_is_compared(whole: str, part: str) -> None:
    first, *others = ({whole: {"_id": "same", part: f"x{n}"}} for n in range(3))
    calls = (KNOWN, call(asked(ANNA), body=room_body(ANNA, "room1", **first)), *(changed(**each) for each in others))

    expected = f"the same room.{whole}.{part} in three answers"
    assert told("a-repeat-changes-nothing", *calls) == (expected, "'x0' → 'x1' → 'x2'", (2, 3, 4), whole)


@pytest.mark.parametrize("part", ["_updatedAt", "urls", "md", "reactions", "editedAt"])
def test_what_is_filled_into_a_message_later_is_no_change(part: str) -> None:
    calls = (changed(lastMessage={"_id": "m1", "msg": "hi", part: [n]}) for n in range(3))

    assert outcome("a-repeat-changes-nothing", KNOWN, *calls) != "broken"


@pytest.mark.parametrize("name", ["lastMessage", "source", "servedBy"])
def test_the_order_of_members_is_no_change(name: str) -> None:
    inner = {"_id": "a", "username": "x", "name": "y"}
    orders = ({name: {"_id": "m", "u": inner}}, {name: {"u": dict(sorted(inner.items())), "_id": "m"}})
    calls = (changed(**orders[n % 2]) for n in range(4))

    assert outcome("a-repeat-changes-nothing", KNOWN, *calls) != "broken"


def test_a_message_that_comes_and_goes_is_a_change() -> None:
    calls = (*OPEN, changed(lastMessage={"_id": "m1", "rid": "room1"}), changed())

    assert told("a-repeat-changes-nothing", *calls)[1] == "None → 'm1' → None"


def test_an_agents_last_sign_of_life_is_no_change() -> None:
    agents = [{"_id": "a", "ts": n} for n in range(3)]

    assert outcome("a-repeat-changes-nothing", KNOWN, *(changed(servedBy=each) for each in agents)) != "broken"


def test_repeats_of_different_rooms_are_not_compared() -> None:
    calls = (*OPEN, returned(ANNA, "room1"), closed(ANNA, "room1"), created(ANNA, "room2"), returned(ANNA, "room2"))

    assert outcome("a-repeat-changes-nothing", *calls) == ""


def test_repeats_by_rid_count_too() -> None:
    assert outcome("a-repeat-changes-nothing", *OPEN, shown(ANNA, "room1"), shown(ANNA, "room1")) == "kept"


# Which rid is a variant of the open room's


@pytest.mark.parametrize(
    ("rid", "requirement"),
    [
        ("ABCDEFGH", "a-rid-is-matched-exactly"),
        ("abcdefg", "a-rid-is-matched-exactly"),
        ("abcd", "a-rid-is-matched-exactly"),
        ("efgh", "a-rid-is-matched-exactly"),
        ("xabcdefghx", "a-rid-is-matched-exactly"),
        (" abcdefgh ", "a-rid-is-matched-exactly"),
        ("abcdxxxx", "a-rid-is-matched-exactly"),
        ("abcxxxxx", "an-unknown-rid-is-refused"),
        ("fgh", "an-unknown-rid-is-refused"),
        ("abc", "an-unknown-rid-is-refused"),
        ("zzzzzzzz", "an-unknown-rid-is-refused"),
    ],
)
def test_a_rid_that_is_nearly_right_is_a_variant(rid: str, requirement: str) -> None:
    calls = (KNOWN, created(ANNA, "abcdefgh"), hidden(ANNA, rid))

    assert kept(*calls)[requirement] == 1


# Registration and deletion


def test_a_visitor_who_comes_back_starts_without_a_room() -> None:
    calls = (*OPEN, deleted(ANNA), refused(ANNA), KNOWN, created(ANNA, "room2"), returned(ANNA, "room2"))

    assert broken(*calls) == set()


def test_a_visitor_who_comes_back_does_not_get_the_old_room() -> None:
    calls = (*OPEN, deleted(ANNA), KNOWN, created(ANNA, "room1"))

    assert broken(*calls) == {"a-created-room-has-a-new-id"}


def test_a_room_of_a_visitor_who_is_gone_is_still_nobody_elses() -> None:
    calls = (*OPEN, deleted(ANNA), registered(BERT), created(BERT, "room1"))

    assert broken(*calls) == {"rooms-are-not-shared"}


def test_the_closed_room_of_a_visitor_who_came_back_is_still_closed() -> None:
    calls = (*CLOSED, deleted(ANNA), KNOWN, created(ANNA, "room2"), hidden(ANNA, "room1"))

    assert kept(*calls)["a-closed-rid-is-refused"] == 1


def test_a_refused_deletion_deletes_nothing() -> None:
    assert broken(*OPEN, declined(deleted(ANNA)), returned(ANNA, "room1")) == set()


def test_a_refused_close_closes_nothing() -> None:
    assert broken(*OPEN, declined(closed(ANNA, "room1")), returned(ANNA, "room1")) == set()


def test_closing_another_room_closes_nothing() -> None:
    assert broken(*OPEN, closed(ANNA, "room9"), returned(ANNA, "room1")) == set()


def test_a_second_registration_changes_nothing() -> None:
    assert broken(*OPEN, KNOWN, returned(ANNA, "room1")) == set()


def test_a_refused_registration_registers_nobody() -> None:
    assert broken(declined(KNOWN), refused(ANNA), created(ANNA, "room1")) == {"an-unknown-token-is-refused"}


@pytest.mark.parametrize("status", [429, 431])
def test_what_was_turned_away_changes_nothing(status: int) -> None:
    exchange = replace(call(asked(ANNA, agentId="x" * 5000)), response=None)
    turned = call(exchange.request.target.partition("?")[2], status, "")

    assert broken(*OPEN, turned, returned(ANNA, "room1")) <= {"a-429-fits-the-full-schema", "a-status-is-documented"}
