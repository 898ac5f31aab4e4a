"""Commands run as a user runs them, in an environment with secrets; afterwards every trace is searched for these."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from support.canaries import CANARY, files_below, leaks
from support.live import Command

SECRETS = {
    "ROCKETCHAT_CONTRACT_HEADER": f"X-Edge-Key: {CANARY}-edge-key",
    "ROCKETCHAT_CONTRACT_USER_ID": f"{CANARY}-user-id",
    "ROCKETCHAT_CONTRACT_AUTH_TOKEN": f"{CANARY}-auth-token",
}


@pytest.fixture
def suite(tmp_path: Path) -> Command:
    """Runs commands, with a header that holds a secret."""
    home = tmp_path / "home"
    home.mkdir()
    return Command(home, {"ROCKETCHAT_CONTRACT_HEADER": SECRETS["ROCKETCHAT_CONTRACT_HEADER"]})


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What commands say, in this process and in others."""
    heard: list[bytes] = []
    invoke, communicate = CliRunner.invoke, subprocess.Popen.communicate

    def listening_invoke(self: CliRunner, *arguments: Any, **options: Any) -> Any:
        result = invoke(self, *arguments, **options)
        heard.append(result.output_bytes)
        return result

    def listening_communicate(self: subprocess.Popen[Any], *arguments: Any, **options: Any) -> Any:
        parts = communicate(self, *arguments, **options)
        heard.extend(part if isinstance(part, bytes) else part.encode() for part in parts if part)
        return parts

    monkeypatch.setattr(CliRunner, "invoke", listening_invoke)
    monkeypatch.setattr(subprocess.Popen, "communicate", listening_communicate)
    return heard


@pytest.fixture(autouse=True)
def no_secret_shows(tmp_path: Path, said: list[bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Puts secrets into the environment, and fails when one shows in a file, an archive or an output."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    yield
    assert leaks({"what was said": b"\n".join(said), **files_below(tmp_path)}) == []
