"""What answers in a Rocket.Chat's place is told as what it is, with the step that helps."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.address import parse_address
from rocketchat_contract.client.diagnosis import check_answered, not_a_rocket_chat
from rocketchat_contract.errors import TargetError
from rocketchat_contract.judge.operation import read
from rocketchat_contract.record.exchange import Exchange, Failure, FailureKind, Headers, Request, Response

ADDRESS = parse_address("https://chat.example.com")
HTML = (("Content-Type", "text/html"),)


def told(status: int, page: str = "", headers: Headers = HTML) -> str:
    info = Exchange(1, "facts", "", None, 0, 1, Request("GET", "/api/info"), Response(status, headers, page))
    return str(not_a_rocket_chat(read(info), ADDRESS))


def failed(kind: FailureKind, detail: str) -> str:
    failure = Failure(kind, sent=False, detail=detail)
    info = Exchange(1, "facts", "", None, 0, 1, Request("GET", "/api/info"), failure=failure)
    with pytest.raises(TargetError) as raised:
        check_answered(read(info), ADDRESS)
    return str(raised.value)


@pytest.mark.parametrize(
    ("status", "page", "problem", "step"),
    [
        (401, "", "wants a login", '--header "Authorization: …"'),
        (403, "<h1>Forbidden</h1>", "forbids access", '--header "Authorization: …"'),
        (407, "", "a proxy that wants a login", "--proxy: http://USER:PASSWORD@HOST:PORT"),
        (400, "<title>400 No required SSL certificate was sent</title>", "wants a client certificate", "--cert"),
        (400, "<title>400 The SSL certificate error</title>", "wants a client certificate", "--cert"),
        (400, "<title>400 The plain HTTP request was sent to HTTPS port</title>", "speaks TLS", "https://"),
        (400, "You're speaking plain HTTP to an SSL-enabled server port.", "speaks TLS", "https://"),
        (400, "Client sent an HTTP request to an HTTPS server.", "speaks TLS", "https://"),
        (403, "<title>Just a moment...</title>", "a bot check", "Let this machine through"),
        (503, "<title>DDoS-Guard</title>", "a bot check", "Let this machine through"),
        (200, "<p>Please solve the CAPTCHA</p>", "a bot check", "Let this machine through"),
        (429, "", "too many requests", "--limit"),
        (505, "", "wants another version of HTTP", "HTTP/1.1"),
        (426, "", "wants another version of HTTP", "HTTP/1.1"),
        (502, "", "no server behind it", "Wait until the server has started"),
        (404, "<title>Welcome to nginx!</title>", "with the title 'Welcome to nginx!'", "Give the base URL"),
    ],
)
def test_each_kind_of_answer_has_its_own_step(status: int, page: str, problem: str, step: str) -> None:
    sentence = told(status, page)

    assert (problem in sentence, step in sentence) == (True, True), sentence


def test_a_coding_that_nobody_asked_for_is_named() -> None:
    assert "a content coding that nobody asked for" in told(200, "?", (*HTML, ("Content-Encoding", "br")))


def test_what_is_added_to_an_answer_is_named() -> None:
    added = '{"version":"8.6","success":true}\n<!-- added -->'

    assert "changes what the server says" in told(200, added, (("Content-Type", "application/json"),))


@pytest.mark.parametrize("header", [("cf-mitigated", "challenge"), ("X-Amzn-Waf-Action", "challenge")])
def test_a_bot_check_shows_in_a_header(header: tuple[str, str]) -> None:
    assert "a bot check" in told(202, "", (*HTML, header))


@pytest.mark.parametrize(
    ("detail", "step"),
    [
        ("the certificate is not accepted: certificate has expired", "Renew the server's certificate."),
        ("the certificate is not accepted: certificate is not yet valid", "clocks"),
        ("the certificate is not accepted: Hostname mismatch, certificate is not valid for 'x'", "--host"),
        ("the certificate is not accepted: IP address mismatch, certificate is not valid for '1.2.3.4'", "--host"),
        ("the certificate is not accepted: unable to get local issuer certificate", "--ca"),
        ("the certificate is not accepted: unable to verify the first certificate", "whole chain"),
        ("the certificate is not accepted: self-signed certificate in certificate chain", "authority"),
        ("no TLS session: unsupported protocol", "TLS 1.2"),
        ("no TLS session: tlsv1 alert protocol version", "TLS 1.2"),
        ("no TLS session: wrong version number", "does not speak TLS"),
        ("no TLS session: sslv3 alert handshake failure", "--cert"),
        ("no TLS session: tlsv13 alert certificate required", "--cert"),
        ("no TLS session: tlsv1 alert unknown ca", "--cert"),
        ("no TLS session: tlsv1 unrecognized name", "--host"),
    ],
)
def test_each_tls_failure_has_its_own_step(detail: str, step: str) -> None:
    assert step in failed("tls", detail)


@pytest.mark.parametrize("detail", ["certificate has expired", "certificate is not yet valid", "unsupported protocol"])
def test_no_authority_is_asked_for_where_none_would_help(detail: str) -> None:
    assert "--ca" not in failed("tls", detail)


def test_a_proxy_that_wants_a_login_is_told_as_the_proxy() -> None:
    assert "http://USER:PASSWORD@HOST:PORT" in failed("refused", "the proxy answered 407 to CONNECT")
