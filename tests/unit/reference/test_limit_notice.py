"""A limit that does not do what is asked is said aloud."""

from __future__ import annotations

import pytest

from rocketchat_contract.reference.editions import limit_notice
from rocketchat_contract.reference.settings import LimitSetting, Settings

LIMIT = LimitSetting.parse("5/60")


@pytest.mark.parametrize(
    ("edition", "said"),
    [
        ("newest", ""),
        ("7.10", "The limit has no effect: the limiter of 7.10 is off, as in that release."),
        ("3.7", "Release 3.7 allows twice as many room calls: 10 per 60 s."),
    ],
)
def test_what_a_limit_does_not_do_is_said(edition: str, said: str) -> None:
    assert limit_notice(Settings(edition=edition, limit=LIMIT)) == said


def test_without_a_limit_nothing_is_said() -> None:
    assert limit_notice(Settings(edition="7.10")) == ""
