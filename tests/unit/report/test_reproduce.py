from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.exchange import Exchange, Request
from rocketchat_contract.report.captured import uncaptured
from rocketchat_contract.report.finding_view import finding_views
from rocketchat_contract.report.reproduce import preparation, quoted, reproduction, steps, together, variables

from .examples import HEADER, RACING, REPEATED, call, requirement, result, room_body, violated

PLAIN = REPEATED[12]
CURL = r"<-g><-s><-w><\n>"
"""What each command tells curl first."""


def asked(method: str, target: str, headers: tuple[tuple[str, str], ...] = (), body: str | None = None) -> Exchange:
    return replace(PLAIN, request=Request(method, target, headers, body))


def in_bash(script: str) -> str:
    """What bash prints, with a ``curl`` that shows its arguments and two variables set."""
    fake = "curl() { printf '<%s>' \"$@\"; }\nexport RC_TARGET=https://t RC_TOKEN_1=tok7En RC_TOKEN_12=other\n"
    done = subprocess.run(["bash", "-c", fake + script], capture_output=True, check=True, timeout=20)
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "surrogateescape")


def test_a_plain_call_is_one_short_word() -> None:
    command = "curl -g -s -w '\\n' \"$RC_TARGET/api/v1/livechat/room?token=$RC_TOKEN_1\""
    assert reproduction(PLAIN).command == command


def test_a_get_or_create_says_that_it_makes_a_room() -> None:
    assert reproduction(PLAIN).effect == "creates a room when the visitor has none open"


def test_a_call_by_rid_changes_nothing() -> None:
    by_rid = call(12, 100, 6, room_body("abc", new=False), target="/api/v1/livechat/room?token=$RC_TOKEN_1&rid=abc")
    assert reproduction(by_rid).effect == ""


def test_a_call_that_made_a_room_against_its_promise_says_so() -> None:
    by_rid = call(12, 100, 6, room_body("abc", new=True), target="/api/v1/livechat/room?token=$RC_TOKEN_1&rid=abc")
    assert reproduction(by_rid).effect == "may create a room, as it did in this run"


CREATING = call(4, 1, 1, room_body("gf2KpK7v7ZmuR2gZD", new=True))
CLOSING = replace(
    call(15, 5, 1, '{"rid": "gf2KpK7v7ZmuR2gZD", "success": true}', target="/api/v1/livechat/room.close"),
    request=Request("POST", "/api/v1/livechat/room.close", (), '{"rid": "gf2KpK7v7ZmuR2gZD", "token": "$RC_TOKEN_1"}'),
)
NAMING = call(17, 9, 1, "", target="/api/v1/livechat/room?token=$RC_TOKEN_1&rid=GF2KPK7V7ZMUR2GZD")


def test_a_room_that_later_calls_name_is_kept_in_a_variable() -> None:
    first, close, named = (step.command for step in steps([CREATING, CLOSING, NAMING]))
    kept = f'answer=$({reproduction(CREATING).command}); echo "$answer"; RC_ROOM_1=$('
    assert first.startswith(kept)
    assert """{"rid": "'"$RC_ROOM_1"'", """ in close
    assert "rid=${RC_ROOM_1^^}" in named


def test_the_variable_holds_the_id_that_the_answer_shows() -> None:
    body = '{"newRoom":true,"v":{"_id":"no"},"room":{"v":{"_id":"no"},"_id":"yes"}}'
    first = steps([CREATING, CLOSING])[0].command.replace(reproduction(CREATING).command, f"printf %s '{body}'")
    assert in_bash(f"{first}; echo $RC_ROOM_1") == f"{body}\nyes\n"


def test_no_variable_of_a_room_asks_for_a_value() -> None:
    assert variables(step.command for step in steps([CREATING, CLOSING, NAMING])) == ("RC_TOKEN_1",)


def test_a_room_that_a_race_made_is_told_as_the_runs() -> None:
    racing = [CREATING, replace(CREATING, number=5), CLOSING]
    assert uncaptured(list(together(racing))) == ("gf2KpK7v7ZmuR2gZD",)
    assert uncaptured(list(together([CREATING, CLOSING]))) == ()


