"""What is rarely said of an answer survives masking and the record."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.client import masked
from rocketchat_contract.record.exchange import RARE_SIGNS, Exchange, Request, Response
from rocketchat_contract.record.redactor import Mask


@pytest.mark.parametrize("sign", RARE_SIGNS)
def test_a_sign_of_an_answer_is_kept(sign: str) -> None:
    response = Response(200, (), None, b"x", 1, **{sign: True})  # type: ignore[arg-type]
    exchange = masked(Exchange(1, "d", "w", None, 1, 2, Request("GET", "/"), response), Mask("mark"))
    read = Exchange.from_json(exchange.to_json())

    assert getattr(read.response, sign) is True
