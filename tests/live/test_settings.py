"""Workspaces whose settings forbid something: incomplete, nobody accused, and what to switch on is told."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace

import pytest

from support.fronts import Asked, Forward, front
from support.live import Command, Ended, Rocket, rocket
from support.sockets import response
from support.truth import counts_what_was_made, is_judged_alike_offline, is_plain, is_row, is_truthful

SWITCH = "switch on Omnichannel_allow_visitors_to_close_conversation"


def change(server: Rocket, **settings: object) -> None:
    """Do what an administrator does meanwhile."""
    behaviour = server.app.behaviour
    behaviour.settings = replace(behaviour.settings, **settings)


def is_row_with_leftovers(ended: Ended, suite: Command, server: Rocket, code: int, verdict: str) -> None:
    """A row of the fault table with something left that this run could not remove."""
    assert (ended.code, ended.verdict) == (code, verdict), ended.out
    assert ended.has_book
    is_truthful(ended, server)
    counts_what_was_made(ended, server)
    is_plain(ended)
    is_judged_alike_offline(ended, suite)


def test_closing_is_refused(suite: Command) -> None:
    with rocket("visitors_may_close=false") as server:
        ended = suite.run(server.url)

        is_row_with_leftovers(ended, suite, server, 3, "incomplete")
        assert SWITCH in " ".join(ended.out.split())
        assert ended.broken == set()
        assert 0 < len(server.open_rooms) <= 12
        for told in (ended.out, (ended.run / "summary.md").read_text("utf-8")):
            assert f"Finish it with: rocketchat-contract sweep reports/{ended.run.name}\n" in told.replace("`", "")
        assert ended.facts["closing by the visitor"] == "refused: error-not-allowed-to-close-conversation"


def test_rooms_that_could_not_be_closed_are_swept_once_they_can(suite: Command) -> None:
    with rocket("visitors_may_close=false") as server:
        ended = suite.run(server.url, "--profile", "smoke")
        too_early = suite("sweep", ended.run.name)
        change(server, visitors_may_close=True)
        swept, again = suite("sweep", ended.run.name), suite("sweep", ended.run.name)

        assert (too_early.code, swept.code, again.code) == (3, 0, 0)
        assert SWITCH in " ".join(too_early.out.split())
        assert f"sweep again: rocketchat-contract sweep reports/{ended.run.name}" in " ".join(too_early.out.split())
        assert (server.open_rooms, server.visitors) == ([], [])
        assert not ended.has_book


def test_the_command_that_sweeps_works_as_it_is_pasted(suite: Command) -> None:
    with rocket("visitors_may_close=false") as server:
        ended = suite.run(server.url, "--profile", "smoke", "--report-dir", "my reports")
        command = re.search("Finish it with:\\s+rocketchat-contract (sweep .*)", ended.out)
        assert command is not None
        change(server, visitors_may_close=True)

        assert suite(*shlex.split(command[1])).code == 0
        assert (server.open_rooms, server.visitors) == ([], [])


def test_where_rooms_cannot_be_closed_no_driver_opens_them_by_the_dozen(suite: Command) -> None:
    with rocket("visitors_may_close=false") as server:
        ended = suite.run(server.url, "--profile", "nightly")

        is_row_with_leftovers(ended, suite, server, 3, "incomplete")
        assert server.rooms_made < 40
        assert ended.facts["driver life"] == "left out: its rooms could not be closed again"
        assert ended.targets("life") == ended.targets("queries") == []


def test_deleting_a_visitor_erases_rooms_that_cannot_be_closed(suite: Command) -> None:
    with rocket("visitors_may_close=false", "delete_with_open_rooms=true") as server:
        ended = suite.run(server.url)

        is_row(ended, suite, server, 3, "incomplete")


def test_deleting_is_refused(suite: Command) -> None:
    with rocket("delete_forbidden=true") as server:
        ended = suite.run(server.url)

        is_row_with_leftovers(ended, suite, server, 0, "conformant")
        assert ended.broken == set()
        assert (server.open_rooms, ended.ledger.rooms_left) == ([], ())
        assert len(server.visitors) > 0


def test_livechat_is_switched_off(suite: Command) -> None:
    with rocket("livechat_enabled=false") as server:
        ended = suite.run(server.url)

        is_row(ended, suite, server, 3, "incomplete")
        assert ended.broken == set()
        assert "Livechat is switched off: switch on Livechat_enabled." in ended.footer["obstacles"]
        assert ended.report["verdict"]["obstacles"] == ["Livechat is switched off: switch on Livechat_enabled."]


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (("agent_online=false",), "No agent is online"),
        (("contact_blocked=true",), "contact channel is blocked"),
    ],
)
def test_settings_that_forbid_rooms(suite: Command, pairs: tuple[str, ...], sentence: str) -> None:
    with rocket(*pairs) as server:
        ended = suite.run(server.url)

        is_row(ended, suite, server, 3, "incomplete")
        assert (ended.broken, server.rooms_made) == (set(), 0)
        assert sentence in " ".join(ended.report["verdict"]["obstacles"])
        assert ended.footer["notes"] == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("error-omnichannel-is-disabled", "switch on Livechat_enabled"),
        ("error-contact-unverified", "set Livechat_Require_Contact_Verification to never"),
        ("error-invalid-contact", "Visitors lack a usable contact"),
        ("error-app-prevented", "An app vetoes new rooms"),
    ],
)
def test_refusals_that_name_a_setting(suite: Command, code: str, sentence: str) -> None:
    def fault(asked: Asked, forward: Forward) -> bytes:
        answer = forward()
        if b"error-contact-channel-blocked" not in answer:
            return answer
        body = {"success": False, "error": f"[{code}]", "errorType": code}
        return response(json.dumps(body).encode(), "400 Bad Request", "Cache-Control: no-store", "Pragma: no-cache")

    with rocket("contact_blocked=true") as server, front(server.port, fault) as served:
        ended = suite.run(served.url)

        is_row(ended, suite, server, 3, "incomplete")
        assert sentence in " ".join(ended.report["verdict"]["obstacles"])
