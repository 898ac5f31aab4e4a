"""What every HTML page of ours shares: one template environment, style and script inline, and a policy that says so."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rocketchat_contract.report.plain import sentence, visible
from rocketchat_contract.report.transcript import duration_text, offset_text

_CODE = re.compile("`([^`]+)`")


@lru_cache(maxsize=2)
def environment_of(package: str) -> Environment:
    """The templates of a package, with the filters of all pages."""
    environment = Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "offset": offset_text,
        "duration": duration_text,
        "number": lambda value: f"{value:,}",
        "line": sentence,
        "prose": prose,
    }
    environment.filters |= filters
    return environment


def prose(text: str) -> Markup:
    """A sentence of ours, with `code` as such."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(visible(text)))))  # noqa: S704 - escaped before


def _finalize(value: object) -> object:
    """Nothing invisible reaches the page, whatever a template forgets."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value, lines=True)
    return value


@lru_cache(maxsize=8)
def asset(name: str, package: str = "rocketchat_contract.report") -> Markup:
    """A style sheet or a script of ours, to stand in the page as it is."""
    return Markup(files(package).joinpath("templates", name).read_text("utf-8"))  # noqa: S704 - our own file


def policy(style: str, script: str = "") -> str:
    """A content security policy that lets the page's own style and script run and nothing else."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; style-src {_hash(style)}; {scripts}img-src data:; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
