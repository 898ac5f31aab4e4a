"""A record says of a call that a value which it hides was unusual."""

from __future__ import annotations

import pytest

from rocketchat_contract.record.exchange import Exchange, Request
from rocketchat_contract.record.ordinary import hides_unusual

KEPT = "/room?token=$RC_TOKEN_1"


@pytest.mark.parametrize("token", ["a%2Bb", "%C3%A9", "a+b", "x" * 129])
def test_an_unusual_token_is_hidden(token: str) -> None:
    assert hides_unusual(f"/room?token={token}", KEPT)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("/room?token=abc-1", KEPT),
        ("/room?token=%C3%A9&rid=%3Cb%3E", f"{KEPT}&rid=%3Cb%3E"),
        ("/room?token=%C3%A9", "/room?token=%C3%A9"),
    ],
)
def test_nothing_else_is_hidden(sent: str, kept: str) -> None:
    assert not hides_unusual(sent, kept)


def test_the_mark_comes_back_from_the_record() -> None:
    exchange = Exchange(1, "core", "", None, 0, 1, Request("GET", KEPT, unusual=True))

    assert Exchange.from_json(exchange.to_json()) == exchange
