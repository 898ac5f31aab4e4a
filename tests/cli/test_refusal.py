"""Whoever starts a command may have the error that it ends with as values."""

from __future__ import annotations

import json
from pathlib import Path

from support.command import rocketchat_contract


def test_an_error_is_kept_as_values(tmp_path: Path) -> None:
    kept = tmp_path / "refusal.json"
    called = rocketchat_contract("--refusal", kept, "judge", tmp_path / "none.jsonl")

    refusal = json.loads(kept.read_text("utf-8"))
    assert refusal["exit_code"] == called.code == 2
    assert refusal["problem"] in " ".join(called.err.split())
    assert refusal["next_step"]


def test_nobody_is_shown_that_option() -> None:
    assert "--refusal" not in rocketchat_contract("--help").out
