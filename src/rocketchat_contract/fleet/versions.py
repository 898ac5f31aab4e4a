"""Expected version ranges, such as ``>=7.10,<8``."""

from __future__ import annotations

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from rocketchat_contract.errors import UsageError


def parse_range(text: object) -> SpecifierSet:
    """The range of ``>=7.10,<8``; an empty text takes every version. Raises ``UsageError``."""
    try:
        if isinstance(text, str):
            found = SpecifierSet(text, prereleases=True)
            found.contains("1")
            return found
    except ValueError:  # no range, or a number that is too long to be read
        pass
    raise UsageError(f"Expected a version range, got {text!r}.", 'Write for instance version = ">=7.10,<8".')


def outside(version: str | None, expected: str) -> str:
    """A sentence when a version is not the expected one; empty when it is, or when nothing is expected."""
    if not expected:
        return ""
    if version is None:
        return f"Rocket.Chat {expected} is expected, but the target's version is not known."
    try:
        fits = parse_range(expected).contains(Version(version))
    except ValueError:
        fits = False
    return "" if fits else f"Rocket.Chat {expected} is expected, but {version} answers."
