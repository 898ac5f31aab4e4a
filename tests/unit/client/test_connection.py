"""What is told of the configuration's headers, and what is kept secret of them."""

from __future__ import annotations

import pytest

from rocketchat_contract.client.connection import hide_secrets
from rocketchat_contract.config import RunConfig
from rocketchat_contract.record.redactor import Mask

SECRET = "c2VjcmV0OnNlY3JldA"


@pytest.mark.parametrize(
    "header", ["Accept: application/json", "cache-control: no-cache, no-store", "User-Agent: x" * 9]
)
def test_a_header_that_is_no_secret_is_shown(header: str) -> None:
    name, _, value = header.partition(": ")
    mask = Mask("0123abcd")

    shown = hide_secrets(RunConfig(headers=((name, value),)), mask)

    assert shown == ((name, value),)
    assert mask.text(f"Content-Type: {value}") == f"Content-Type: {value}"


@pytest.mark.parametrize("value", [SECRET, f"Basic {SECRET}", f"a=1; session={SECRET}; b=2"])
def test_a_secret_of_a_header_is_hidden_alone_too(value: str) -> None:
    mask = Mask("0123abcd")

    shown = hide_secrets(RunConfig(headers=(("X-Edge", value),)), mask)

    assert shown == (("X-Edge", "$RC_HEADER_X_EDGE"),)
    assert SECRET not in mask.text(f'{{"echo": "{SECRET}", "whole": "{value}"}}')
