"""A crash of the suite itself: told with its traceback, and with names in place of secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.run import session as runs
from rocketchat_contract.run.engine import Engine
from support.canaries import CANARY, leaks
from support.command import rocketchat_contract


def secret_of(run: runs.Run) -> str:
    """A visitor's real token and a credential."""
    return f"{next(iter(run.tracker.tokens.values()))} {CANARY}-auth-token"


def broken_finish(run: runs.Run) -> None:
    run.interruption.remove()
    run.client.transport.close()
    if run.server is not None:
        run.server.stop()
    run.journal.close(RecordFooter())
    raise KeyError(secret_of(run))


def test_a_crash_after_the_drivers_tells_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs.Run, "finish", broken_finish)

    called = rocketchat_contract("run", "--profile", "smoke", "--report-dir", tmp_path / "reports")

    assert called.code == 4
    assert "KeyError: '$RC_TOKEN_" in called.err
    assert "$RC_AUTH_TOKEN'" in called.err
    assert leaks({"err": called.err.encode()}) == []


def test_a_crash_inside_pytest_tells_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Engine, *_: object) -> None:
        assert self.run is not None
        raise KeyError(secret_of(self.run))

    monkeypatch.setattr(Engine, "pytest_runtest_logfinish", broken, raising=False)

    called = rocketchat_contract("run", "--profile", "smoke", "--report-dir", tmp_path / "reports")

    assert called.code == 4
    assert "KeyError: '$RC_TOKEN_" in called.err
    assert leaks({"err": called.err.encode(), "out": called.out.encode()}) == []
