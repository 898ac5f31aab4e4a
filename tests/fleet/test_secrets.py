"""What a fleet writes and says holds no credential of a deployment, and no visitor's token."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from rocketchat_contract.cli.commands import cli
from support.canaries import CANARY, files_below, leaks
from support.live import rocket

from .servers import listening_to_processes

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


SECRET_OPTIONS = """
[defaults]
profile = "smoke"
header = ["X-Api-Key: {canary}-header"]

[[deployment]]
name = "eu-1"
url = "{url}"

[[deployment]]
name = "eu-2"
url = "http://127.0.0.1:9"
proxy = "http://user:{canary}-proxy@127.0.0.1:9"
"""


def test_headers_and_proxies_are_in_no_command_line(tmp_path: Path) -> None:
    with rocket() as server, listening_to_processes() as seen:
        text = SECRET_OPTIONS.format(url=f"http://127.0.0.1:{server.port}", canary=CANARY)
        (tmp_path / "fleet.toml").write_text(text, encoding="utf-8")
        command = ["fleet", "run", str(tmp_path / "fleet.toml"), "--yes", "--report-dir", str(tmp_path / "reports")]
        CliRunner().invoke(cli, command)

    assert any("$RC_HEADER_X_API_KEY" in record.read_text() for record in tmp_path.rglob("record.jsonl"))
    assert any(b"eu-1" in line for line in seen)
    assert any(b"eu-2" in line for line in seen)
    assert [line for line in seen if CANARY.encode() in line] == []
