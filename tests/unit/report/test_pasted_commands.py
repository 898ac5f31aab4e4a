"""What a report offers for pasting, pasted into bash against a server of the release line that has the defect."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from rocketchat_contract.record.exchange import Request
from rocketchat_contract.report.finding_view import finding_views
from rocketchat_contract.report.reproduce import preparation, steps

from .examples import HEADER, call, room_body, violated

pytestmark = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


@contextmanager
def server_of(edition: str) -> Iterator[str]:
    command = [sys.executable, "-m", "rocketchat_contract.reference", f"--set=edition={edition}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield json.loads(process.stdout.readline())["url"]
        assert process.stdin
        process.stdin.close()


@pytest.fixture
def old_server() -> Iterator[str]:
    """The address of a reference server that lets two racing calls make two rooms."""
    with server_of("7.10") as url:
        yield url


def test_a_race_comes_back_when_its_commands_are_pasted(old_server: str) -> None:
    result = replace(violated(), header=replace(HEADER, target=old_server))
    (race,) = [told for told in finding_views(result) if told.requirement.id == "overlapping-calls-open-one-room"]
    commands = [step.command for step in steps(race.exchanges)]
    script = "\n".join([*preparation(result, commands, ["RC_TOKEN_1"]), *commands])

    pasted = (_pasted(script) for _ in range(60))  # a race needs luck

    assert any(output.count('"newRoom":true') > 1 for output in pasted)


def _pasted(script: str) -> str:
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def test_the_rid_of_a_closed_room_is_that_of_the_room_just_made() -> None:
    at = "/api/v1/livechat/room"
    made = call(4, 1, 1, room_body("gf2KpK7v7ZmuR2gZD", new=True))
    body = '{"rid": "gf2KpK7v7ZmuR2gZD", "token": "$RC_TOKEN_1"}'
    closed = replace(call(15, 5, 1, '{"success": true}'), request=Request("POST", f"{at}.close", (), body))
    named = call(17, 9, 1, "", target=f"{at}?token=$RC_TOKEN_1&rid=gf2KpK7v7ZmuR2gZD")
    commands = [step.command for step in steps([made, closed, named])]

    with server_of("3.7") as url:
        result = replace(violated(), header=replace(HEADER, target=url))
        output = _pasted("\n".join([*preparation(result, commands, ["RC_TOKEN_1"]), *commands]))

    _, first, close, again = map(json.loads, output.splitlines())
    assert close["rid"] == first["room"]["_id"] != again["room"]["_id"]
    assert (close["success"], again["newRoom"]) == (True, True)
