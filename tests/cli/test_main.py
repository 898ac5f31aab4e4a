"""What nobody expected ends as an error of the suite, not with Python's own exit code 1, which here means violated."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from rocketchat_contract import cli


def test_a_crash_ends_with_the_exit_code_of_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def broken() -> None:
        raise KeyError("gone")

    monkeypatch.setattr("rocketchat_contract.cli.commands.cli", broken)
    monkeypatch.setattr("sys.argv", ["rocketchat-contract"])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 4
    assert "KeyError: 'gone'\nThis is an error of the suite itself." in capsys.readouterr().err


INTERRUPTED = """
import sys

class CtrlC:
    def find_spec(self, name, *_):
        if name == "click":
            raise KeyboardInterrupt

sys.meta_path.insert(0, CtrlC())
from rocketchat_contract.cli import main
main()
"""


def test_a_command_interrupted_while_it_is_imported_tells_no_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (3, "", "Interrupted.\n")
