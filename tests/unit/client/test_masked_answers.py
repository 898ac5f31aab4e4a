"""Secrets in answers: nothing of them is written, and the judge, live or later, loses nothing by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rocketchat_contract.client.client import MOST_STRANGERS, Purpose
from rocketchat_contract.client.transport import Call, Reply
from rocketchat_contract.client.visitors import Actor, room_call
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import read
from rocketchat_contract.record.exchange import Exchange, Failure
from rocketchat_contract.results.judged_by import load_judged_by
from support.clients import RUN, Stage, ok, stage
from support.histories import room_body

CORE = Purpose("core", "a test")
FOREIGN = "no-other-visitor-shows"
Extra = Callable[[str], tuple[tuple[str, str], ...]]


def server(extra: Extra = lambda _: (), body: str = "") -> Callable[[Call], Reply]:
    """Answers with a room of whoever asks; ``extra`` are headers for a token, ``body`` ends each answer."""

    def answer(call: Call) -> Reply:
        if call.method == "POST":
            visitor = json.loads(call.body or b"{}")["visitor"]
            return ok({"visitor": visitor, "success": True})
        (token,) = parse_qs(urlsplit(call.target).query).get("token", ["x"])
        content = json.dumps(room_body(token, f"room-of-{token[-4:]}", new=False))
        said = content if not body else f"{content[:-1]},{body}}}"
        return Reply(0, 0, 200, (("Content-Type", "application/json"), *extra(token)), said.encode())

    return answer


def asked(scene: Stage, *tokens: str) -> list[Finding]:
    for token in tokens:
        scene.client.send(room_call([("token", token)]), CORE)
    return scene.client.recorder.take_findings()


def judged_later(scene: Stage) -> list[Finding]:
    judge = load_judged_by().judge()
    lines = [json.loads(line) for line in scene.record.read_text().splitlines()]
    exchanges = [Exchange.from_json(line) for line in lines if line["type"] == "exchange"]
    found = [finding for exchange in exchanges for finding in judge.feed(read(exchange))]
    return [*found, *judge.settle()]


@pytest.mark.parametrize("cookie", ["rc_{}=1; Path=/", "{}; Path=/", "rc_token={}", "a=b; Domain={}"])
def test_a_cookie_with_the_token_of_another_is_found_live_and_later(cookie: str, tmp_path: Path) -> None:
    scene = stage(server(), tmp_path)
    actor = Actor(scene.client, RUN, "core")
    anna, bert = actor.register(), actor.register()
    scene.wire.target = server(lambda _: (("Set-Cookie", cookie.format(bert.token)),))

    found = asked(scene, anna.token)

    assert FOREIGN in {finding.requirement for finding in found}
    assert {each.requirement for each in judged_later(scene)} >= {FOREIGN}
    assert bert.token not in scene.record.read_text()


@pytest.mark.parametrize("header", [("X-{}", "1"), ("X-Last", "{}")])
def test_a_header_with_the_token_of_another_is_found(header: tuple[str, str], tmp_path: Path) -> None:
    scene = stage(server(), tmp_path)
    actor = Actor(scene.client, RUN, "core")
    anna, bert = actor.register(), actor.register()
    name, value = header[0].format(bert.token), header[1].format(bert.token)
    scene.wire.target = server(lambda _: ((name, value),))

    assert FOREIGN in {finding.requirement for finding in asked(scene, anna.token)}
    assert bert.token not in scene.record.read_text()


@pytest.mark.parametrize("word", ["success", "open", "newRoom", "room", "_id", "t", "l", "application", "departmentId"])
def test_a_word_shown_as_a_token_accuses_nobody_of_more(word: str, tmp_path: Path) -> None:
    plain, wordy = (
        stage(server(body='"x":{}'), tmp_path),
        stage(server(body=f'"x":{{"token":"{word}"}}'), tmp_path / "x"),
    )
    before = asked(plain, *[Actor(plain.client, RUN, "core").register().token] * 3)
    after = asked(wordy, *[Actor(wordy.client, RUN, "core").register().token] * 3)

    broken = {finding.requirement for finding in after} - {finding.requirement for finding in before}
    assert broken == {FOREIGN}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    tokens=st.lists(
        st.sampled_from(["success", "open", "\\ud800", "t1", "kV8uQ4server7made2", "$RC_TOKEN_1"]), max_size=4
    ),
    cookie=st.sampled_from(["x={}", "{}=x", "{}"]),
)
def test_live_and_later_the_verdict_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, tokens: list[str], cookie: str
) -> None:
    scene = stage(server(), tmp_path_factory.mktemp("run"))
    actor = Actor(scene.client, RUN, "core")
    anna, bert = actor.register(), actor.register()
    shown = ",".join(f'{{"token":"{token}"}}' for token in tokens)
    scene.wire.target = server(lambda _: (("Set-Cookie", cookie.format(bert.token)),), f'"x":[{shown}]')

    assert asked(scene, anna.token, bert.token, anna.token) == judged_later(scene)


SHOWN = [
    '"token":"$RC_TOKEN_1"',
    '"token":"${RC_AUTH_TOKEN}"',
    '"\\u0074oken":"kV8uQ4server7"',
    f'"token":"{"kV8u" * 200}"',
]


@pytest.mark.parametrize("shown", SHOWN, ids=["a name", "a name in braces", "an escaped member", "a long one"])
def test_a_strangers_token_is_found_however_it_is_written(shown: str, tmp_path: Path) -> None:
    scene = stage(server(body=f'"x":{{{shown}}}'), tmp_path)
    anna = Actor(scene.client, RUN, "core").register()

    found = asked(scene, anna.token, anna.token)

    assert FOREIGN in {finding.requirement for finding in found}
    assert found == judged_later(scene)
    assert "kV8u" not in scene.record.read_text()


def test_a_token_in_the_reason_of_a_failure_is_masked(tmp_path: Path) -> None:
    scene = stage(server(), tmp_path)
    anna = Actor(scene.client, RUN, "core").register()
    failure = Failure("protocol", sent=True, detail=f"HTTP/9 {anna.token}")
    scene.wire.target = lambda _: Reply(0, 0, failure=failure)

    asked(scene, anna.token)

    assert anna.token not in scene.record.read_text()


def test_more_strangers_than_get_names_are_hidden_without(tmp_path: Path) -> None:
    strangers = [f"kV8uQ4server{number}" for number in range(MOST_STRANGERS + 50)]
    shown = ",".join(f'{{"token":"{token}"}}' for token in strangers)
    scene = stage(server(body=f'"x":[{shown}]'), tmp_path)
    anna = Actor(scene.client, RUN, "core").register()

    found = asked(scene, anna.token, anna.token)

    assert FOREIGN in {finding.requirement for finding in found}
    assert "kV8uQ4" not in scene.record.read_text()
    assert f'\\"token\\": \\"{anna.name}\\"' in scene.record.read_text()


@pytest.mark.parametrize("token", [" ", "\t", "0", "x"])
def test_the_token_of_another_is_found_however_short(token: str, tmp_path: Path) -> None:
    scene = stage(server(body=f'"other":{json.dumps({"token": token})}'), tmp_path)

    assert FOREIGN in {finding.requirement for finding in asked(scene, "rcc0123abcdxyz")}
    assert FOREIGN in {finding.requirement for finding in judged_later(scene)}
