"""A way to call ``spec`` as the command line does, and the smallest document that is valid."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rocketchat_contract.cli.spec import spec
from rocketchat_contract.errors import ContractError

SMALLEST = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {"/a": {"get": {"responses": {"200": {"description": "ok"}}}}},
}


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    problem: str


@pytest.fixture
def smallest() -> dict[str, Any]:
    return copy.deepcopy(SMALLEST)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, object], Path]:
    """Writes text, bytes or a JSON value into a new file."""

    def _write(name: str, content: object) -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
        return path

    return _write


@pytest.fixture
def run_spec(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    """Runs ``spec`` in 80 columns; a ContractError becomes its exit code, as the main command does it."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*args: object) -> Outcome:
        result = CliRunner().invoke(spec, [str(arg) for arg in args])
        if isinstance(result.exception, ContractError):
            return Outcome(result.exception.exit_code, result.output, str(result.exception))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Outcome(result.exit_code, result.output, "")

    return run
