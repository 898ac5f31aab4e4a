"""What a wrong server and a conformant variant are, and how families of them are written down.

A wrong server is a class laid over the behaviour or the wire, or a function from parts to parts. Its name is the
class's name in small letters, its sentence is the docstring, its family is the module it stands in::

    @family.breaks("an-open-room-is-returned", unguarded=True)
    class ForgetsTheRoom(Behaviour):
        \"\"\"Each call opens another room.\"\"\"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rocketchat_contract.reference.app import Parts
from rocketchat_contract.reference.behaviour import Behaviour
from rocketchat_contract.reference.wire import Wire

Deviate = Callable[[Parts], Parts]
Made = TypeVar("Made", bound=Callable[..., Any])
"""A class over behaviour or wire, or a function from parts to parts."""

NEEDS = ("race", "chance", "history", "pause", "haste")
"""What a fault needs to show: calls under way together, luck, more than sixty calls, a pause, calls within
milliseconds of each other."""


@dataclass(frozen=True, slots=True)
class WrongServer:
    """A server with one fault; ``breaks`` is the id of the requirement that has to name it.

    ``needs`` is one of ``NEEDS``; empty for a fault that shows in each short history of the right calls.
    """

    name: str
    family: str
    breaks: str
    sentence: str
    deviate: Deviate = field(repr=False, compare=False)
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Variant:
    """A server that differs and keeps the contract; ``warns`` are the shoulds that it has a right to break.

    Where its settings keep a run from judging everything, its ``verdict`` is incomplete.
    """

    name: str
    sentence: str
    deviate: Deviate = field(repr=False, compare=False)
    warns: tuple[str, ...] = ()
    verdict: str = "conformant"


@dataclass(frozen=True)
class Family:
    """Wrong servers of one kind, gathered as their module is read; ``needs`` holds for all of them."""

    name: str
    needs: str = ""
    servers: list[WrongServer] = field(default_factory=list)

    def breaks(self, requirement: str, *, unguarded: bool = False, needs: str = "") -> Callable[[Made], Made]:
        """Enter what is decorated as a server that breaks this requirement.

        ``unguarded`` takes the store's guarantee of one open room away; ``needs`` is one of ``NEEDS``.
        """

        def enter(made: Made) -> Made:
            self.add(name_of(made), requirement, sentence_of(made), _deviation(made, unguarded=unguarded), needs)
            return made

        return enter

    def add(self, name: str, requirement: str, sentence: str, deviate: Deviate, needs: str = "") -> None:
        """Enter a server by its parts."""
        self.servers.append(WrongServer(name, self.name, requirement, sentence, deviate, needs or self.needs))


@dataclass(frozen=True)
class Variants:
    """Conformant variants, gathered as their module is read."""

    variants: list[Variant] = field(default_factory=list)

    def keeps(self, *, warns: tuple[str, ...] = ()) -> Callable[[Made], Made]:
        """Enter what is decorated as a server that keeps every must, and breaks at most the shoulds of ``warns``."""

        def enter(made: Made) -> Made:
            self.variants.append(Variant(name_of(made), sentence_of(made), _deviation(made), warns))
            return made

        return enter

    def set(
        self, name: str, sentence: str, *, verdict: str = "conformant", warns: tuple[str, ...] = (), **settings: object
    ) -> None:
        """Enter a server that differs by settings alone."""
        self.variants.append(Variant(name, sentence, lambda parts: parts.set(**settings), warns, verdict))


def name_of(made: Callable[..., Any]) -> str:
    """``ForgetsTheRoom`` as ``forgets_the_room``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", made.__name__).lower()


def sentence_of(made: Callable[..., Any]) -> str:
    """The docstring's first line, as plain text."""
    return (made.__doc__ or "").partition("\n")[0].replace("``", "")


def _deviation(made: Callable[..., Any], *, unguarded: bool = False) -> Deviate:
    """The function from parts to parts that lays ``made`` over a server."""

    def deviate(parts: Parts) -> Parts:
        laid = _laid_over(parts, made)
        return laid.unguarded() if unguarded else laid

    return deviate


def _laid_over(parts: Parts, made: Any) -> Parts:
    if not isinstance(made, type):
        changed: Parts = made(parts)
        return changed
    if issubclass(made, Wire):
        return parts.wired(made)
    return parts.behaving(made) if issubclass(made, Behaviour) else parts
