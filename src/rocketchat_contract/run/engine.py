"""How pytest drives a run: the drivers get an actor, findings fail their driver, the end is one result.

The command line passes a ``Engine`` to ``pytest.main``; the pytest face registers one from its options. So both
are the same engine and give the same verdict.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import pytest

from rocketchat_contract.client.budget import CORE, BudgetSpentError, RunStoppedError
from rocketchat_contract.client.facts import CLOSING, DELETING
from rocketchat_contract.client.interruption import Interruption
from rocketchat_contract.client.visitors import Actor, RunVisitor
from rocketchat_contract.config import Profile, RunConfig
from rocketchat_contract.config.writable import refuse_unwritable_folder
from rocketchat_contract.corpus.entry import Chosen, save
from rocketchat_contract.corpus.gather import gather
from rocketchat_contract.corpus.replay import corpus_of
from rocketchat_contract.errors import ContractError, TargetError
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.record.journal import Record
from rocketchat_contract.record.redactor import Token
from rocketchat_contract.report.allowance import NO_ALLOWANCE
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.baseline import Baseline, allowance_of, baseline_of, held, is_ci
from rocketchat_contract.run import session as runs
from rocketchat_contract.run.again import Plays, asked_items, items_again, keep_true_reasons
from rocketchat_contract.run.effective_profile import effective_profile, selection_of
from rocketchat_contract.run.exploration import ContractBrokenError, Explorer, Shown, broken_in
from rocketchat_contract.run.generation import Queries, QueriesAhead, generate_ahead, schemathesis_operation
from rocketchat_contract.run.hypothesis_settings import Memory, memory_of
from rocketchat_contract.run.items import ROUND, driver_of, is_driver, place, round_of
from rocketchat_contract.run.plan import Plan, fit_run

NEED_ROOMS = ("volley", "life", "queries", "return")
"""Drivers that show nothing on a server whose settings allow no room."""

OPEN_MANY = ("life", "queries", "return")
"""Drivers that open rooms by the dozen: on a server where visitors may not close them, all would be left."""

REGISTER_MANY = ("life", "queries")
"""Drivers that register visitors by the dozen: where none can be deleted, all would be left."""


class Engine:
    """A pytest plugin that owns one run. ``config`` may be a function, asked when the run begins.

    ``launch`` starts the embedded server otherwise than in an interpreter of its own.
    """

    def __init__(
        self,
        config: RunConfig | Callable[[], RunConfig],
        seen: Callable[[Operation], None] = lambda _: None,
        entered: Callable[[str], None] = lambda _: None,
        waiting: Callable[[float], None] = lambda _: None,
        launch: runs.Launch | None = None,
    ) -> None:
        self._configure = config
        self._launch = launch
        self._generator: QueriesAhead | None = None
        self._watcher = runs.Watcher(seen, waiting)
        self._entered = entered
        self.interruption = Interruption()
        self.run: runs.Run | None = None
        self._baseline: Baseline | None = None
        self._allowance = NO_ALLOWANCE
        self.unkept = ""
        self.result: RunResult | None = None
        self.corpus = Chosen()
        self.kept: tuple[Path, ...] = ()
        self.refusal: ContractError | None = None
        self.plays = Plays()
        self._shown = Shown(lambda: self.open().take_findings(), self._is_deciding)
        self.plan: Plan | None = None

    @cached_property
    def config(self) -> RunConfig:
        """What the run is asked to do."""
        return effective_profile(self._configure() if callable(self._configure) else self._configure)

    @cached_property
    def memory(self) -> Memory:
        """What Hypothesis remembers; raises ``UsageError`` when a database cannot be used."""
        return memory_of(self.config, is_ci=is_ci())

    @pytest.fixture(name="contract_run")
    def _contract_run(self) -> runs.Run:
        """The run, started when the first driver needs it."""
        return self.open()

    @pytest.fixture(name="actor")
    def _actor(self, contract_run: runs.Run, request: pytest.FixtureRequest) -> Actor:
        """Acts on the target for the driver whose module asks."""
        return contract_run.actor(driver_of(request.node))

    @pytest.fixture(name="profile")
    def _profile(self, contract_run: runs.Run) -> Profile:
        """The profile of the run; where what it makes cannot be removed, simultaneous calls get one round."""
        profile, facts = contract_run.config.profile, contract_run.facts
        keeps_all = facts.forbids_closing or facts.forbids_deleting
        return replace(profile, volleys=min(profile.volleys, 1)) if keeps_all else profile

    @pytest.fixture(name="run_config")
    def _run_config(self, contract_run: runs.Run) -> RunConfig:
        """What the run was asked to do."""
        return contract_run.config

    @pytest.fixture(name="explorer")
    def _explorer(self, contract_run: runs.Run, request: pytest.FixtureRequest) -> Explorer:
        """Makes the planned examples of a generating driver's test."""
        return Explorer(self.memory, self._shown, driver_of(request.node), contract_run.config.fail_fast)

    @pytest.fixture(name="corpus")
    def _corpus(self, contract_run: runs.Run) -> Chosen:  # noqa: ARG002 - a run has begun when it is asked for
        """What earlier runs found."""
        return self.corpus

    @pytest.fixture(name="known_visitor")
    def _known_visitor(self, contract_run: runs.Run) -> RunVisitor | None:
        """A visitor who exists and is not this run's own, when one was named."""
        token = contract_run.config.token
        return None if token is None else RunVisitor(Token(token), runs.KNOWN_VISITOR)

    @pytest.fixture(name="operation")
    def _operation(self, contract_run: runs.Run) -> object:
        """schemathesis' view of the operation, from the repaired document."""
        return schemathesis_operation(contract_run.promises.contract)

    @pytest.fixture(name="queries")
    def _queries(self, contract_run: runs.Run) -> Queries:
        """What schemathesis generates for the operation."""
        return Queries(contract_run.promises.contract, self._generator, contract_run.client.waiter.check)

    def open(self) -> runs.Run:
        """Start the run and look at the target's facts; from here on signals wait for a safe place."""
        if self.run is None:
            self._baseline = baseline_of(self.config.baseline, self.config.contract)
            self._allowance = allowance_of(
                self.config.require,
                accepts_unjudged=self.config.accept_incomplete,
                contract=self.config.contract,
            )
            if self.config.corpus is not None:
                refuse_unwritable_folder(self.config.corpus, "--corpus")
            _ = self.memory  # refused before anything is sent
            run = runs.start(self.config, self._watcher, self.interruption, self._launch)
            self.interruption.install()
            run.client.waiter.start()
            try:
                self.corpus = corpus_of(self.config, run.promises)
                run.probe()
                self.plan = fit_run(run, self.config.within) if self.config.within is not None else None
                if self.config.corpus is not None:
                    run.facts.add("corpus", self.corpus.phrase)
            except (TargetError, RunStoppedError) as error:
                self._give_up(run, error)
                raise
            except BaseException:
                self.interruption.remove()
                run.abandon()
                raise
            self.run = run
            gc.freeze()  # what is imported stays, and need not be looked through again and again
        return self.run

    def _give_up(self, run: runs.Run, error: TargetError | RunStoppedError) -> None:
        """End a run that never got to its traffic with a result of its own: whoever looks tomorrow sees why."""
        text = f"{error.problem} {error.next_step}" if isinstance(error, TargetError) else str(error)
        run.obstacles.append(text)
        self.result = held(run.finish(), self._baseline, allowance=self._allowance)
        self.interruption.remove()

    def abandon(self) -> None:
        """End a run that is not to begin, and leave nothing of it."""
        run, self.run = self.run, None
        self.interruption.remove()
        if run is not None:
            run.abandon()

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Repeat each driver's test when the traffic is to be repeated."""
        if "contract_run" in metafunc.fixturenames and self.config.repeat > 1:
            rounds = range(1, self.config.repeat + 1)
            metafunc.fixturenames.append(ROUND)
            metafunc.parametrize(ROUND, rounds, ids=[f"round {number}" for number in rounds])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the profile's drivers, in their order, after everything else."""
        driving = [item for item in items if is_driver(item)]
        if not driving:
            return
        wanted = [item for item in driving if driver_of(item) in self.config.profile.drivers]
        wanted = asked_items(wanted, self.config)
        wanted.sort(key=place)
        config.hook.pytest_deselected(items=[item for item in driving if item not in wanted])
        items[:] = [*(item for item in items if not is_driver(item)), *wanted]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Run all drivers as planned, then what is still open because calls were lost."""
        with self._generating_ahead(session.items):
            result = yield
        if self.run is not None:
            self.run.client.budget.is_asking_again = True
            for item in items_again(session.items, self.run, self.plays):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if session.shouldstop or session.shouldfail:
                    break
        return result

    @contextmanager
    def _generating_ahead(self, items: list[pytest.Item]) -> Iterator[None]:
        """Generate queries while the drivers before them run; not where many runs share the processors."""
        sends = any(is_driver(item) and driver_of(item) == "queries" for item in items)
        if self.run is None or not sends or self._launch is not None or self.memory.database is not None:
            yield
            return
        self._generator = generate_ahead(self.config.seed, self.run.config.profile)
        try:
            yield
        finally:
            self._generator.stop()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, None, None]:
        """Prepare a driver; visitors are already registered here."""
        if not is_driver(item):
            return (yield)
        if self.run is not None:
            self.run.client.budget.round = round_of(item)
            self._leave_out_useless(driver_of(item), self.run)
        with self._watched(item):
            if self.run is not None and driver_of(item) == CORE:
                self.run.client.budget.afford(CORE, 1, 0)  # nobody registers for a story that cannot begin
            yield
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        """Let pytest finish a fixture in which a run was stopped: it does so only where it remembers an error."""
        try:
            return (yield)
        except RunStoppedError as stopped:
            key = fixturedef.cache_key(request)  # type: ignore[arg-type]
            fixturedef.cached_result = (None, key, (stopped, stopped.__traceback__))
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """Run a driver."""
        if not is_driver(item) or self.run is None:
            return (yield)
        self._entered(driver_of(item))
        client = self.run.client
        calls, short = client.budget.room_calls, client.short_bursts
        try:
            with self._watched(item):
                yield
                self._raise_broken()
        finally:
            self.plays.note(item, client.budget.room_calls - calls, client.short_bursts - short)
        return None

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Remember that the user, or a signal, interrupted the run."""
        is_signal = type(excinfo.value) is KeyboardInterrupt  # pytest's own ways to stop are kinds of it
        if self.run is not None and is_signal and not self.interruption.reason:
            self.run.obstacles.append("The run was interrupted.")

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """An error inside pytest is an error of the suite."""
        if isinstance(excinfo.value, ContractError):
            self.refusal = excinfo.value
        elif self.run is not None:
            self.run.errors.append(self._rendered(excinfo.value))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Finish the run."""
        if self.run is not None and self.result is None:
            self._entered("cleanup")
            for problem in self.memory.problems:
                self.run.facts.add("shared database", problem)
            keep_true_reasons(self.run, self.plays)
            self.run.generated = self._shown.explored_so_far
            accept_known = self.config.accept_known
            self.result = held(self.run.finish(), self._baseline, accept_known=accept_known, allowance=self._allowance)
            self._keep_findings(self.run, self.result)

    def _keep_findings(self, run: runs.Run, result: RunResult) -> None:
        """Write what was found into the corpus; a defect of ours there hides no verdict."""
        folder, findings = self.config.corpus, result.verdict.findings
        if folder is None or run.client.recorder.problem or not findings:
            return
        try:
            entries = gather(Record(run.journal.path).exchanges(), run.id, run.promises, strict=self.config.strict)
            self.kept = tuple(save(entries, folder))
        except (OSError, ContractError) as error:
            self.unkept = f"The corpus {folder} was not written: {error}"

    def _leave_out_useless(self, driver: str, run: runs.Run) -> None:
        """Skip a driver that would show nothing, or leave too much, on a server with such settings."""
        if driver in NEED_ROOMS and run.forbids_rooms:
            pytest.skip("the server's settings allow no room")
        if driver in OPEN_MANY and run.facts.forbids_closing:
            self._leave_out(driver, run, CLOSING, "its rooms could not be closed again")
        if driver in REGISTER_MANY and run.facts.forbids_deleting:
            self._leave_out(driver, run, DELETING, "its visitors could not be deleted again")

    def _leave_out(self, driver: str, run: runs.Run, fact: str, why: str) -> None:
        run.notes.append(f"Driver {driver} was left out: {why}.")
        run.facts.add(f"driver {driver}", f"left out: {why}", run.facts.known[fact].exchange)
        pytest.skip(why)

    @contextmanager
    def _watched(self, item: pytest.Item) -> Iterator[None]:
        """What a driver found fails it; what stopped it is told in the result."""
        try:
            yield
        except RunStoppedError as stopped:
            self._stopped(stopped, item)
        except ContractBrokenError as broken:
            self._broken(str(broken), item)
        except (pytest.skip.Exception, pytest.fail.Exception):
            raise
        except Exception as error:
            self._failed(error, item)

    def _stopped(self, stopped: RunStoppedError, item: pytest.Item) -> NoReturn:
        """A spent budget only ends this driver: another may still have calls that cost something else."""
        text = self._rendered(stopped)
        if self.run is not None:
            (self.run.spent if isinstance(stopped, BudgetSpentError) else self.run.obstacles).append(text)
        if not isinstance(stopped, BudgetSpentError):
            item.session.shouldstop = text
        raise pytest.skip.Exception(text) from None

    def _broken(self, sentence: str, item: pytest.Item) -> NoReturn:
        if self.config.fail_fast:
            item.session.shouldstop = "a required check failed (--fail-fast)"
            if self.run is not None:
                self.run.stop_at_broken()
        raise pytest.fail.Exception(sentence, pytrace=False) from None

    def _failed(self, error: Exception, item: pytest.Item) -> None:
        """A generated example that broke a must once and kept it the next time is a finding, not our defect."""
        broken = broken_in(error)
        if broken is not None:
            self._broken(str(broken), item)
        if self.run is not None and not isinstance(error, ContractError):
            self.run.errors.append(f"driver {item.name}: {self._rendered(error)}")
        raise error

    def _rendered(self, error: BaseException) -> str:
        return self.masked(str(error) if isinstance(error, RunStoppedError) else _last_line(error))

    def masked(self, text: str) -> str:
        """The text with every secret of the run replaced by its name."""
        return self.run.client.mask.text(text) if self.run is not None else text

    def _raise_broken(self) -> None:
        """A driver's test fails by whatever it showed, also by what was known before."""
        broken = self._shown.end_of_test()
        if broken:
            raise ContractBrokenError(broken)

    def _is_deciding(self, found: Finding) -> bool:
        requirement = self.open().promises.requirements[found.requirement]
        return requirement.is_deciding and selection_of(self.config).asks(requirement)


def _last_line(error: BaseException) -> str:
    return traceback.format_exception_only(error)[-1].strip()
