"""The pytest face of the suite: its options and fixtures are those of ``rocketchat-contract run``."""

from __future__ import annotations

pytest_plugins = ["rocketchat_contract.plugin"]
