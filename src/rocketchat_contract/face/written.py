"""What a run leaves on this machine: its reports, and the secrets of its reproduction lines when asked for."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rocketchat_contract.errors import UsageError
from rocketchat_contract.face.console import say_folded
from rocketchat_contract.record.ledger import sweep_of

if TYPE_CHECKING:
    from rocketchat_contract.report.run_result import RunResult
    from rocketchat_contract.run.engine import Engine


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


def _point_to(folder: Path) -> None:
    """Let ``latest`` beside the run's folder lead to it, where the file system knows links."""
    link, fresh = folder.parent / "latest", folder.parent / f".latest-{folder.name}"
    try:
        fresh.symlink_to(folder.name, target_is_directory=True)
        fresh.replace(link)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        say_folded(f"{link} was not renewed: {error.strerror}.", err=True)


def keep_secrets(driving: Engine) -> None:
    """Write the secrets file when one is asked for, and say where what is left can be swept up."""
    run = driving.run
    if run is None:
        return
    if run.config.secrets_file is not None:
        _write_secrets(run.config.secrets_file, run.address.url, run.client.mask.variables())
    if run.book is not None:
        from rocketchat_contract.report.phrases import left_in_numbers

        ledger = run.tracker.ledger()
        is_left = bool(ledger.left or ledger.at_least)
        said = "Something is left on" if is_left else "A call that was given up may still take effect on"
        what = f": {left_in_numbers(ledger)}" if is_left else ""
        when = "Try again" if is_left else "Look again in a while"
        say_folded(f"{said} {run.address.url}{what}. {when}: {sweep_of(run.folder)}", err=True)


def _write_secrets(path: Path, target: str, variables: Mapping[str, str]) -> None:
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
