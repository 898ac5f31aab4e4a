"""Certificates: whose authority is named are used, unchecked ones are told loudly."""

from __future__ import annotations

import ssl
import subprocess

from support.certificates import authority
from support.fronts import Asked, Forward, front
from support.live import Command, rocket
from support.needs import tool
from support.truth import is_row


def forwarded(asked: Asked, forward: Forward) -> bytes:
    """Nothing is wrong with this one."""
    return forward()


def self_signed(suite: Command) -> tuple[ssl.SSLContext, str]:
    """A server's side and its certificate's file, signed by nobody else."""
    cert, key = suite.home.parent / "self.pem", suite.home.parent / "self.key"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    files = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([tool("openssl"), *words.split(), *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, str(cert)


def test_own_authority_and_sub_path(suite: Command) -> None:
    own = authority(suite.home)
    with rocket("prefix=/chat") as server, front(server.port, forwarded, own.server("localhost")) as served:
        ended = suite.run(f"https://localhost:{served.port}/chat/", "--ca", own.pem)

        is_row(ended, suite, server, 0, "conformant")


def test_a_self_signed_certificate_that_is_named(suite: Command) -> None:
    tls, cert = self_signed(suite)
    with rocket() as server, front(server.port, forwarded, tls) as served:
        ended = suite.run(f"https://localhost:{served.port}", "--ca", cert)

        is_row(ended, suite, server, 0, "conformant")


def test_a_self_signed_certificate_that_is_not_named(suite: Command) -> None:
    tls, _ = self_signed(suite)
    with rocket() as server, front(server.port, forwarded, tls) as served:
        ended = suite.run(f"https://localhost:{served.port}")

        assert (ended.code, len(ended.runs), server.app.calls) == (3, 1, 0)
        assert "the certificate is not accepted: self-signed certificate" in ended.said
        assert "with --ca." in ended.said


def test_an_unchecked_certificate_is_told_loudly(suite: Command) -> None:
    own = authority(suite.home)
    with rocket() as server, front(server.port, forwarded, own.server("localhost")) as served:
        ended = suite.run(f"https://localhost:{served.port}", "--insecure", "--profile", "readonly")

        is_row(ended, suite, server, 3, "incomplete")
        assert "WARNING: the server's certificate is not checked (--insecure)." in ended.said
        assert ended.facts["server certificate"] == "not checked (--insecure)"


def test_another_name_for_host_header_and_certificate(suite: Command) -> None:
    own = authority(suite.home)
    seen: list[bytes] = []

    def look(asked: Asked, forward: Forward) -> bytes:
        seen.append(asked.head)
        return forward()

    with rocket() as server, front(server.port, look, own.server("chat.example.com")) as served:
        flags = ("--host", "chat.example.com", "--ca", own.pem, "--profile", "smoke")
        ended = suite.run(f"https://127.0.0.1:{served.port}", *flags)

        is_row(ended, suite, server, 3, "incomplete")
        assert {b"Host: chat.example.com\r\n" in head for head in seen} == {True}
