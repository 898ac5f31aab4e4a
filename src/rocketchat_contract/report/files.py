"""All reports of a run, written into one folder; a reader never sees half a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rocketchat_contract.report.badge import badge_json, badge_svg
from rocketchat_contract.report.ctrf import ctrf
from rocketchat_contract.report.html import html
from rocketchat_contract.report.json_report import json_report
from rocketchat_contract.report.junit import junit
from rocketchat_contract.report.markdown import github_annotations, markdown
from rocketchat_contract.report.plain import encodable, visible
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.sarif import sarif

Writer = Callable[[RunResult], str]

WRITERS: Mapping[str, Writer] = {
    "report.html": html,
    "summary.md": markdown,
    "junit.xml": junit,
    "report.json": json_report,
    "report.sarif": sarif,
    "ctrf.json": ctrf,
    "badge.svg": badge_svg,
    "badge.json": badge_json,
}


@dataclass(frozen=True)
class Written:
    """The files by name, and a sentence for each that could not be made: a defect of the suite."""

    paths: Mapping[str, Path]
    problems: tuple[str, ...] = ()


def write_reports(result: RunResult, folder: Path, writers: Mapping[str, Writer] = WRITERS) -> Written:
    """Write every report into ``folder``; a defect of one keeps neither the verdict nor the others from the user."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path] = {}
    problems = []
    for name, writer in writers.items():
        try:
            paths[name] = write_whole(folder / name, writer(result))
        except Exception as error:
            problems.append(f"{name} was not written: {type(error).__name__}: {error}")
    return Written(paths, tuple(problems))


def tell_github(result: RunResult, environment: Mapping[str, str], encoding: str) -> str:
    """Add the summary to the job's page; answers the annotations to print, where GitHub Actions runs us."""
    problem = add_to_page(environment, markdown(result)) if "GITHUB_STEP_SUMMARY" in environment else ""
    annotations = github_annotations(result) if environment.get("GITHUB_ACTIONS") == "true" else ""
    return encodable(problem + annotations, encoding)


def add_to_page(environment: Mapping[str, str], text: str) -> str:
    """Add Markdown to the job's page; answers a line that says why it was not, which never hides a verdict."""
    page = environment.get("GITHUB_STEP_SUMMARY")
    if not page:
        return ""
    try:
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        return f"The job's page {visible(page)} was not written: {error.strerror}.\n"
    return ""


def write_whole(path: Path, text: str) -> Path:
    """Write a text file so that it is there whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
