"""The documents' recipes for gate, nightly and fleet run as they stand, with addresses of loopback servers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from .servers import Watched, watched

ROOT = Path(__file__).resolve().parents[2]
BASELINE = "# nothing is accepted\n"


def recipes() -> dict[str, list[str]]:
    """The blocks of code of the two pages, by their languages."""
    nightly = (ROOT / "docs" / "nightly-and-fleet.md").read_text("utf-8")
    gate = (ROOT / "docs" / "ci.md").read_text("utf-8").partition("\n## GitHub Actions\n")[2].partition("\n## ")[0]
    text = nightly + gate
    found: dict[str, list[str]] = {}
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        found.setdefault(language, []).append(block)
    return found


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[dict[str, Watched]]:
    """What stands for the addresses of the documents."""
    with watched(tmp_path, "127.0.0.51") as one, watched(tmp_path, "127.0.0.52") as other:
        yield {"chat": one, "eu-1": one, "eu-2": other}


def here(text: str, servers: dict[str, Watched]) -> str:
    for name, server in servers.items():
        text = text.replace(f"https://{name}.example.com", server.url)
    return text


def commands(block: str, folder: Path) -> list[int]:
    """The exit codes of a block's lines."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "EU1_USER_ID": "nobody",
        "EU1_AUTH_TOKEN": "none",
    }
    codes = []
    for line in block.splitlines():
        done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, check=False)
        codes.append(done.returncode)
    return codes


def test_the_gate_names_inputs_of_the_action() -> None:
    (step,) = yaml.safe_load(recipes()["yaml"][0])
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))

    assert len(recipes()["yaml"][0].splitlines()) <= 5
    assert set(step["with"]) <= set(action["inputs"])


def test_the_nightly_commands_run(servers: dict[str, Watched], tmp_path: Path) -> None:
    nightly = here(recipes()["bash"][0], servers)

    assert commands(nightly, tmp_path) == [0, 0, 0, 0]
    assert (tmp_path / "reports" / "history.html").is_file()
    assert servers["chat"].left() == (0, 0)


def test_the_fleet_runs(servers: dict[str, Watched], tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(here(recipes()["toml"][0], servers), encoding="utf-8")
    (tmp_path / "baselines").mkdir()
    (tmp_path / "baselines" / "eu-1.toml").write_text(BASELINE, encoding="utf-8")

    codes = commands(recipes()["bash"][1], tmp_path)

    assert codes == [0], next(tmp_path.glob("reports/fleet-*/summary.md")).read_text("utf-8")
    assert (servers["eu-1"].left(), servers["eu-2"].left()) == ((0, 0), (0, 0))
