"""Commands run as a user runs them: in a process, a folder and an environment of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.live import CANARY, Command


@pytest.fixture
def suite(tmp_path: Path) -> Command:
    """Runs commands, with a header that holds a secret."""
    home = tmp_path / "home"
    home.mkdir()
    return Command(home, {"ROCKETCHAT_CONTRACT_HEADER": f"X-Edge-Key: {CANARY}-edge-key"})
