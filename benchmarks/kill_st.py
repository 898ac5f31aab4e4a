"""Plain ``st run`` on one wrong server: what it printed, and which of its calls failed a check, and at what."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import yaml
from st_run import plain_st_run

from rocketchat_contract.contract.vendored import load_contract
from rocketchat_contract.reference import server
from rocketchat_contract.reference.settings import Settings

SEED = 1
PATIENCE = 60.0
"""Seconds that ``st run`` may take for one server; it needs about two."""


def output_of_st(settings: tuple[str, ...], folder: Path, *more: str) -> str | None:
    """What ``st run`` prints of a server that knows the example's visitor; None when it comes to no end."""
    with server.start_server(Settings().with_pairs(settings)) as running:
        register(running.url, example_token())
        options = (f"--seed={SEED}", "--no-color", *more)
        try:
            return plain_st_run(running.url, folder, *options, patience=PATIENCE).stdout
        except subprocess.TimeoutExpired:
            return None


def failures_of_st(settings: tuple[str, ...]) -> list[tuple[int, str]]:
    """Each failed check with the number of its call."""
    with tempfile.TemporaryDirectory() as folder:
        cassette = Path(folder) / "calls.yaml"
        if output_of_st(settings, Path(folder), "--report-vcr-path", str(cassette)) is None:
            return [(1, "no end")]
        calls = yaml.load(cassette.read_bytes(), Loader=yaml.CSafeLoader)["http_interactions"] or []
    return [
        (number, f"{check['name']}: {check['message']}")
        for number, call in enumerate(calls, start=1)
        for check in call["checks"]
        if check["status"] == "FAILURE"
    ]


def example_token() -> str:
    """The token of the document's example, which plain ``st run`` sends."""
    operation = load_contract().published["paths"]["/api/v1/livechat/room"]["get"]
    token = next(parameter for parameter in operation["parameters"] if parameter["name"] == "token")
    return str(token.get("example", token["schema"].get("example")))


def register(url: str, token: str) -> None:
    """Make the example's token a visitor's; a server that refuses even that is tried without."""
    body = json.dumps({"visitor": {"token": token}}).encode()
    request = urllib.request.Request(f"{url}/api/v1/livechat/visitor", body, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=5).read()
    except OSError as error:
        print(f"not registered: {error}", file=sys.stderr)
