"""Judges one deployment here: its run in a process of its own, its folder packed to be carried away.

What an earlier attempt left behind comes first. Its run must have ended and its ledger must be swept; else nothing is
sent, because two runs on one target would disturb each other, and rooms would be forgotten.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from rocketchat_contract.archive import DEPLOYMENTS
from rocketchat_contract.config.option import PREFIX
from rocketchat_contract.config.options import BY_FIELD
from rocketchat_contract.fleet.plan import Deployment
from rocketchat_contract.fleet.supervised import hold
from rocketchat_contract.inputs.bounded import FileKind, InputError, read_json
from rocketchat_contract.record.ledger import LEDGER

SAID = "said.txt"
REFUSAL = "refusal.json"
ENDED = "ended.json"
_PATIENCE = 900.0
"""Seconds that a run whose worker is lost gets to clean up after itself."""

_LOOK_AGAIN = 0.1
_SAID_LINES = 12
_NO_FILE = f"--config={os.devnull}"
"""No file of options on the machine is part of a fleet."""
_PAGES_OF_A_JOB = ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS")
"""Each run of a fleet keeps its annotations out of the fleet's own job."""


@dataclass(frozen=True)
class Judged:
    """What came back of one deployment.

    ``exit_code`` is the run's; None when it did not end by itself. ``run`` is its folder and ``said`` its terminal's
    text, both below the fleet's folder; ``words`` are the last lines of that text, ``refused`` is the error that the
    run ended with, if it was one of ours. ``problem`` says why nothing was judged, or what happened on the way.
    ``is_perhaps_alive`` says that an earlier run of it may still be under way.
    """

    exit_code: int | None
    attempt: int
    run: str = ""
    said: str = ""
    words: str = ""
    refused: str = ""
    problem: str = ""
    is_perhaps_alive: bool = False


def attempt_folder(fleet: Path, deployment: Deployment, attempt: int) -> Path:
    """The folder of an attempt."""
    return fleet / DEPLOYMENTS / deployment.name / f"attempt-{attempt}"


def judge_here(
    deployment: Deployment, fleet: Path, attempt: int = 1, stopped: Callable[[], bool] = lambda: False
) -> Judged:
    """Judge a deployment, the earlier attempts tidied up; ``stopped`` is asked while the run lives."""
    for earlier in range(1, attempt):
        place = attempt_folder(fleet, deployment, earlier)
        problem, is_alive = _tidied(place, deployment)
        if problem:
            text = f"It was not run again after a lost worker: {problem}"
            return Judged(None, attempt, problem=text, is_perhaps_alive=is_alive)
        if (place / ENDED).is_file():
            return _ended(place / ENDED, attempt)
    return _run(deployment, fleet, attempt, stopped)


def _ended(path: Path, attempt: int) -> Judged:
    try:
        return TypeAdapter(Judged).validate_python(
            read_json(path, FileKind("The result", "Run that deployment again."))
        )
    except (InputError, ValueError) as error:
        return Judged(None, attempt, problem=f"The result of an earlier attempt cannot be read: {error}")


def awaited(place: Path, patience: float = _PATIENCE) -> str:
    """Wait for the end of an attempt's run; answers why it may still be under way, or an empty text."""
    if not place.is_dir():
        return f"its folder {place} is not to be seen from here, so nobody knows what its run left on the target."
    held = hold(place, patience)
    if held is None:
        return f"its run in {place} is still alive."
    held.close()
    return ""


def _tidied(place: Path, deployment: Deployment) -> tuple[str, bool]:
    """Wait for an attempt and finish it: why that failed, or an empty text; whether it may still be under way."""
    alive = awaited(place)
    return alive or swept(place, deployment), bool(alive)


def swept(place: Path, deployment: Deployment) -> str:
    """Finish what an attempt that has ended left behind; answers what could not be finished, or an empty text."""
    return "".join(filter(None, (_swept(book.parent, deployment) for book in sorted(place.glob(f"*/{LEDGER}")))))


def _swept(run: Path, deployment: Deployment) -> str:
    command = [*_python(), "-m", "rocketchat_contract", "sweep", str(run), _NO_FILE]
    try:
        environment = _environment(deployment, "sweep")
    except LookupError as missing:
        return str(missing)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode == 0:
        return ""
    words = " ".join((done.stderr or done.stdout).split())
    return f"its ledger {run / LEDGER} could not be swept: {words}"


