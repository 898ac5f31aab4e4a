from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.record.exchange import Exchange, Request
from rocketchat_contract.report.reproduce import preparation, quoted, reproduction, steps, variables

from .examples import RACING, REPEATED, call, violated

PLAIN = REPEATED[12]


def asked(method: str, target: str, headers: tuple[tuple[str, str], ...] = (), body: str | None = None) -> Exchange:
    return replace(PLAIN, request=Request(method, target, headers, body))


def in_bash(script: str) -> str:
    """What bash prints, with a ``curl`` that shows its arguments and two variables set."""
    fake = "curl() { printf '<%s>' \"$@\"; }\nexport RC_TARGET=https://t RC_TOKEN_1=tok7En RC_TOKEN_12=other\n"
    done = subprocess.run(["bash", "-c", fake + script], capture_output=True, check=True, timeout=20)
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "surrogateescape")


def test_a_plain_call_is_one_short_word() -> None:
    command = 'curl -g "$RC_TARGET/api/v1/livechat/room?token=$RC_TOKEN_1"'
    assert reproduction(PLAIN).command == command


def test_a_get_or_create_says_that_it_makes_a_room() -> None:
    assert reproduction(PLAIN).effect == "creates a room when the visitor has none open"


def test_a_call_by_rid_changes_nothing() -> None:
    by_rid = asked("GET", "/api/v1/livechat/room?token=$RC_TOKEN_1&rid=abc")
    assert reproduction(by_rid).effect == ""


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
    assert in_bash(command) == f"<-g><https://t/room?token={expanded}>"


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
    sent = '<-g><https://t/m><-H><Content-Type: application/json><--data-raw><{"token":"tok7En"}>'
    assert in_bash(reproduction(posted).command) == sent


def test_a_json_body_whose_media_type_was_not_recorded_is_sent_as_json() -> None:
    assert "<-H><Content-Type: application/json>" in in_bash(reproduction(asked("POST", "/m", (), "{}")).command)


def test_another_body_without_media_type_gets_none() -> None:
    assert "<-H><Content-Type:>" in in_bash(reproduction(asked("POST", "/m", (), "@file")).command)


@pytest.mark.parametrize(("method", "option"), [("HEAD", "<-I>"), ("DELETE", "<-X><DELETE>"), ("GET", "")])
def test_the_method_is_the_one_sent(method: str, option: str) -> None:
    assert in_bash(reproduction(asked(method, "/x")).command) == f"<-g>{option}<https://t/x>"


def test_dots_in_a_path_stay() -> None:
    assert "--path-as-is" in reproduction(asked("GET", "/api/../x")).command


def test_an_endless_request_is_not_pasted() -> None:
    assert reproduction(asked("GET", "/x?a=" + "A" * 9000)).command == ""


def test_calls_one_after_the_other_are_lines_one_after_the_other() -> None:
    assert [step.exchanges for step in steps(REPEATED.values())] == [(12,), (13,)]


def test_the_same_call_in_a_race_is_a_loop() -> None:
    (step,) = steps(RACING.values())
    assert step.command.startswith("(for i in $(seq 4); do curl -g ")
    assert in_bash(step.command) == "<-g><https://t/api/v1/livechat/room?token=tok7En>" * 4


def test_a_race_says_how_many_rooms_it_may_make() -> None:
    (step,) = steps([call(number, 0, 9, "") for number in range(5)])
    assert step.effect == "creates a room when the visitor has none open, up to 5 in a race"


def test_many_calls_and_another_one_are_a_loop_and_a_call() -> None:
    other = call(44, 901, 9, "", target="/api/v1/livechat/room?token=$RC_TOKEN_12")
    (step,) = steps([*RACING.values(), other])
    assert step.command.startswith("(for i in $(seq 4); do curl -g ")
    assert step.command.endswith('token=$RC_TOKEN_12" & wait)')


def test_different_calls_in_a_race_start_together() -> None:
    other = call(14, 100, 9, "", target="/api/v1/livechat/room?token=$RC_TOKEN_12")
    (step,) = steps([PLAIN, other])
    assert sorted(in_bash(step.command).split("<-g>")[1:]) == [
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
    assert printed.startswith("<-g><https://chat.example.com/api/v1/livechat/visitor>")
    assert '{"visitor":{"token":"visitor-1-' in printed


def test_the_preparation_leaves_strangers_unregistered() -> None:
    lines = preparation(violated(), [reproduction(PLAIN).command], [])
    assert [line.split("=")[0] for line in lines] == ["export RC_TARGET", "export RC_TOKEN_1"]
