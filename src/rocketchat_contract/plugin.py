"""The pytest face: ``pytest tests/contract --target URL`` is the same engine as ``rocketchat-contract run URL``.

Drivers among other tests are tests like others: they fail on findings. When a session has drivers only, its summary,
reports and exit code are those of ``run``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
import pytest

from rocketchat_contract.config import RunConfig
from rocketchat_contract.config.option import Option
from rocketchat_contract.config.options import OPTIONS
from rocketchat_contract.errors import ContractError
from rocketchat_contract.face.agreement import ask, begin, refuse_unasked
from rocketchat_contract.face.asked import config_of
from rocketchat_contract.face.written import keep_secrets, refuse_secrets_file, write
from rocketchat_contract.rocketchat.paths import ROOM_PATH
from rocketchat_contract.run.engine import Engine
from rocketchat_contract.run.items import DOING, is_driver

_NAME = "rocketchat-contract"
_TAKEN = frozenset({"strict", "timeout"})
"""Names that pytest or a plugin of its own uses; ours get a prefix there."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the options of ``run``; URL is ``--target`` here."""
    group = parser.getgroup(_NAME, f"contract of GET {ROOM_PATH}")
    group.addoption("--target", dest="contract_target", metavar="URL", help="Base URL; without it an embedded server.")
    for option in OPTIONS:
        if option.belongs_to("pytest"):
            group.addoption(_flag(option), dest=f"contract_{option.field}", **_kind(option), help=_about(option))


def pytest_configure(config: pytest.Config) -> None:
    """Stand ready; nothing happens until a driver is collected."""
    if not config.pluginmanager.has_plugin(_NAME):
        config.pluginmanager.register(Face(config), _NAME)


class Face(Engine):
    """A run among pytest's tests."""

    def __init__(self, pytest_config: pytest.Config) -> None:
        super().__init__(self._asked, entered=self._enters, waiting=self._waits)
        self._pytest = pytest_config
        self._driver = ""
        self._is_waiting = False
        self._is_alone = False

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the profile's drivers; refuse before any traffic what must not be run."""
        if not any(is_driver(item) for item in items):
            return
        if hasattr(config, "workerinput"):
            _end_worker(items[0].session)
        with _refusals(), self._without_capture():
            refuse_unasked(self.config)
            super().pytest_collection_modifyitems(config, items)
        self._is_alone = all(is_driver(item) for item in items)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Open the target before the first driver, and ask; among other tests an embedded one can wait."""
        self._begin(session)
        return (yield from super().pytest_runtestloop(session))

    def _begin(self, session: pytest.Session) -> None:
        has_drivers = any(is_driver(item) for item in session.items)
        if session.config.option.collectonly or not has_drivers or not (self._is_alone or self.config.url):
            return
        with _refusals(), self._without_capture():
            refuse_secrets_file(self.config.secrets_file)
            plan = begin(self)
            if plan is not None and not self.config.yes:
                ask(plan, self)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:  # type: ignore[override]
        """Finish the run, write its reports, and end with its exit code."""
        super().pytest_sessionfinish()
        if self.result is None:
            return
        folder = self.config.report_dir / self.result.header.run
        self.result = write(self.result, folder, latest=True)
        self.interruption.remove()
        keep_secrets(self)
        code = int(self.result.exit_code)
        if self._is_alone or (session.exitstatus == 0 and code):
            session.exitstatus = code

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print what ``run`` prints."""
        from rocketchat_contract.report.files import tell_github  # noqa: PLC0415 - templates are slow to load
        from rocketchat_contract.report.terminal import terminal  # noqa: PLC0415 - rich is slow to import

        if self.result is not None:
            terminalreporter.ensure_newline()
            terminalreporter.section("contract", sep="=")
            encoding = getattr(sys.__stdout__, "encoding", None) or "ascii"
            terminalreporter.write(terminal(self.result, encoding=encoding))
            terminalreporter.write(tell_github(self.result, os.environ, encoding))

    def _asked(self) -> RunConfig:
        flags = {option.field: self._pytest.getoption(f"contract_{option.field}", None) for option in OPTIONS}
        return config_of(flags.pop("target"), flags)

    def _enters(self, driver: str) -> None:
        if driver != self._driver:
            self._driver, self._is_waiting = driver, False
            self._say(f"{driver}: {DOING.get(driver, driver)}")

    def _waits(self, seconds: float) -> None:
        if not self._is_waiting and seconds > 1:
            self._say(f"waiting {seconds:.0f} s for the target")
        self._is_waiting = seconds > 1

    def _say(self, text: str) -> None:
        reporter = self._pytest.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None and self._pytest.option.verbose >= 0:
            reporter.ensure_newline()
            reporter.write_line(text)

    @contextmanager
    def _without_capture(self) -> Iterator[None]:
        """Give standard input and output back for a while, so that somebody can be asked."""
        capture = self._pytest.pluginmanager.get_plugin("capturemanager")
        if capture is None:
            yield
            return
        capture.suspend_global_capture(in_=True)
        try:
            yield
        finally:
            capture.resume_global_capture()


def _end_worker(session: pytest.Session) -> NoReturn:
    """End a worker of pytest-xdist, and with it the session: a worker that ends without a reason is replaced."""
    session.shouldstop = "The drivers share one limiter and one ledger: run them without -n."
    pytest.exit(session.shouldstop, returncode=pytest.ExitCode.USAGE_ERROR)


class Refused(pytest.exit.Exception):  # type: ignore[name-defined, misc]
    """Ends pytest; it prints the name beside the sentence, so this one has no module's before it."""

    __module__ = "builtins"


@contextmanager
def _refusals() -> Iterator[None]:
    """What the command line ends with an exit code ends pytest with the same one."""
    try:
        yield
    except ContractError as error:
        raise Refused(f"{error.problem} {error.next_step}", int(error.exit_code)) from None
    except (KeyboardInterrupt, click.Abort):
        raise Refused("Interrupted before anything was created.", 3) from None


def _flag(option: Option) -> str:
    return f"--contract-{option.name}" if option.name in _TAKEN else f"--{option.name}"


def _kind(option: Option) -> dict[str, Any]:
    if option.kind == "switch":
        return {"action": "store_true", "default": None}
    metavar = "|".join(option.choices) or option.metavar or "TEXT"
    return {"action": "append" if option.kind == "texts" else "store", "metavar": metavar.replace('"', "")}


def _about(option: Option) -> str:
    text = option.about + (f" [{option.default or option.otherwise}]" if option.kind != "switch" else "")
    return text.replace("%", "%%")
