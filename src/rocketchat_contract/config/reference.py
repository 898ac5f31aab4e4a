"""The reference of all options, written from the options themselves."""

from __future__ import annotations

from rocketchat_contract.config.options import FILE, OPTIONS, Option

_HEAD = f"""\
# Options

Written by `rocketchat-contract config reference`; do not edit.

Flags win over environment variables, those over `{FILE}` in the working folder (or the file of `--config`),
that over the defaults. `rocketchat-contract config show` prints every effective value and where it came from.
In the file an option is a key: `timeout = 30`, `header = ["X-Team: chat"]`.
"""


def option_reference() -> str:
    """The reference as Markdown."""
    groups = dict.fromkeys(option.group for option in OPTIONS)
    return "\n".join([_HEAD, *(_section(group) for group in groups)])


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
    return f"`--{option.name} {option.metavar or option.name.upper()}`"
