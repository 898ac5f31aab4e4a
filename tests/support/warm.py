"""Commands in processes of their own that begin with everything imported: two thirds of a short run are imports."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

IMPORTED = [
    "rocketchat_contract.cli.commands",
    "rocketchat_contract.cli.progress",
    "rocketchat_contract.config.loading",
    "rocketchat_contract.run.engine",
    "rocketchat_contract.run.plan",
    "rocketchat_contract.reference.editions",
    "rocketchat_contract.report.files",
    "jsonpath",
    "schemathesis",
]
STREAMS = ("in", "out", "err")


def warm(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run ``rocketchat-contract`` with these words in a folder until its end, without anything to read."""
    with TemporaryDirectory() as aside:
        process = _context().Process(target=_begin, args=(tuple(words), str(folder), dict(environment), aside))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            raise subprocess.TimeoutExpired(list(words), seconds)
        out, err = (Path(aside, name).read_text("utf-8") for name in STREAMS[1:])
    return subprocess.CompletedProcess(list(words), process.exitcode, out, err)


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(IMPORTED)
    return context


def _begin(words: Sequence[str], folder: str, environment: Mapping[str, str], aside: str) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    Path(aside, STREAMS[0]).touch()
    for number, name in enumerate(STREAMS):
        file = os.open(Path(aside, name), os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, mode, closefd=False) for n, mode in enumerate("rww"))
    sys.path.insert(0, folder)
    sys.argv = ["rocketchat-contract", *words]
    runpy.run_module("rocketchat_contract", run_name="__main__", alter_sys=True)
