"""The public API: what is exported, and the example of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rocketchat_contract
from rocketchat_contract import judge_server
from rocketchat_contract.errors import UsageError

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_every_public_name_is_there() -> None:
    assert [name for name in rocketchat_contract.__all__ if not hasattr(rocketchat_contract, name)] == []


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match="nothing_of_ours"):
        rocketchat_contract.nothing_of_ours  # noqa: B018


def test_the_example_of_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)

    exec(compile(example, str(PAGE), "exec"), {})

    assert capsys.readouterr().out.startswith("conformant 0")


def test_a_live_server_wants_consent() -> None:
    with pytest.raises(UsageError, match="creates visitors"):
        judge_server("http://127.0.0.1:9")
