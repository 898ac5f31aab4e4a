"""The reference of all options, written from the options themselves."""

from __future__ import annotations

from collections.abc import Iterator

from rocketchat_contract.config import Rate
from rocketchat_contract.config.loading import Loaded
from rocketchat_contract.config.option import Option
from rocketchat_contract.config.options import CONFIG_FILE, OPTIONS

_HEAD = f"""\
# Options

Written by `rocketchat-contract config reference`; do not edit.

Flags win over environment variables, those over `{CONFIG_FILE}` in the working folder (or the file of `--config`),
that over the defaults. `rocketchat-contract config show` prints every effective value and where it came from.
In the file an option is a key: `timeout = 30`, `header = ["X-Team: chat"]`.
"""


def option_reference() -> str:
    """The reference as Markdown."""
    groups = dict.fromkeys(option.group for option in OPTIONS)
    return "\n".join([_HEAD, *(_section(group) for group in groups)])


def shown(loaded: Loaded, *, changed: bool = False, explained: bool = False) -> Iterator[str]:
    """The effective values, one line each, secrets as set or not set.

    ``changed`` leaves out the defaults, ``explained`` adds what each option does.
    """
    chosen = [option for option in OPTIONS if not changed or loaded.origins[option.field] != "default"]
    values = [(option, _shown(option, loaded[option.field])) for option in chosen]
    if not values:
        yield "All options have their defaults."
        return
    width = max(len(option.name) for option, _ in values)
    wide = min(30, max(len(text) for _, text in values))
    for option, text in values:
        yield f"{option.name:<{width}}  {text:<{wide}}  {loaded.origins[option.field]}"
        if explained:
            yield f"{'':<{width}}  {option.about}"


def reference_data(loaded: Loaded) -> dict[str, dict[str, str]]:
    """The effective values as text by option, each with its origin; secrets as set or not set."""
    return {
        option.name: {"value": _shown(option, loaded[option.field]), "origin": loaded.origins[option.field]}
        for option in OPTIONS
    }


def _shown(option: Option, value: object) -> str:
    if value in (None, ()):
        return f"({option.otherwise})"
    if option.secret:
        return "(set, not shown)"
    if isinstance(value, tuple):
        texts = [f"{text.partition(':')[0]}: (not shown)" if option.name == "header" else text for text in value]
        return "; ".join(texts)
    return _plain(value, option)


def _plain(value: object, option: Option) -> str:
    if isinstance(value, Rate):
        return f"{value.calls}/{value.seconds:g}"
    if option.kind == "duration":
        return f"{value:g}s"
    if isinstance(value, bool):
        return str(value).lower()
    scheme, at, rest = str(value).rpartition("@")
    return f"(not shown)@{rest}" if option.name == "proxy" and at else f"{scheme}{at}{rest}"


def _section(group: str) -> str:
    rows = [_row(option) for option in OPTIONS if option.group == group]
    head = ["| option | variable | default | what it does |", "|---|---|---|---|"]
    return "\n".join([f"## {group}", "", *head, *rows, ""])


def _row(option: Option) -> str:
    flag = _flag(option) if "flag" in option.places else f"`{option.name}` (no flag)"
    default = f"`{option.default}`" if option.default is not None else option.otherwise
    about = option.about + (f" One of {', '.join(option.choices)}." if option.choices else "")
    about += "" if "file" in option.places else " Not in the file."
    return f"| {flag} | `{option.variable}` | {default} | {about} |"


def _flag(option: Option) -> str:
    if option.kind == "switch":
        return f"`--{option.name}`"
    metavar = (option.metavar or option.name.upper()).replace("|", "\\|")  # a bare one ends the cell, also inside code
    return f"`--{option.name} {metavar}`"
