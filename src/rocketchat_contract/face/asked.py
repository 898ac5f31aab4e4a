"""What a run is asked to do: flags, environment and file together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rocketchat_contract.config import RunConfig


def config_of(url: str | None, flags: Mapping[str, Any]) -> RunConfig:
    """What flags, environment and file ask for together."""
    from rocketchat_contract.config.loading import load
    from rocketchat_contract.config.making import make_config

    given = dict(flags)
    file = given.pop("config_file", None)
    return make_config(load({**given, "target": url}, file=file))
