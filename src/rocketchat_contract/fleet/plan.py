"""The fleet file: many deployments, what each run needs, and what is expected of it.

Everything is checked here, before any traffic; secrets are named by the variables that hold them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rocketchat_contract.client.address import parse_address
from rocketchat_contract.config import Profile, did_you_mean
from rocketchat_contract.config.loading import Loaded, load
from rocketchat_contract.config.making import make_config
from rocketchat_contract.config.option import Option
from rocketchat_contract.config.options import BY_FIELD, OPTIONS
from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet.versions import parse_range
from rocketchat_contract.inputs.bounded import FileKind, read_toml

OWN_KEYS = ("name", "url", "server", "version", "limiter", "credentials")
SECRETS = ("user-id", "auth-token", "token")
NOT_PASSED = frozenset({"report-dir", "secrets-file", "credentials", "yes", "edition", "wrong", "set"})
"""Options of ``run`` that a fleet decides itself, or that a deployment says in its own words."""
PASSED = {o.name: o for o in OPTIONS if o.belongs_to("run") and not o.secret and o.name not in NOT_PASSED}
DEFAULTS_ONLY = frozenset({"overlay", "contract"})
"""What makes the contract another one: all deployments of a fleet are judged by the same."""

DEPLOYMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Deployment:
    """One target of a fleet.

    ``options`` are the options of its run as pairs of name and text; a switch has an empty text. ``secrets`` pairs
    an option of ours with the user's environment variable. ``host`` is whose limiter counts the calls: the address's
    host, or what all that share a limiter are known by together.
    """

    name: str
    position: int
    host: str
    profile: Profile
    url: str | None = None
    server: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    secrets: tuple[tuple[str, str], ...] = ()
    version: str = ""
    limiter: str = ""

    @property
    def target(self) -> str:
        """Where it is, in words."""
        return self.url or f"embedded {' '.join(self.server) or 'newest'}"

    def variables(self, command: str) -> dict[str, str]:
        """Its options as environment variables of a command; an option that the command does not know is left out.

        Headers and proxies hold secrets, and everybody on a machine can read the arguments of a process.
        """
        variables: dict[str, str] = {}
        for name, text in self.options:
            option = BY_FIELD[name.replace("-", "_")]
            if option.belongs_to(command):
                before = f"{variables[option.variable]}\n" if option.variable in variables else ""
                variables[option.variable] = before + (text if option.kind != "switch" else "true")
        return variables


@dataclass(frozen=True)
class FleetPlan:
    """The deployments in the order of their file, and what all are judged by: ``contract``, with ``overlay`` on top."""

    path: Path
    deployments: tuple[Deployment, ...]
    overlay: Path | None = None
    contract: Path | None = None

    def only(self, names: Iterable[str]) -> FleetPlan:
        """The plan with these deployments alone; raises ``UsageError`` for a name that is not in it."""
        wanted = list(names)
        known = [deployment.name for deployment in self.deployments]
        for name in wanted:
            if name not in known:
                raise UsageError(
                    f"{self.path} has no deployment {name!r}.", did_you_mean(name, known, "Its deployments are")
                )
        kept = tuple(deployment for deployment in self.deployments if deployment.name in wanted)
        return replace(self, deployments=kept)


def read_plan(path: Path) -> FleetPlan:
    """The plan of a fleet file; raises ``UsageError`` for what nobody understands."""
    content = _read(path)
    defaults = content.get("defaults", {})
    tables = content.get("deployment", [])
    if not isinstance(defaults, dict):
        raise UsageError(f"{path}: defaults is not a table.", "Write [defaults] on a line of its own.")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise UsageError(f"{path} has no deployments.", 'Write [[deployment]], and below it name = "eu-1".')
    _refuse_unknown(defaults, PASSED, f"{path}, [defaults]")
    deployments = tuple(_deployment(path, n, table, defaults) for n, table in enumerate(tables, 1))
    _refuse_twins(path, deployments)
    named = {key: _absolute(path, defaults[key]) for key in sorted(DEFAULTS_ONLY) if key in defaults}
    return FleetPlan(path, shared_limiter(deployments), **named)


def _read(path: Path) -> dict[str, Any]:
    content = read_toml(path, FileKind("The fleet file", "Name another, or fix it.", names_files=True))
    _refuse_unknown(content, ("defaults", "deployment"), str(path))
    return content


def _refuse_unknown(table: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise UsageError(f"{where}: unknown key {key!r}.", did_you_mean(key, known, "The keys are"))


def _deployment(path: Path, position: int, table: Mapping[str, Any], defaults: Mapping[str, Any]) -> Deployment:
    name = table.get("name")
    if not isinstance(name, str) or not DEPLOYMENT_NAME.fullmatch(name):
        raise UsageError(
            f"{path}, deployment {position}: expected a name of letters, digits, dots and dashes, got {name!r}.",
            'Write for instance name = "eu-1".',
        )
    where = f"{path}, deployment {name}"
    _refuse_unknown(table, [*OWN_KEYS, *(key for key in PASSED if key not in DEFAULTS_ONLY)], where)
    url, server = _target(table, where)
    given = {**defaults, **{key: value for key, value in table.items() if key in PASSED}}
    try:
        loaded = _loaded(path, url, server, given)
        profile = make_config(loaded).profile
        _check_target(url, server)
        parse_range(table.get("version", ""))
    except UsageError as error:
        raise UsageError(f"{where}: {error.problem}", error.next_step) from None
    return Deployment(
        name=name,
        position=position,
        host=f"embedded {name}" if url is None else _host(url),
        profile=profile,
        url=url,
        server=server,
        options=tuple(_options(path, given, loaded)),
        secrets=_secrets(table.get("credentials", {}), where),
        version=table.get("version", ""),
        limiter=_limiter(table.get("limiter", ""), where),
    )


def shared_limiter(deployments: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
    """The deployments with one host for all that share a limiter: by host, by its name, or through others."""
    known = {name: name for each in deployments for name in _limiters(each)}

    def first_of(name: str) -> str:
        while known[name] != name:
            name = known[name]
        return name

    order = list(known)
    for deployment in deployments:
        found = {first_of(name) for name in _limiters(deployment)}
        known |= dict.fromkeys(found, min(found, key=order.index))
    return tuple(replace(each, host=first_of(each.host)) for each in deployments)


def _limiters(deployment: Deployment) -> list[str]:
    return [deployment.host, *([f"limiter {deployment.limiter}"] if deployment.limiter else [])]


def _limiter(name: Any, where: str) -> str:
    if not isinstance(name, str):
        raise UsageError(f"{where}: limiter is not a text.", 'Write for instance limiter = "ingress-eu".')
    return name


def _host(url: str) -> str:
    """The host of an address; all names of this machine are one."""
    address = parse_address(url)
    return "127.0.0.1" if address.is_loopback else address.host


def _target(table: Mapping[str, Any], where: str) -> tuple[str | None, tuple[str, ...]]:
    url, server = table.get("url"), table.get("server")
    if (url is None) == (server is None):
        raise UsageError(
            f"{where}: expected either url or server.",
            'Write url = "https://…", or server = ["edition=7.10"] for an embedded one.',
        )
    if url is not None and not isinstance(url, str):
        raise UsageError(f"{where}: url is not a text.", "Put it in quotes.")
    if server is not None and not (isinstance(server, list) and all(isinstance(pair, str) for pair in server)):
        raise UsageError(f"{where}: server is not a list of texts.", 'Write for instance server = ["edition=7.10"].')
    return url, tuple(server or ())


def _loaded(path: Path, url: str | None, server: tuple[str, ...], given: Mapping[str, Any]) -> Loaded:
    """The options as the run's own process is going to understand them."""
    flags = {name.replace("-", "_"): _plain(path, PASSED[name], value) for name, value in given.items()}
    empty = Path(os.devnull)  # neither environment nor a file here is part of a fleet
    return load({**flags, "target": url or "embedded", "set": server}, {}, empty, tells_origins=False)


