"""Each test has a home of its own, with secrets in its environment that nobody may ever see again."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.live import CANARY, Command


@pytest.fixture
def suite(tmp_path: Path) -> Command:
    """Runs the suite, with a header that holds a secret."""
    home = tmp_path / "home"
    home.mkdir()
    return Command(home, {"ROCKETCHAT_CONTRACT_HEADER": f"X-Edge-Key: {CANARY}-edge-key"})
