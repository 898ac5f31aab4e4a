"""What an option is: its names, its kind and where it may stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PREFIX = "ROCKETCHAT_CONTRACT_"

OptionKind = Literal["text", "path", "number", "whole", "rate", "duration", "switch", "texts"]
OptionSource = Literal["flag", "environment", "file"]

EVERYWHERE: tuple[OptionSource, ...] = ("flag", "environment", "file")
OFF_COMMAND_LINE: tuple[OptionSource, ...] = ("environment", "file")
"""For secrets: a command line can be read by every user of the machine."""

TELLS = {
    "text": "a text",
    "path": "a path",
    "number": "a number",
    "whole": "a whole number",
    "rate": "calls/seconds",
    "duration": "a time",
    "switch": "true or false",
    "texts": "a list of texts",
}


@dataclass(frozen=True)
class Option:
    """One option. ``name`` is its flag without dashes in front, and its key in the file.

    ``default`` is a text as the user would write it, or None; ``otherwise`` says what None means.
    ``example`` follows the name in the next step of an error. ``commands`` empty means every command that meets a
    target.
    """

    name: str
    kind: OptionKind
    about: str
    default: str | None = None
    otherwise: str = ""
    example: str = ""
    metavar: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    secret: bool = False
    places: tuple[OptionSource, ...] = EVERYWHERE
    commands: tuple[str, ...] = ()
    group: str = ""

    @property
    def field(self) -> str:
        """Its name in Python."""
        return self.name.replace("-", "_")

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.field.upper()

    def belongs_to(self, command: str) -> bool:
        """Whether a command takes it as a flag."""
        return "flag" in self.places and (not self.commands or command in self.commands or command == "config")
