"""A proof that is killed leaves no process behind."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil

from support.processes import command_of, living

PROVE = [sys.executable, "-m", "rocketchat_contract", "prove", "--only", "w*", "--jobs", "2", "--seed", "1"]


def workers_of(process: psutil.Process) -> list[psutil.Process]:
    """The processes that try servers, once all of them are there."""
    while len(found := [child for child in process.children() if "spawn_main" in command_of(child)]) < 2:
        assert process.status() != psutil.STATUS_ZOMBIE
        time.sleep(0.01)
    return found


def test_workers_end_with_the_proof() -> None:
    with psutil.Popen(PROVE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as proof:
        workers = workers_of(proof)
        proof.kill()

    assert living(workers, seconds=60) == []
