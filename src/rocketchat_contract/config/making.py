"""From effective option values to one ``RunConfig``; what contradicts itself is refused here, before any traffic."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from rocketchat_contract.config import PROFILES, Credentials, Profile, RunConfig, did_you_mean, profile_named
from rocketchat_contract.config.loading import Loaded
from rocketchat_contract.errors import UsageError
from rocketchat_contract.inputs.bounded import FileKind, read_toml

EMBEDDED = "embedded"
"""The target's name when no URL is meant, whatever environment and file say."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = {
    "host": "Give it with --host.",
    "x-user-id": "Give it as ROCKETCHAT_CONTRACT_USER_ID, or in the file of --credentials.",
    "x-auth-token": "Give it as ROCKETCHAT_CONTRACT_AUTH_TOKEN, or in the file of --credentials.",
}
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection", "accept-encoding", "expect", "upgrade"})

_AS_GIVEN = (
    "strict", "fail_fast", "yes", "report_dir", "secrets_file", "overlay", "contract", "corpus", "database",
    "redis_password", "baseline", "accept_known", "accept_incomplete", "within", "give_up_after", "insecure",
    "proxy", "token", "require", "only", "skip", "timeout", "run_timeout", "limit",
)  # fmt: skip
"""Options that a run takes as they were given, by the same name."""


def make_config(loaded: Loaded) -> RunConfig:
    """The run that the options ask for."""
    url = None if loaded["target"] in (None, EMBEDDED) else loaded["target"]
    if url is not None:
        _refuse_server_options(loaded, url)
    profile = profile_named(loaded["profile"]) if loaded["profile"] else PROFILES["gate" if url else "full"]
    _refuse_unused_token(loaded, profile)
    seed = loaded["seed"] if loaded["seed"] is not None else secrets.randbelow(2**31)
    return RunConfig(
        url=url,
        server=_server(loaded),
        profile=profile.times(loaded["repeat"]),
        repeat=loaded["repeat"],
        seed=seed,
        **{name: loaded[name] for name in _AS_GIVEN},
        ca=_file(loaded, "ca"),
        cert=_file(loaded, "cert"),
        key=_file(loaded, "key"),
        host=_host(loaded),
        headers=tuple(_header(text, loaded) for text in loaded["header"]),
        credentials=_credentials(loaded),
        shrink=url is None or loaded["shrink"],
        race_deletions=url is None or loaded["race_deletions"],
    )


def _server(loaded: Loaded) -> tuple[str, ...]:
    named = [f"{name}={loaded[name]}" for name in ("edition", "wrong") if loaded[name]]
    return (*named, *loaded["set"])


def _refuse_server_options(loaded: Loaded, url: str) -> None:
    for name in ("edition", "wrong", "set"):
        if loaded[name]:
            raise UsageError(
                f"{loaded.named(name)} is for the embedded server, but the target is {url}{loaded.place('target')}.",
                "Leave one of them out.",
            )


def _refuse_unused_token(loaded: Loaded, profile: Profile) -> None:
    """A variable or a file may serve runs of every profile; a flag is meant for this run."""
    if loaded.origins["token"].startswith("flag") and "look" not in profile.drivers:
        raise UsageError(
            f"--token is for the profile readonly, and this run has the profile {profile.name}.",
            "Pass --profile readonly, or leave --token out.",
        )


def _file(loaded: Loaded, name: str) -> str | None:
    path = loaded[name]
    if path is not None and not path.is_file():
        raise UsageError(f"There is no file for {loaded.named(name)}.", "Name a file that exists.")
    if name == "key" and path is not None and loaded["cert"] is None:
        raise UsageError(f"A key without its certificate: {loaded.named(name)}.", "Name the certificate with --cert.")
    return None if path is None else str(path)


def _host(loaded: Loaded) -> str | None:
    host: str | None = loaded["host"]
    if host is not None and not re.fullmatch(r"[0-9A-Za-z._~:\[\]-]+", host):
        raise UsageError(f"Expected a host name, got {loaded.named('host')}.", "Write for instance chat.example.com.")
    return host


def _header(text: str, loaded: Loaded) -> tuple[str, str]:
    name, colon, value = (part.strip() for part in text.partition(":"))
    place = loaded.place("header")
    if not colon or not _HEADER_NAME.fullmatch(name) or not (value.isascii() and value.isprintable()):
        raise UsageError(f"A header is not of the form 'Name: value'{place}.", "Write for instance 'X-Team: chat'.")
    if name.lower() in _OURS:
        raise UsageError(f"The header {name} has an option of its own{place}.", _OURS[name.lower()])
    if name.lower() in _FRAMING:
        raise UsageError(f"The header {name} is the suite's own business{place}.", "Leave it out.")
    return name, value


def _credentials(loaded: Loaded) -> Credentials | None:
    found = _credentials_file(loaded["credentials"]) if loaded["credentials"] else {}
    found |= {name: loaded[name] for name in ("user_id", "auth_token") if loaded[name]}
    missing = [name.replace("_", "-") for name in ("user_id", "auth_token") if not found.get(name)]
    if len(missing) == 2:
        return None
    if missing:
        raise UsageError(f"Credentials without {missing[0]}.", "Give user-id and auth-token, or neither.")
    for name, value in found.items():
        if not value.isascii() or not value.isprintable() or " " in value:
            raise UsageError(f"The {name.replace('_', '-')} cannot stand in a header.", "Copy it again.")
    return Credentials(found["user_id"], found["auth_token"])


def _credentials_file(path: Path) -> dict[str, str]:
    kind = FileKind(
        "The file", 'Name with --credentials one that holds user-id = "…" and auth-token = "…".', secret=True
    )
    content = read_toml(path, kind)
    known = ("user-id", "auth-token")
    for name, value in content.items():
        if name not in known:
            hint = did_you_mean(name, known, "The keys are")
            raise UsageError(f"The file {path} has an unknown key {name!r}.", hint)
        if not isinstance(value, str):
            raise UsageError(f"The {name} in {path} is not a text.", "Put it in quotes.")
    return {name.replace("-", "_"): value for name, value in content.items()}
