"""The search that every test of this folder ends with finds what it looks for."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rocketchat_contract.client.visitors import Actor
from support.canaries import CANARY, files_below, leaks
from support.clients import stage
from support.command import rocketchat_contract

TOKEN = "rcc0123abcd" + "xYz0123456789AbCdEfG"


def test_every_test_here_is_searched(request: pytest.FixtureRequest) -> None:
    assert "no_secret_shows" in request.fixturenames


@pytest.mark.parametrize("secret", [CANARY, TOKEN, TOKEN.swapcase()])
def test_a_secret_in_a_file_is_found(secret: str, tmp_path: Path) -> None:
    path = tmp_path / "reports" / "report.html"
    path.parent.mkdir()
    path.write_text(f"<p>{secret}</p>")

    found = leaks(files_below(tmp_path))
    path.unlink()

    assert len(found) == 1
    assert found[0].endswith("in reports/report.html")


def test_a_secret_in_an_archive_is_found(tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("record.jsonl", f"x{CANARY}" * 9)

    found = leaks(files_below(tmp_path))
    path.unlink()

    assert found == [f"{CANARY}… in run.zip:record.jsonl"]


def test_what_commands_say_is_heard(said: list[bytes]) -> None:
    rocketchat_contract("--version")
    subprocess.run(
        [sys.executable, "-c", "import sys; print('out'); sys.exit('err')"], capture_output=True, check=False
    )

    assert [words.split()[0] for words in said] == [b"rocketchat-contract,", b"out", b"err"]


def test_tokens_of_this_suite_are_known_by_their_form(tmp_path: Path) -> None:
    stranger = Actor(stage(lambda _: pytest.fail("sends nothing"), tmp_path).client, "0123abcd", "core").stranger()

    assert len(leaks({"output": stranger.token.encode()})) == 1
