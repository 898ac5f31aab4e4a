"""What Hypothesis remembers between runs: failing examples in a folder, in a shared Redis, or in both.

A database is written to on people's machines and only read where ``CI`` is set. Its keys are names of drivers, not
the hash of a driver's source, so that editing a driver loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rocketchat_contract.config import RunConfig

if TYPE_CHECKING:
    from hypothesis import settings
    from hypothesis.database import ExampleDatabase

    from rocketchat_contract.run.example_database import Forgiving


@dataclass(frozen=True)
class Memory:
    """How generating drivers run and where their failing examples are kept."""

    seed: int = 0
    shrink: bool = True
    database: ExampleDatabase | None = None
    shared: tuple[Forgiving, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """What became of shared databases that were lost during the run."""
        return tuple(f"lost during the run: {each.problem}" for each in self.shared if each.problem)

    def settings(self, *, keeps: bool = False, **more: Any) -> settings:
        """Settings for a target across a network: no deadline, and remembered examples first.

        With ``keeps`` no example that was remembered before is forgotten, though it fails no more.
        """
        from hypothesis import HealthCheck, Phase, settings  # noqa: PLC0415 - a run that generates nothing does without

        phases = [Phase.reuse] if self.database is not None else []
        phases += [Phase.generate, Phase.shrink] if self.shrink else [Phase.generate]
        return settings(
            backend=_without_variants(),
            database=self._keeping() if keeps else self.database,
            derandomize=False,
            deadline=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            **more,
        )

    def _keeping(self) -> ExampleDatabase | None:
        if self.database is None:
            return None
        from rocketchat_contract.run.example_database import Keeping  # noqa: PLC0415

        return Keeping(self.database)

    def prepared(self, test: Callable[[], None], name: str, turn: int = 0) -> Callable[[], None]:
        """A test of Hypothesis with this run's seed, each ``turn`` another, whose examples are kept under ``name``."""
        # Hypothesis would take a hash of the test's source for a key, and its seed() would take the database away.
        test._hypothesis_internal_database_key = f"rocketchat-contract {name}".encode()  # type: ignore[attr-defined]
        test._hypothesis_internal_use_seed = self.seed + turn  # type: ignore[attr-defined]

        def run() -> None:
            with _without_our_constants():
                test()

        return run


def _without_variants() -> str:
    """The name of Hypothesis' own way to draw, without variants of what it drew last.

    Of the queries that it would try, two in three are such variants, and a third of all are a query once more.
    """
    from hypothesis.internal.conjecture import providers  # noqa: PLC0415 - a run that generates nothing does without

    name = "rocketchat-contract"
    providers.AVAILABLE_PROVIDERS[name] = f"{providers.__name__}.{providers.HypothesisProvider.__name__}"
    return name


@contextmanager
def _without_our_constants() -> Iterator[None]:
    """Keep Hypothesis from reading our own sources for constants to draw.

    They say nothing of a server far away, and it looks in a checkout only: an installed suite with the same seed would
    make other calls. Another Hypothesis may look in another way; then it looks.
    """
    from hypothesis.internal.conjecture import providers  # noqa: PLC0415 - a run that generates nothing does without

    looks, known = (getattr(providers, name, None) for name in ("_get_local_constants", "_local_constants"))
    if looks is None or known is None:
        yield
        return
    providers._get_local_constants = lambda: known
    try:
        yield
    finally:
        providers._get_local_constants = looks


def memory_of(config: RunConfig, *, is_ci: bool) -> Memory:
    """The memory of a run; raises ``UsageError`` when a database cannot be used."""
    if not config.database:
        return Memory(config.seed, config.shrink)
    from rocketchat_contract.run.example_database import opened_database  # noqa: PLC0415 - a run without a database does without

    database, shared = opened_database(config.database, config.redis_password, is_ci=is_ci)
    return Memory(config.seed, config.shrink, database, shared)
