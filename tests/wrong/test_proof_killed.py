"""A proof that is killed leaves no process behind."""

from __future__ import annotations

import subprocess
import sys

import psutil

from support.processes import command_of

PROVE = [sys.executable, "-m", "rocketchat_contract", "prove", "--only", "w*", "--jobs", "2", "--seed", "1"]


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """The processes that try servers, once all of them are there."""
    while len(found := [child for child in process.children() if "spawn_main" in command_of(child)]) < 2:
        assert process.is_running()
    return found


def test_workers_end_with_the_proof() -> None:
    with psutil.Popen(PROVE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as proof:
        workers = workers_of(proof)
        proof.kill()

        gone, alive = psutil.wait_procs(workers, timeout=20)

    assert (len(gone), alive) == (2, [])
