from __future__ import annotations

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.reference.settings import LimitSetting, Settings


def test_pairs_are_laid_over_the_defaults() -> None:
    settings = Settings().with_pairs(["edition=3.7", "limit=5/60", "latency=0.5", "chunked", "premium=no"])

    assert settings == Settings(edition="3.7", limit=LimitSetting(5, 60), latency=0.5, chunked=True)


def test_what_is_written_reads_back() -> None:
    settings = Settings(limit=LimitSetting(3, 0.5), prefix="/chat", agent_online=False, message_limit=9)

    assert Settings().with_pairs(settings.to_pairs()) == settings


@pytest.mark.parametrize(
    ("pair", "problem"),
    [
        ("latencie=1", "Did you mean latency?"),
        ("nonsense=1", "The settings are"),
        ("latency=soon", "Expected float, got latency=soon."),
        ("chunked=maybe", "Write for instance chunked=true."),
        ("limit=5", "Expected calls/seconds"),
        ("limit=0/60", "Expected calls/seconds"),
        ("limit=5/nan", "Expected calls/seconds"),
        ("prefix=chat", "Write for instance prefix=/chat."),
    ],
)
def test_wrong_pairs_are_told_with_a_next_step(pair: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        Settings().with_pairs([pair])

    assert problem in str(caught.value)
