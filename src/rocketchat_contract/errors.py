"""What can go wrong, as data, and the exit code each kind ends with.

``ContractError`` is never raised itself; its kinds are::

    ContractError
    ├── UsageError        the command, an option or a file is wrong        exit 2
    ├── TargetError       the target cannot be judged as it is             exit 3
    └── SuiteError        we are wrong                                     exit 4

The text is rendered in one place (``cli``): what happened, then one next step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends; when several hold: error, then violated, then incomplete, then conformant."""

    CONFORMANT = 0
    VIOLATED = 1
    USAGE = 2
    INCOMPLETE = 3
    ERROR = 4


@dataclass(eq=False)  # not frozen: Python itself sets __traceback__ on what is raised
class ContractError(Exception):
    """One sentence on what happened and one on what to do next."""

    problem: str
    next_step: str

    exit_code = ExitCode.ERROR

    def __str__(self) -> str:
        return f"{self.problem} {self.next_step}"


class UsageError(ContractError):
    """The command line, a configuration or an input file is not usable."""

    exit_code = ExitCode.USAGE


class TargetError(ContractError):
    """The target cannot be reached or is not something this contract speaks of."""

    exit_code = ExitCode.INCOMPLETE


class SuiteError(ContractError):
    """A defect of the suite itself."""

    exit_code = ExitCode.ERROR