def _run(deployment: Deployment, fleet: Path, attempt: int, stopped: Callable[[], bool]) -> Judged:
    place = attempt_folder(fleet, deployment, attempt)
    place.mkdir(parents=True)
    said = place / SAID
    target = [deployment.url] if deployment.url else [f"--set={pair}" for pair in deployment.server]
    options = [_NO_FILE, "--yes", f"--report-dir={place}"]
    supervised = [*_python(), "-m", "rocketchat_contract.fleet.supervised", str(place)]
    command = [*supervised, f"--refusal={place / REFUSAL}", "run", *target, *options]
    try:
        environment = _environment(deployment, "run")
    except LookupError as missing:
        return Judged(None, attempt, problem=str(missing))
    with said.open("wb") as output:
        code = _followed(command, environment, output, stopped)
    judged = _judged(code, attempt, fleet, place)
    if code < 0:
        problem, is_alive = _tidied(place, deployment)
        left = f" {problem[:1].upper()}{problem[1:]}" if problem else " What it made on the target is gone again."
        ended = f"The run was killed by signal {-code}."
        return Judged(
            None,
            attempt,
            said=judged.said,
            words=judged.words,
            refused=judged.refused,
            problem=ended + left,
            is_perhaps_alive=is_alive,
        )
    (place / ENDED).write_text(json.dumps(asdict(judged)), encoding="utf-8")
    return judged


def _followed(
    command: list[str], environment: dict[str, str], output: io.BufferedWriter, stopped: Callable[[], bool]
) -> int:
    """Run until its end; when asked to stop, let go of it and wait for the clean-up."""
    # a session of its own: a Ctrl-C in the terminal reaches it once, through us
    process = subprocess.Popen(  # noqa: S603 - our own
        command, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
    )
    assert process.stdin is not None  # noqa: S101 - for the type checker
    while True:
        if stopped() and not process.stdin.closed:
            process.stdin.close()
        try:
            code = process.wait(_LOOK_AGAIN)
        except subprocess.TimeoutExpired:
            continue
        process.stdin.close()
        return code


def _judged(code: int, attempt: int, fleet: Path, place: Path) -> Judged:
    report = next((path for path in sorted(place.glob("*/report.json")) if not path.parent.is_symlink()), None)
    said = place / SAID
    lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return Judged(
        code,
        attempt,
        run=report.parent.relative_to(fleet).as_posix() if report else "",
        said=said.relative_to(fleet).as_posix(),
        words="\n".join(lines[-_SAID_LINES:]),
        refused=_refused(place / REFUSAL),
    )


def _refused(path: Path) -> str:
    """The error that a run kept; empty when it ended otherwise, or was killed while it wrote."""
    try:
        refusal = read_json(path, FileKind("The refusal", "Run that deployment again."))
        return f"{refusal['problem']} {refusal['next_step']}"
    except (InputError, KeyError, TypeError):
        return ""


def _python() -> list[str]:
    return [sys.executable, "-P"]


def _environment(deployment: Deployment, command: str) -> dict[str, str]:
    """The environment with the deployment's options and secrets in place of our own; raises ``LookupError``."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(PREFIX) and name not in _PAGES_OF_A_JOB
    }
    environment |= deployment.variables(command)
    for option, variable in deployment.secrets:
        if not os.environ.get(variable):
            raise LookupError(f"The environment variable {variable} is not set where the deployment is judged.")
        environment[BY_FIELD[option.replace("-", "_")].variable] = os.environ[variable]
    return environment


def packed(fleet: Path, judged: Judged) -> bytes:
    """The reports and the record of a run as a compressed archive, without its ledger, which holds real tokens."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6) as archive:
        for path in sorted((fleet / judged.run).iterdir()) if judged.run else ():
            if path.name != LEDGER:
                archive.add(path, path.relative_to(fleet).as_posix(), recursive=False)
        if judged.said:
            archive.add(fleet / judged.said, judged.said)
    return buffer.getvalue()


def unpack(archive: bytes, fleet: Path) -> None:
    """Put the files of a packed run into a fleet's folder, where they are not there already.

    Nothing but plain files below the folder is taken: not every supported Python has filters for archives.
    """
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in members:
            place = fleet / member.name
            content = members.extractfile(member) if member.isreg() else None
            if content is None or place.exists() or not place.resolve().is_relative_to(fleet.resolve()):
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            with content, place.open("wb") as file:
                shutil.copyfileobj(content, file)
