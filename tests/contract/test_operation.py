"""Driver: calls that schemathesis generates for another operation than livechat/room, positive and negative."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode

from rocketchat_contract.client.query import parameter_pairs
from rocketchat_contract.client.transport import Call
from rocketchat_contract.client.visitors import Actor
from rocketchat_contract.config import Profile
from rocketchat_contract.run.exploration import Explorer


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["positive", "negative"])
def test_generated_calls(
    actor: Actor, operation: Any, mode: GenerationMode, profile: Profile, explorer: Explorer
) -> None:
    kept: set[str] = set()

    def sends(case: Any) -> None:
        query = urlencode(parameter_pairs(case.query or {}), quote_via=quote, errors="surrogatepass")
        target = f"{case.formatted_path}?{query}" if query else case.formatted_path
        if target not in kept:
            actor.send(Call("GET", target), mode.value)
        explorer.check()
        kept.add(target)

    test = partial(given(cases(operation, mode)), sends)
    planned = profile.queries // (1 if mode is GenerationMode.POSITIVE else 2)
    explorer.explore(lambda settings: settings(test()), f"{operation.label} {mode.value}", "calls", planned)


def cases(operation: Any, mode: GenerationMode) -> Any:
    """What schemathesis generates, and now and then the call without any parameter that may be left out."""
    generated = operation.as_strategy(generation_mode=mode)
    return generated if mode is GenerationMode.NEGATIVE else st.one_of(generated, generated.map(bare))


def bare(case: Any) -> Any:
    """The case without its optional query parameters."""
    required = {each.name for each in case.operation.query if each.is_required}
    case.query = {name: value for name, value in (case.query or {}).items() if name in required}
    return case
