"""The end of a run, told: reports written, the terminal's summary, the exit code."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from rocketchat_contract.cli.console import say_folded, silence, unprinted
from rocketchat_contract.cli.showing import USUAL, Showing
from rocketchat_contract.errors import UsageError

if TYPE_CHECKING:
    from rocketchat_contract.report.run_result import RunResult


def write(result: RunResult, folder: Path, *, latest: bool = False) -> RunResult:
    """Write the reports into a folder; answers the result that knows their paths, and their defects as errors.

    Signals wait until that is done.
    """
    with _undisturbed():
        from rocketchat_contract.report.files import write_reports

        written = write_reports(result, folder)
        if latest:
            _point_to(folder)
    verdict = replace(result.verdict, errors=(*result.verdict.errors, *written.problems))
    return replace(result, verdict=verdict, paths={name: str(path) for name, path in written.paths.items()})


@contextmanager
def _undisturbed() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def refuse_secrets_file(path: Path | None) -> None:
    """Raise ``UsageError`` before the run when its secrets could not be written after it."""
    if path is not None and not os.access(path if path.exists() else path.parent, os.W_OK):
        raise UsageError(f"The secrets file {path} cannot be written.", "Choose another --secrets-file.")


def write_secrets(path: Path, target: str, variables: Mapping[str, str]) -> None:
    """Write the variables of the reproduction lines as shell assignments, readable for their user only."""
    pairs = {"RC_TARGET": target, **variables}
    text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in pairs.items())
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            path.chmod(0o600)
            file.write(text)
    except OSError as error:
        say_folded(f"The secrets file {path} was not written: {error.strerror}.", err=True)


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


def _point_to(folder: Path) -> None:
    """Let ``latest`` beside the run's folder lead to it, where the file system knows links."""
    link, fresh = folder.parent / "latest", folder.parent / f".latest-{folder.name}"
    try:
        fresh.symlink_to(folder.name, target_is_directory=True)
        fresh.replace(link)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        say_folded(f"{link} was not renewed: {error.strerror}.", err=True)
