"""What nobody expected ends as an error of the suite, not with Python's own exit code 1, which here means violated."""

from __future__ import annotations

import click
import pytest

from rocketchat_contract import cli


def test_a_crash_ends_with_the_exit_code_of_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def broken() -> None:
        raise KeyError("gone")

    monkeypatch.setattr(cli, "cli", broken)
    monkeypatch.setattr("sys.argv", ["rocketchat-contract"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 4
    assert "KeyError: 'gone'\nThis is an error of the suite itself." in capsys.readouterr().err
