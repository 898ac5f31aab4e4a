"""Which requirements a run is asked about: all of them, some, or all but some, by id or by group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from rocketchat_contract.contract.requirements import Requirement, Requirements
from rocketchat_contract.errors import UsageError

ASKED = "asked"
"""The member of a record's header that keeps it, so that a record is judged again as the run was asked."""


@dataclass(frozen=True)
class Selection:
    """``only`` and ``skip`` hold ids and groups of requirements; an empty ``only`` means all."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    @property
    def is_given(self) -> bool:
        """Whether anything is left out."""
        return bool(self.only or self.skip)

    def asks(self, requirement: Requirement) -> bool:
        """Whether a requirement is asked for."""
        names = {requirement.id, requirement.group}
        return (not self.only or not names.isdisjoint(self.only)) and names.isdisjoint(self.skip)

    def left_out(self, requirements: Iterable[Requirement]) -> tuple[str, ...]:
        """The ids of those that are not asked for."""
        return tuple(each.id for each in requirements if not self.asks(each))

    @property
    def words(self) -> str:
        """The options that ask so: ``--only rid --skip a-room-has-an-id``."""
        named = [("--only", name) for name in self.only] + [("--skip", name) for name in self.skip]
        return " ".join(f"{option} {name}" for option, name in named)

    def check(self, requirements: Requirements, required: Iterable[str] = ()) -> None:
        """Raise ``UsageError`` for a name that is neither an id nor a group, and when too little is asked for."""
        known = [*requirements.groups, *requirements.ids]
        for option, names in (("--only", self.only), ("--skip", self.skip)):
            for name in names:
                if name not in known:
                    near = get_close_matches(name, known, n=1)
                    hint = f"Did you mean {near[0]}?" if near else "List them: rocketchat-contract requirements"
                    raise UsageError(f"There is no requirement or group {name!r} ({option}).", hint)
        if not any(map(self.asks, requirements)):
            raise UsageError(f"{self.words} asks for no requirement.", "Leave one of them out.")
        for each in required:
            if not self.asks(requirements[each]):
                raise UsageError(f"--require {each} is not asked for with {self.words}.", "Leave one of them out.")

    def to_json(self) -> dict[str, Any]:
        """The selection as JSON values, as ``from_json`` reads them."""
        return {"only": list(self.only), "skip": list(self.skip)}

    @classmethod
    def from_json(cls, content: object) -> Selection:
        """The selection in a record's header; without one, everything is asked for."""
        given: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
        return cls(*(tuple(map(str, given.get(name, ()))) for name in ("only", "skip")))


ALL_ASKED = Selection()
"""What a run is asked about unless it is told otherwise."""
