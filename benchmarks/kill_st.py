"""Plain ``st run`` on one wrong server, call by call: which of its calls failed a check, and at what."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from kill_score import PATIENCE, SEED, example_token, register

from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.reference import server
from rocketchat_contract.reference.settings import Settings


def failures_of_st(settings: tuple[str, ...]) -> list[tuple[int, str]]:
    """Each failed check with the number of its call; ``st run`` goes on after a failure and knows a visitor."""
    with server.start(Settings().with_pairs(settings)) as running, tempfile.TemporaryDirectory() as folder:
        register(running.url, example_token())
        st, cassette = Path(sys.executable).parent / "st", Path(folder) / "calls.yaml"
        command = [str(st), "run", str(spec_folder() / "livechat-room.openapi.json"), "--url", running.url]
        command += ["--continue-on-failure", f"--seed={SEED}", "--no-color"]
        command += ["--report-vcr-path", str(cassette)]
        try:
            subprocess.run(command, check=False, capture_output=True, cwd=folder, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return [(1, "no end")]
        calls = yaml.load(cassette.read_bytes(), Loader=yaml.CSafeLoader)["http_interactions"] or []
    return [
        (number, f"{check['name']}: {check['message']}")
        for number, call in enumerate(calls, start=1)
        for check in call["checks"]
        if check["status"] == "FAILURE"
    ]