def _check_target(url: str | None, server: tuple[str, ...]) -> None:
    """Raises ``UsageError`` for an address, or settings of an embedded server, that cannot be."""
    if url is not None:
        parse_address(url)
        return
    from rocketchat_contract.reference.editions import parts_of  # noqa: PLC0415 - only embedded ones need it
    from rocketchat_contract.reference.settings import Settings  # noqa: PLC0415

    parts_of(Settings().with_pairs(server))


def _options(path: Path, given: Mapping[str, Any], loaded: Loaded) -> Iterable[tuple[str, str]]:
    for name, value in given.items():
        option = PASSED[name]
        if option.kind == "switch":
            yield from [(name, "")] if loaded[option.field] else []
        elif option.kind == "texts":
            yield from ((name, text) for text in loaded[option.field])
        else:
            yield name, str(_plain(path, option, value))


def _plain(path: Path, option: Option, value: Any) -> Any:
    return _absolute(path, value) if option.kind == "path" and isinstance(value, str) else value


def _absolute(path: Path, value: str) -> Path:
    return (path.parent / value).resolve()


def _secrets(table: Any, where: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(table, dict):
        raise UsageError(
            f"{where}: credentials is not a table.", 'Write { user-id = "EU1_ID", auth-token = "EU1_TOKEN" }.'
        )
    _refuse_unknown(table, SECRETS, f"{where}, credentials")
    for key, variable in table.items():
        if not isinstance(variable, str) or not _VARIABLE.fullmatch(variable):
            # not quoted: it may be the secret itself
            raise UsageError(
                f"{where}: {key} does not name an environment variable.",
                f'Write for instance {key} = "EU1_{key.upper().replace("-", "_")}", and set that variable.',
            )
    return tuple(table.items())


def _refuse_twins(path: Path, deployments: Iterable[Deployment]) -> None:
    seen: set[str] = set()
    for deployment in deployments:
        name = deployment.name.lower()  # a folder's name, which not every file system tells apart by case
        if name in seen:
            raise UsageError(f"{path} has two deployments of the name {deployment.name!r}.", "Rename one of them.")
        seen.add(name)
