"""The end of a run, shown: the terminal's summary, the exit code."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rocketchat_contract.cli.showing import USUAL, Showing
from rocketchat_contract.face.console import silence, unprinted

if TYPE_CHECKING:
    from rocketchat_contract.report.run_result import RunResult


def tell(result: RunResult, showing: Showing = USUAL) -> NoReturn:
    """Print the end of a run and leave with the verdict's exit code; raises when it cannot be printed."""
    try:
        _show(result, showing)
        sys.stdout.flush()
    except OSError as error:
        silence()
        if not isinstance(error, BrokenPipeError):
            report = next(iter(result.paths.values()), "")
            where = f" (see {report})" if report else ""
            raise unprinted(f"The verdict {result.verdict.word}{where}", error) from None
    sys.exit(int(result.exit_code))


def _show(result: RunResult, showing: Showing) -> None:
    from rocketchat_contract.report.files import tell_github
    from rocketchat_contract.report.json_report import json_report
    from rocketchat_contract.report.terminal import print_terminal, verdict_lines

    encoding = sys.stdout.encoding or "ascii"
    if showing.as_json:
        sys.stdout.write(json_report(result).encode(encoding, "backslashreplace").decode(encoding))
        return
    if showing.quiet:
        sys.stdout.write(verdict_lines(result, encoding))
    else:
        print_terminal(result, sys.stdout, os.environ, colour=showing.colour)
    sys.stdout.write(tell_github(result, os.environ, encoding))
    if showing.opens and "report.html" in result.paths:
        webbrowser.open(Path(result.paths["report.html"]).resolve().as_uri())
