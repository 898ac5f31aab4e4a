"""What generating drivers draw from."""

from __future__ import annotations

from hypothesis.internal.conjecture import providers

from rocketchat_contract.run.hypothesis_settings import Memory


def test_our_sources_are_read_for_no_constants_while_a_driver_generates() -> None:
    looks = providers._get_local_constants
    seen = []

    Memory().prepared(lambda: seen.append(providers._get_local_constants), "driver")()

    assert seen != [looks]
    assert providers._get_local_constants is looks
