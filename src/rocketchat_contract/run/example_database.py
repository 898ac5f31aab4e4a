"""Databases of Hypothesis' examples: a folder, a shared Redis, or several as one; only read where ``CI`` is set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hypothesis.database import (
    DirectoryBasedExampleDatabase,
    ExampleDatabase,
    MultiplexedDatabase,
    ReadOnlyDatabase,
)

from rocketchat_contract.errors import UsageError

if TYPE_CHECKING:
    from redis import Redis

_REDIS = ("redis", "rediss")
_PATIENCE = 5.0
"""Seconds that a shared database may take for one command."""


def opened_database(
    places: Sequence[str], password: str | None, *, is_ci: bool
) -> tuple[ExampleDatabase, tuple[Forgiving, ...]]:
    """All places as one database, and those of them that may vanish; raises ``UsageError``."""
    databases = [_database(place, password, is_ci=is_ci) for place in places]
    database = databases[0] if len(databases) == 1 else MultiplexedDatabase(*databases)
    shared = tuple(each for each in databases if isinstance(each, Forgiving))
    return ReadOnlyDatabase(database) if is_ci else database, shared


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
            "A shared database needs the Python package redis.",
            "Install this suite with its extra, in a clone of it: pip install '.[redis]'",
        ) from None
    place = _place(url)
    try:
        client: Redis = Redis.from_url(
            url, password=password, socket_timeout=_PATIENCE, socket_connect_timeout=_PATIENCE
        )
        client.ping()
    except (RedisError, ValueError) as error:
        raise UsageError(
            f"The database {place} cannot be used: {_said(error)}.",
            "Start it, correct the URL, or leave --database out.",
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


class Keeping(ExampleDatabase):
    """A database that forgets nothing it held before: what is set aside passes now, and is no less a finding."""

    def __init__(self, database: ExampleDatabase) -> None:
        super().__init__()
        self._database = database
        self._before: dict[bytes, frozenset[bytes]] = {}

    def fetch(self, key: bytes) -> Iterator[bytes]:
        """The values kept under a key."""
        yield from self._held(key)
        yield from (value for value in self._database.fetch(key) if value not in self._held(key))

    def save(self, key: bytes, value: bytes) -> None:
        """Keep a value."""
        self._held(key)
        self._database.save(key, value)

    def delete(self, key: bytes, value: bytes) -> None:
        """Forget a value that came since."""
        if value not in self._held(key):
            self._database.delete(key, value)

    def _held(self, key: bytes) -> frozenset[bytes]:
        if key not in self._before:
            self._before[key] = frozenset(self._database.fetch(key))
        return self._before[key]
