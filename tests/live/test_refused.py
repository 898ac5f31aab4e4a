"""Targets that no run begins on: what is said, and that nothing is left, here or there."""

from __future__ import annotations

import json
import time

import pytest

from rocketchat_contract.rocketchat.paths import CONFIG_PATH, INFO_PATH, MESSAGE_PATH
from support.certificates import authority
from support.fronts import Asked, CutError, Forward, front
from support.live import Command, Ended, rocket
from support.sockets import Handler, answering, closed_port, response, serve
from support.truth import is_row

HTML = b"<html><body>\x1b[31mdown\x1b[0m</body></html>"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/\x1bhtml\r\n\r\n" + HTML


def is_refused_early(ended: Ended, sentence: str, next_step: str, code: int = 3) -> None:
    """The command ended before anything was created and said why in plain text; only a target's fault has reports."""
    assert ended.code == code, ended.err
    assert sentence in ended.said
    assert next_step in ended.said
    assert "Traceback" not in ended.err
    assert "\x1b" not in ended.err
    assert len(ended.runs) == (1 if code == 3 else 0)
    assert (ended.home / "reports").exists() == (code == 3)


def test_a_target_that_is_gone_has_reports(suite: Command) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    ended = Command(suite.home, {**suite.environment, "GITHUB_ACTIONS": "true"}).run(url)
    judged = suite("judge", "reports/latest")
    history = suite("history", "reports")

    report = json.loads((ended.run / "report.json").read_text("utf-8"))
    assert (ended.code, judged.code) == (3, 3)
    assert "gives no answer: connection refused." in report["verdict"]["obstacles"][0]
    assert ended.out.count("::error") == 1
    assert "1 run, the last incomplete" in history.out
    assert not list(suite.home.glob("reports/2*/ledger.jsonl"))


def test_connection_refused(suite: Command) -> None:
    ended = suite.run(f"http://127.0.0.1:{closed_port()}")

    is_refused_early(ended, "gives no answer: connection refused.", "Start the server, or correct host and port.")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_refuses_is_told_as_the_proxy(suite: Command, scheme: str) -> None:
    port = closed_port()
    ended = suite.run(f"{scheme}://chat.example.com", "--proxy", f"http://127.0.0.1:{port}")

    is_refused_early(ended, f"the proxy 127.0.0.1:{port} cannot be reached: connection refused.", "Check --proxy")


def test_unknown_host(suite: Command) -> None:
    ended = suite.run("https://no-such-host.invalid")

    is_refused_early(ended, "gives no answer", "Correct the host name.")


@pytest.mark.parametrize(
    ("handler", "sentence", "next_step"),
    [
        (answering(response(b'{"name":"x"}')), "is not a Rocket.Chat", "Give the base URL of the workspace"),
        (answering(response(HTML, "404 Not Found")), "status 404", "Give the base URL of the workspace"),
        (answering(response(b'{"version":8}')), "is not a Rocket.Chat", "Give the base URL of the workspace"),
        (answering(PAGE), "gives no answer: not HTTP as expected", "Check the scheme and the port"),
        (answering(b"220 mail ESMTP\r\n"), "gives no answer: not HTTP as expected", "Check the scheme and the port"),
        (answering(b""), "closed the connection without an answer", "something accepts connections there"),
        (answering(*[response(HTML, "503 Starting")] * 9), "answers status 503", "Wait until the server has started"),
        (answering(response(b"x" * 100_000)), "is not a Rocket.Chat", "Give the base URL of the workspace"),
    ],
    ids=["another service", "html", "no version", "control characters", "mail", "silence", "never up", "noise"],
)
def test_something_else(suite: Command, handler: Handler, sentence: str, next_step: str) -> None:
    with serve(handler) as served:
        ended = suite.run(served.url)

    is_refused_early(ended, sentence, next_step)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "302 Found"])
def test_a_version_that_is_hidden_keeps_no_run_from_beginning(suite: Command, status: str) -> None:
    def hide(asked: Asked, forward: Forward) -> bytes:
        return response(HTML, status) if asked.path == "/api/info" else forward()

    with rocket() as server, front(server.port, hide) as served:
        ended = suite.run(served.url, "--profile", "smoke")

        is_row(ended, suite, server, 3, "incomplete")
        assert ended.facts["/api/info"] == f"hidden, it answers status {status[:3]}"


@pytest.mark.parametrize("body", [HTML, b'{"message":"Missing Authentication Token"}'], ids=["HTML", "JSON"])
def test_where_only_the_routes_of_visitors_are_let_through_a_run_begins(suite: Command, body: bytes) -> None:
    def hide(asked: Asked, forward: Forward) -> bytes:
        return response(body, "403 Forbidden") if asked.path in (INFO_PATH, CONFIG_PATH) else forward()

    with rocket() as server, front(server.port, hide) as served:
        ended = suite.run(served.url)

        is_row(ended, suite, server, 0, "conformant")
        assert {ended.facts[path] for path in (INFO_PATH, CONFIG_PATH)} == {"hidden, it answers status 403"}


