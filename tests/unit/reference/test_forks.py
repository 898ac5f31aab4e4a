"""Servers forked from a process that has everything imported: as those in interpreters of their own, but sooner."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.request import urlopen

import psutil
import pytest

from rocketchat_contract.errors import SuiteError
from rocketchat_contract.reference.forks import launch_fork
from rocketchat_contract.reference.settings import Settings
from support.processes import living

OWNER = """
from rocketchat_contract.reference.forks import launch_fork
from rocketchat_contract.reference.settings import Settings
server = launch_fork(Settings()).ready()
print(server.pid, flush=True)
input()
"""


def test_a_fork_has_the_settings_of_its_server() -> None:
    server = launch_fork(Settings(prefix="/chat", edition="3.7")).ready()
    with urlopen(f"{server.url}/api/info") as answer:
        version = json.loads(answer.read())["version"]
    server.stop()

    assert (server.url[-5:], version) == ("/chat", "3.7")


def test_servers_share_no_store() -> None:
    one, two = (launch_fork(Settings()).ready() for _ in range(2))
    assert one.url != two.url
    for server in (one, two):
        server.stop()


def test_a_stopped_fork_is_gone() -> None:
    server = launch_fork(Settings()).ready()
    process = psutil.Process(server.pid)
    server.stop()

    assert living([process], seconds=60) == []


def test_a_server_that_cannot_begin_is_an_error() -> None:
    with pytest.raises(SuiteError, match="ended before it answered"):
        launch_fork(Settings(store="/nowhere/at/all")).ready()


def test_servers_end_with_their_owner() -> None:
    with subprocess.Popen([sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        server = psutil.Process(int(owner.stdout.readline()))
        shared = server.parent()
        owner.kill()

    assert living([each for each in (server, shared) if each], seconds=60) == []
