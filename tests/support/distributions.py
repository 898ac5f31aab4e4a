"""What a wheel asks for, taken from the environment of the tests instead of an index."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from email.parser import BytesParser
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def requirements_of(wheel: Path) -> list[str]:
    """Read the requirements that the metadata of a wheel states."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return BytesParser().parsebytes(archive.read(name)).get_all("Requires-Dist", [])


def needed_by(requirements: Iterable[str]) -> dict[str, Distribution]:
    """Find the distributions that requirements lead to here, those of their extras too; raises where one is missing."""
    found: dict[str, Distribution] = {}
    waiting = [(Requirement(text), "") for text in requirements]
    seen = set[tuple[str, str]]()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        found[name] = distribution(name)
        wanted = {(name, extra) for extra in ("", *requirement.extras)} - seen
        seen |= wanted
        waiting += [(Requirement(text), extra) for _, extra in wanted for text in found[name].requires or ()]
    return found


def link(distributions: Iterable[Distribution], site_packages: Path) -> None:
    """Make the modules and the metadata of distributions importable from another environment."""
    for each in distributions:
        for top in _tops(each):
            target = site_packages / top
            if not target.exists():
                target.symlink_to(Path(str(each.locate_file(top))))


def _tops(found: Distribution) -> Iterator[str]:
    yield from {path.parts[0] for path in found.files or () if path.parts[0] not in ("..", "__pycache__")}
