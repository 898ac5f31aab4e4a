"""The target's address, and the way there."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.address import Address, Proxy, parse_address, parse_proxy
from rocketchat_contract.errors import UsageError


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://chat.example.com", Address("https", "chat.example.com", 443)),
        ("https://chat.example.com/", Address("https", "chat.example.com", 443)),
        ("http://127.0.0.1:3000/chat/", Address("http", "127.0.0.1", 3000, "/chat")),
        ("http://[::1]:3000", Address("http", "::1", 3000)),
        ("https://h/chat/api/v1/livechat/room", Address("https", "h", 443, "/chat")),
        ("https://CHAT.example.com:443/a%20b", Address("https", "chat.example.com", 443, "/a%20b")),
        ("https://bücher.example", Address("https", "xn--bcher-kva.example", 443)),
    ],
)
def test_base_url_is_taken_apart(url: str, address: Address) -> None:
    assert parse_address(url) == address


@pytest.mark.parametrize(
    "url",
    ["", "chat.example.com", "ftp://h", "https://", "https://h:x", "https://h?a=b", "https://h#a", "https://h/a b"],
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        parse_address(url)


def test_credentials_in_the_url_are_refused_and_not_told() -> None:
    with pytest.raises(UsageError) as refused:
        parse_address("https://user:canary@h")

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("url", ["https://user:canary@h:x", "https://user:canary@h?a"])
def test_a_password_in_a_broken_url_is_not_told(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_address(url)

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (Address("http", "::1", 80, "/chat"), "http://[::1]/chat"),
        (Address("https", "h", 8443), "https://h:8443"),
    ],
)
def test_url_leaves_the_usual_port_out(address: Address, url: str) -> None:
    assert address.url == url


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://proxy:8080", Proxy("proxy", 8080)),
        ("proxy", Proxy("proxy", 3128)),
        ("http://me:p%40ss@proxy:1", Proxy("proxy", 1, "Basic bWU6cEBzcw==")),
    ],
)
def test_proxy_is_taken_apart(url: str, proxy: Proxy) -> None:
    assert parse_proxy(url) == proxy


@pytest.mark.parametrize("url", ["https://proxy", "http://", "socks5://proxy", "http://proxy/path"])
def test_what_is_no_http_proxy_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        parse_proxy(url)


def test_the_proxys_password_is_not_shown() -> None:
    assert "bWU6" not in repr(parse_proxy("http://me:canary@proxy:1"))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("chat.example.com", "https://chat.example.com"),
        ("chat.example.com/sub", "https://chat.example.com/sub"),
        ("chat.example.com:443", "https://chat.example.com:443"),
        ("localhost:3000", "http://localhost:3000"),
        ("10.0.0.1:3000", "http://10.0.0.1:3000"),
        ("//chat.example.com", "https://chat.example.com"),
        ("https:/chat.example.com", "https://chat.example.com"),
        ("htp://chat.example.com", "http://chat.example.com"),
        ("htps://chat.example.com", "https://chat.example.com"),
    ],
)
def test_what_was_meant_is_offered(given: str, meant: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_address(given)

    assert raised.value.next_step == f"Did you mean {meant}?"
    assert parse_address(meant).host


@pytest.mark.parametrize("given", ["user:secret@chat.example.com", "x://user:secret@h", "", "::1", "/path"])
def test_nothing_is_offered_or_shown_that_may_be_a_secret(given: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_address(given)

    assert "secret" not in str(raised.value)