@pytest.mark.parametrize("new", [True, False])
def test_a_rid_that_names_nothing_stays_as_it_is(new: bool) -> None:
    target = "/api/v1/livechat/room?token=$RC_TOKEN_1&rid=undefined"
    echoed = call(9, 1, 1, room_body("undefined", new=new), target=target)
    again = replace(echoed, number=10, started=echoed.ended, ended=echoed.ended + 1)
    assert uncaptured(list(together([echoed, again]))) == ()
    assert all("rid=undefined" in step.command for step in steps([echoed, again]))


@pytest.mark.parametrize(
    ("written", "expanded"),
    [
        ("$RC_TOKEN_1", "tok7En"),
        ("$RC_TOKEN_12", "other"),
        ("${RC_TOKEN_1^^}", "TOK7EN"),
        ("${RC_TOKEN_1,,}", "tok7en"),
        ("${RC_TOKEN_1~~}", "TOK7eN"),
        ("${RC_TOKEN_1%?}", "tok7E"),
        ("${RC_TOKEN_1#?}", "ok7En"),
        ("${RC_TOKEN_1:0:2}", "to"),
        ("${RC_TOKEN_1}xyz", "tok7Enxyz"),
        ("$RC_TOKEN_1&rid='!\"", "tok7En&rid='!\""),
    ],
)
def test_masked_tokens_expand_to_what_was_sent(written: str, expanded: str) -> None:
    command = reproduction(asked("GET", f"/room?token={written}")).command
    assert in_bash(command) == f"{CURL}<https://t/room?token={expanded}>"


@pytest.mark.parametrize("text", ["$(touch x)", "`id`", "${HOME}", "$RC_", "!!", "a\nb", "\x1b[31m", "'", "\\", "$'"])
def test_nothing_else_is_read_by_the_shell(text: str) -> None:
    assert in_bash(f"curl {quoted(text)}") == f"<{text}>"


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=10, max_size=40))
def test_any_text_survives_quoting(texts: list[str]) -> None:
    texts = [text.replace("RC_", "") for text in texts]
    assert in_bash("curl " + " ".join(map(quoted, texts))) == "".join(f"<{text}>" for text in texts)


def test_a_command_is_one_line() -> None:
    posted = asked("POST", "/x", (("Content-Type", "application/json"),), '{\n"a": "b\r"\n}')
    assert "\n" not in reproduction(posted).command


def test_a_body_travels_with_its_media_type() -> None:
    posted = asked("POST", "/m", (("Content-Type", "application/json"), ("Host", "x")), '{"token":"$RC_TOKEN_1"}')
    sent = CURL + '<https://t/m><-H><Content-Type: application/json><--data-raw><{"token":"tok7En"}>'
    assert in_bash(reproduction(posted).command) == sent


def test_a_json_body_whose_media_type_was_not_recorded_is_sent_as_json() -> None:
    assert "<-H><Content-Type: application/json>" in in_bash(reproduction(asked("POST", "/m", (), "{}")).command)


def test_another_body_without_media_type_gets_none() -> None:
    assert "<-H><Content-Type:>" in in_bash(reproduction(asked("POST", "/m", (), "@file")).command)


@pytest.mark.parametrize(("method", "option"), [("HEAD", "<-I>"), ("DELETE", "<-X><DELETE>"), ("GET", "")])
def test_the_method_is_the_one_sent(method: str, option: str) -> None:
    assert in_bash(reproduction(asked(method, "/x")).command) == f"{CURL}{option}<https://t/x>"


def test_dots_in_a_path_stay() -> None:
    assert "--path-as-is" in reproduction(asked("GET", "/api/../x")).command


def test_an_endless_request_is_not_pasted() -> None:
    assert reproduction(asked("GET", "/x?a=" + "A" * 9000)).command == ""


def test_calls_one_after_the_other_are_lines_one_after_the_other() -> None:
    assert [step.exchanges for step in steps(REPEATED.values())] == [(12,), (13,)]


def test_the_same_call_in_a_race_is_a_loop() -> None:
    (step,) = steps(RACING.values())
    assert step.command.startswith("(for i in $(seq 4); do curl -g -s ")
    assert in_bash(step.command) == f"{CURL}<https://t/api/v1/livechat/room?token=tok7En>" * 4


