"""How pytest drives a run: the drivers get an actor, findings fail their driver, the end is one account.

The command line passes a ``Driving`` to ``pytest.main``; the pytest face registers one from its options. So both
are the same engine and give the same verdict.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from rocketchat_contract import run as runs
from rocketchat_contract.config import RunConfig
from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.errors import ContractError
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.report.account import Account
from rocketchat_contract.suite import drivers_folder
from rocketchat_contract.target.client import BudgetSpentError, RunStoppedError
from rocketchat_contract.target.visitors import Actor

ORDER = ("core", "volley", "life", "queries")
"""Drivers in the order in which they run: the most requirements for the fewest calls first."""


class ContractBrokenError(AssertionError):
    """A driver's traffic showed that a must is broken."""

    def __init__(self, findings: list[Finding]) -> None:
        first = findings[0]
        super().__init__(f"{first.requirement}: expected {first.expected}, but got {first.actual}")


class Driving:
    """A pytest plugin that owns one run."""

    def __init__(
        self,
        config: RunConfig,
        seen: Callable[[Operation], None] = lambda _: None,
        entered: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.config = config
        self.run: runs.Run | None = None
        self.account: Account | None = None
        self.refusal: ContractError | None = None
        self._seen = seen
        self._entered = entered

    @pytest.fixture(scope="session", name="contract_run")
    def _contract_run(self) -> runs.Run:
        """The run, started when the first driver needs it."""
        return self.open()

    @pytest.fixture(name="actor")
    def _actor(self, contract_run: runs.Run, request: pytest.FixtureRequest) -> Actor:
        """Acts on the target for the driver whose module asks."""
        return contract_run.actor(driver_of(request.node))

    @pytest.fixture(name="profile")
    def _profile(self) -> object:
        """The profile of the run."""
        return self.config.profile

    @pytest.fixture(name="run_config")
    def _run_config(self) -> RunConfig:
        """What the run was asked to do."""
        return self.config

    @pytest.fixture(name="operation")
    def _operation(self, contract_run: runs.Run) -> object:
        """schemathesis' view of the operation, from the repaired document."""
        import schemathesis  # noqa: PLC0415 - only the generating driver pays for it

        contract = contract_run.promises.contract
        config = schemathesis.Config.from_dict({"generation": {"codec": "ascii"}})
        schema = schemathesis.openapi.from_dict(contract.published, config=config)
        return schema[contract.operation.path][contract.operation.method.upper()]

    @pytest.fixture(name="check")
    def _check(self, contract_run: runs.Run) -> Callable[[], None]:
        """Raises ``ContractBrokenError`` when a must was broken since the last time."""
        return lambda: self._raise_broken(contract_run)

    def open(self) -> runs.Run:
        """Start the run and look at the target's facts."""
        if self.run is None:
            run = runs.start(self.config, self._seen)
            try:
                run.probe()
            except BaseException:
                run.abandon()
                raise
            self.run = run
        return self.run

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the profile's drivers, in their order, before everything else."""
        driving = [item for item in items if is_driver(item)]
        wanted = [item for item in driving if driver_of(item) in self.config.profile.drivers]
        wanted.sort(key=lambda item: ORDER.index(driver_of(item)))
        others = [item for item in items if not is_driver(item)]
        config.hook.pytest_deselected(items=[item for item in driving if item not in wanted])
        items[:] = [*others, *wanted]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Run a driver; what it found fails it, what stopped it is told in the account."""
        if not is_driver(item) or self.run is None:
            return (yield)
        self._entered(driver_of(item))
        try:
            yield
        except BudgetSpentError as spent:
            pytest.skip(str(spent))
        except RunStoppedError as stopped:
            self.run.obstacles.append(str(stopped))
            item.session.shouldstop = str(stopped)
            pytest.skip(str(stopped))
        except (ContractBrokenError, pytest.skip.Exception):
            raise
        except Exception as error:
            self.run.errors.append(f"driver {item.name}: {_last_line(error)}")
            raise
        self._raise_broken(self.run)
        return None

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember that the user, or a signal, interrupted the run."""
        if self.run is not None and isinstance(excinfo.value, KeyboardInterrupt):
            self.run.obstacles.append("The run was interrupted.")

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """An error inside pytest is an error of the suite."""
        if isinstance(excinfo.value, ContractError):
            self.refusal = excinfo.value
        elif self.run is not None:
            self.run.errors.append(_last_line(excinfo.value))

    def pytest_sessionfinish(self) -> None:
        """Finish the run."""
        if self.run is not None and self.account is None:
            self.account = self.run.finish()

    def _raise_broken(self, run: runs.Run) -> None:
        requirements = run.promises.requirements
        broken = [found for found in run.take_findings() if decides(requirements[found.requirement])]
        if broken:
            raise ContractBrokenError(broken)


def decides(requirement: Requirement) -> bool:
    """Whether a broken requirement makes the run violated: a must of the full contract."""
    return requirement.level == "must" and "full" in requirement.columns


def is_driver(item: pytest.Item) -> bool:
    """Whether a test is a driver, not a test of the suite itself."""
    return drivers_folder() in Path(item.path).parents


def driver_of(item: pytest.Item) -> str:
    """The driver's name: that of its module without ``test_``."""
    return Path(item.path).stem.removeprefix("test_")


def _last_line(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()