def test_where_nobody_may_write_the_reason_says_so(suite: Command) -> None:
    def hide(asked: Asked, forward: Forward) -> bytes:
        return response(HTML, "403 Forbidden") if asked.path == MESSAGE_PATH else forward()

    with rocket() as server, front(server.port, hide) as served:
        ended = suite.run(served.url)

        is_row(ended, suite, server, 3, "incomplete")
        rows = {row["id"]: row for row in ended.report["requirements"] if row["outcome"] == "not-judged"}
        assert rows["a-last-message-is-the-rooms-own"]["reason"].startswith("Writing a message does not work: ")
        assert len([row for row in rows.values() if row["level"] == "must"]) == 1


def test_another_service_that_forbids_all_but_one_route_is_no_rocket_chat(suite: Command) -> None:
    def forbid(asked: Asked, _: Forward) -> bytes:
        if asked.is_room_call:
            return response(b'{"success":false,"error":"no such thing"}', "400 Bad Request")
        return response(HTML, "403 Forbidden")

    with rocket() as server, front(server.port, forbid) as served:
        ended = suite.run(served.url)

    is_refused_early(ended, "forbids access", "Let this machine through there")


@pytest.mark.parametrize("silence", [CutError(b""), TimeoutError()])
def test_a_version_that_is_dropped_keeps_no_run_from_beginning(suite: Command, silence: OSError) -> None:
    def drop(asked: Asked, forward: Forward) -> bytes:
        if asked.path != "/api/info":
            return forward()
        time.sleep(2 if isinstance(silence, TimeoutError) else 0)
        raise silence

    with rocket() as server, front(server.port, drop) as served:
        ended = suite.run(served.url, "--profile", "smoke", "--timeout", "1")

        is_row(ended, suite, server, 3, "incomplete")
        assert ended.facts["/api/info"].startswith("hidden, it gives no answer (")


def test_a_redirect_is_named_and_not_followed(suite: Command) -> None:
    with serve(answering(response())) as other:
        place = f"{other.url}/\u00e9"
        with serve(answering(response(b"", "301 Moved", f"Location: {place}"))) as served:
            ended = suite.run(served.url)

        is_refused_early(ended, f"redirects to '{other.url}/", "Give the URL that the workspace itself answers at.")
        assert other.connections == 0


@pytest.mark.parametrize(
    ("name", "flags", "sentence", "next_step"),
    [
        ("localhost", (), "the certificate is not accepted", "with --ca."),
        ("127.0.0.1", ("--ca", "ca.pem"), "mismatch", "Use the name in the certificate: in the URL, or with --host."),
        ("localhost", ("--ca", "nowhere.pem"), "There is no file for ca=nowhere.pem (flag --ca).", "Name a file"),
    ],
    ids=["authority not named", "wrong name", "no such file"],
)
def test_a_certificate_that_is_not_accepted(
    suite: Command, name: str, flags: tuple[str, ...], sentence: str, next_step: str
) -> None:
    own = authority(suite.home)
    assert own.pem
    with serve(answering(response()), own.server("localhost")) as served:
        ended = suite.run(f"https://{name}:{served.port}", *flags)

    is_refused_early(ended, sentence, next_step, code=2 if "nowhere.pem" in flags else 3)


def test_plain_http_where_tls_is_expected(suite: Command) -> None:
    with serve(lambda connection: connection.sendall(response(b"", "400 Bad Request"))) as served:
        ended = suite.run(served.url.replace("http", "https"))

    is_refused_early(ended, "no TLS session", "does not speak TLS: check scheme and port")


def test_a_client_certificate_that_is_missing(suite: Command) -> None:
    own = authority(suite.home)
    with serve(answering(response()), own.server("localhost", wants_client=True)) as served:
        ended = suite.run(f"https://localhost:{served.port}", "--ca", own.pem)

    assert ended.code == 3
    assert "--cert" in ended.said


def test_nobody_agreed(suite: Command) -> None:
    with serve(answering(response())) as served:
        ended = suite("run", served.url)

        is_refused_early(ended, "creates rooms: at most 72 room calls", "Pass --yes to allow it.", code=2)
        assert served.connections == 0


def test_a_report_folder_that_cannot_be_written(suite: Command) -> None:
    (suite.home / "file").write_text("")
    with serve(answering(response())) as served:
        ended = suite.run(served.url, "--report-dir", "file/reports")

        is_refused_early(ended, "cannot be written", "Choose another --report-dir.", code=2)
        assert served.connections == 0


@pytest.mark.parametrize(("option", "is_said"), [((), True), (("--proxy", "http://127.0.0.1:1"), False)])
def test_proxy_variables_that_are_not_read_are_named(suite: Command, option: tuple[str, ...], is_said: bool) -> None:
    behind = Command(suite.home, {**suite.environment, "HTTPS_PROXY": "http://127.0.0.1:1"})
    ended = behind.run(f"http://127.0.0.1:{closed_port()}", *option)

    assert ("HTTPS_PROXY is set, but not read by this suite." in ended.said) == is_said