def test_a_race_says_how_many_rooms_it_may_make() -> None:
    (step,) = steps([call(number, 0, 9, "") for number in range(5)])
    assert step.effect == "creates a room when the visitor has none open, up to 5 in a race"


def test_many_calls_and_another_one_are_a_loop_and_a_call() -> None:
    other = call(44, 901, 9, "", target="/api/v1/livechat/room?token=$RC_TOKEN_12")
    (step,) = steps([*RACING.values(), other])
    assert step.command.startswith("(for i in $(seq 4); do curl -g -s ")
    assert step.command.endswith('token=$RC_TOKEN_12" & wait)')


def test_different_calls_in_a_race_start_together() -> None:
    other = call(14, 100, 9, "", target="/api/v1/livechat/room?token=$RC_TOKEN_12")
    (step,) = steps([PLAIN, other])
    assert sorted(in_bash(step.command).split(CURL)[1:]) == [
        "<https://t/api/v1/livechat/room?token=other>",
        "<https://t/api/v1/livechat/room?token=tok7En>",
    ]


def test_variables_are_named_once_in_order() -> None:
    commands = ['curl -g "$RC_TARGET/x?token=$RC_TOKEN_2"', 'curl -g "$RC_TARGET/x?token=${RC_TOKEN_1^^}$RC_TOKEN_2"']
    assert variables(commands) == ("RC_TOKEN_2", "RC_TOKEN_1")


def test_the_preparation_registers_visitors_that_existed() -> None:
    lines = preparation(violated(), [reproduction(PLAIN).command], ["RC_TOKEN_1"])
    assert lines[0] == "export RC_TARGET='https://chat.example.com'"
    printed = in_bash("\n".join(lines))
    assert printed.startswith(f"{CURL}<https://chat.example.com/api/v1/livechat/visitor>")
    assert '{"visitor":{"token":"visitor-1-' in printed


def test_the_preparation_leaves_strangers_unregistered() -> None:
    lines = preparation(violated(), [reproduction(PLAIN).command], [])
    assert [line.split("=")[0] for line in lines] == ["export RC_TARGET", "export RC_TOKEN_1"]


def test_the_preparation_of_an_embedded_run_starts_a_server_like_it() -> None:
    embedded = replace(violated(), header=replace(HEADER, embedded="edition=3.7 latency=0.05"))
    lines = preparation(embedded, [reproduction(PLAIN).command], [])
    assert "#   rocketchat-contract serve --edition 3.7 --set latency=0.05 --port 3000" in lines
    assert "export RC_TARGET='http://127.0.0.1:3000'" in lines


def test_the_newest_embedded_server_needs_no_settings() -> None:
    embedded = replace(violated(), header=replace(HEADER, embedded="newest"))
    assert "#   rocketchat-contract serve --port 3000" in preparation(embedded, [], [])


def test_a_pause_between_overlapping_calls_is_repeated() -> None:
    slow = replace(CLOSING, started=0, ended=900_000_000)
    later = [call(number, 400, 50, room_body("r", new=True)) for number in (20, 21)]

    (step,) = steps([slow, *later])

    assert "& sleep 0.4; curl" in step.command
    assert step.command.count("sleep") == 1


def test_calls_of_a_burst_are_repeated_without_a_pause() -> None:
    burst = [replace(call(number, 200 * number, 9000, ""), released=5_000_000_000) for number in range(3)]

    (step,) = steps(burst)

    assert "sleep" not in step.command


LOST = (
    replace(call(54, 0, 9, room_body("R1", new=True)), released=1),
    *(replace(call(number, 0, 9, "{}", status=400), released=1) for number in (55, 56)),
)


def test_a_lost_race_prints_the_race() -> None:
    promise = requirement("a-racing-call-is-not-refused", "get-or-create", "It is.")
    finding = Finding(promise.id, "a room", "status 400", (55,))
    row = Row(
        requirement("a-racing-call-is-not-refused", "get-or-create", "It is."), Outcome.WARN, 3, 2, "", (finding,)
    )
    made = result(Verdict((row,)), evidence={each.number: each for each in LOST}, bursts={55: (54, 55, 56)})

    (told,) = finding_views(made)

    assert told.repeat.command.startswith("(for i in $(seq 3); do curl")
    assert told.evidence == "exchange 55 of record.jsonl"
