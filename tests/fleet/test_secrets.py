"""What a fleet writes and says holds no credential of a deployment, and no visitor's token."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from rocketchat_contract.cli.commands import cli
from support.canaries import CANARY, files_below, leaks
from support.live import rocket

FLEET = """
[[deployment]]
name = "eu-1"
url = "{url}"
profile = "smoke"
credentials = {{ user-id = "EU1_USER_ID", auth-token = "EU1_AUTH_TOKEN" }}
"""


def test_credentials_of_deployments_show_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EU1_USER_ID", f"{CANARY}-user-id")
    monkeypatch.setenv("EU1_AUTH_TOKEN", f"{CANARY}-auth-token")
    with rocket() as server:
        (tmp_path / "fleet.toml").write_text(FLEET.format(url=f"http://127.0.0.1:{server.port}"), encoding="utf-8")
        command = ["fleet", "run", str(tmp_path / "fleet.toml"), "--yes", "--report-dir", str(tmp_path / "reports")]
        done = CliRunner().invoke(cli, command)

        assert done.exit_code == 3, done.output
        assert len(list(tmp_path.rglob("record.jsonl"))) >= 1
        assert leaks({"what was said": done.output_bytes, **files_below(tmp_path)}) == []
        assert server.visitors == []
