"""What Hypothesis remembers between runs: failing examples in a folder, in a shared Redis, or in both.

A database is written to on people's machines and only read where ``CI`` is set. Its keys are names of drivers, not
the hash of a driver's source, so that editing a driver loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hypothesis import HealthCheck, Phase, settings
from hypothesis.database import (
    DirectoryBasedExampleDatabase,
    ExampleDatabase,
    MultiplexedDatabase,
    ReadOnlyDatabase,
)

from rocketchat_contract.config import RunConfig
from rocketchat_contract.errors import UsageError

if TYPE_CHECKING:
    from redis import Redis

_REDIS = ("redis", "rediss")
_PATIENCE = 5.0
"""Seconds that a shared database may take for one command."""


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

    def settings(self, **more: Any) -> settings:
        """Settings for a target across a network: no deadline, and remembered examples first."""
        phases = [Phase.reuse] if self.database is not None else []
        phases += [Phase.generate, Phase.shrink] if self.shrink else [Phase.generate]
        return settings(
            database=self.database,
            derandomize=False,
            deadline=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            **more,
        )

    def prepared(self, test: Callable[[], None], name: str) -> Callable[[], None]:
        """A test of Hypothesis with this run's seed, whose examples are kept under ``name``."""
        # Hypothesis would take a hash of the test's source for a key, and its seed() would take the database away.
        test._hypothesis_internal_database_key = f"rocketchat-contract {name}".encode()  # type: ignore[attr-defined]
        test._hypothesis_internal_use_seed = self.seed  # type: ignore[attr-defined]
        return test


def memory_of(config: RunConfig, *, is_ci: bool) -> Memory:
    """The memory of a run; raises ``UsageError`` when a database cannot be used."""
    databases = [_database(place, config.redis_password, is_ci=is_ci) for place in config.database]
    if not databases:
        return Memory(config.seed, config.shrink)
    database = databases[0] if len(databases) == 1 else MultiplexedDatabase(*databases)
    shared = tuple(each for each in databases if isinstance(each, Forgiving))
    return Memory(config.seed, config.shrink, ReadOnlyDatabase(database) if is_ci else database, shared)


def _database(place: str, password: str | None, *, is_ci: bool) -> ExampleDatabase:
    scheme, separator, _ = place.partition("://")
    if not separator:
        return _folder(Path(place), is_ci=is_ci)
    if scheme not in _REDIS:
        raise UsageError(f"There is no database of the kind {scheme}://.", "Name a folder, or redis://HOST:PORT/N.")
    return _shared(place, password)


def _folder(path: Path, *, is_ci: bool) -> ExampleDatabase:
    try:
        if not is_ci:
            path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder {path} cannot be written: {error.strerror}.", "Name another with --database."
        ) from error
    return DirectoryBasedExampleDatabase(path)


def _shared(url: str, password: str | None) -> ExampleDatabase:
    try:
        from hypothesis.extra.redis import RedisExampleDatabase  # noqa: PLC0415 - an optional extra
        from redis import Redis  # noqa: PLC0415
        from redis.exceptions import RedisError  # noqa: PLC0415
    except ImportError:
        raise UsageError(
            "A shared database needs the Python package redis.", "Install rocketchat-contract[redis]."
        ) from None
    place = _place(url)
    try:
        client: Redis = Redis.from_url(
            url, password=password, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
        )
        client.ping()
    except (RedisError, ValueError) as error:
        raise UsageError(
            f"The database {place} cannot be used: {_said(error)}.", "Start it, mend the URL, or leave --database out."
        ) from None
    return Forgiving(RedisExampleDatabase(client), RedisError)


def _place(url: str) -> str:
    """A URL as it may be shown; a password in it is refused, for a command line can be read by every user."""
    parts = urlsplit(url)
    if parts.password:
        raise UsageError(
            f"The URL of the database {parts.hostname} holds a password.",
            "Give it as ROCKETCHAT_CONTRACT_REDIS_PASSWORD.",
        )
    return url


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


class Forgiving(ExampleDatabase):
    """A database that may vanish in the middle of a run: from then on it remembers nothing, and the run goes on."""

    def __init__(self, database: ExampleDatabase, losses: type[Exception]) -> None:
        super().__init__()
        self._database = database
        self._losses = losses
        self.problem = ""

    def fetch(self, key: bytes) -> Iterator[bytes]:
        """The values kept under a key; none when the database is lost."""
        yield from self._tried(lambda: list(self._database.fetch(key)))

    def save(self, key: bytes, value: bytes) -> None:
        """Keep a value."""
        self._tried(lambda: self._database.save(key, value))

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget a value."""
        self._tried(lambda: self._database.delete(key, value))

    def _tried(self, work: Callable[[], Iterable[bytes] | None]) -> Iterable[bytes]:
        if self.problem:
            return ()
        try:
            return work() or ()
        except self._losses as error:
            self.problem = _said(error)
            return ()
