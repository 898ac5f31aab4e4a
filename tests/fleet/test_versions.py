"""A version is inside its expected range, or a sentence says that it is not."""

from __future__ import annotations

import pytest

from rocketchat_contract.fleet.versions import outside


@pytest.mark.parametrize("version", ["7.10", "7.10.3", "8.0.0-rc.1", "8.2"])
def test_a_version_within_the_range_is_fine(version: str) -> None:
    assert outside(version, ">=7.10,<9") == ""


@pytest.mark.parametrize("version", ["7.9", "9.0.0", "8.0.0-develop", "", "unknown"])
def test_a_version_outside_the_range_is_named(version: str) -> None:
    assert outside(version, ">=7.10,<9") == f"Rocket.Chat >=7.10,<9 is expected, but {version} answers."


def test_a_version_that_is_not_known_is_not_the_expected_one() -> None:
    assert outside(None, ">=7") == "Rocket.Chat >=7 is expected, but the target's version is not known."


def test_without_a_range_every_version_is_fine() -> None:
    assert outside(None, "") == ""
