"""Plain ``st run``, as a user starts it: the repaired document, its defaults, on to the end after a failure."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rocketchat_contract.contract.vendored import spec_folder


def plain_st_run(url: str, folder: Path, *more: str, patience: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``st run`` on a server, in a folder; raises ``TimeoutExpired`` after ``patience`` seconds."""
    document = str(spec_folder() / "livechat-room.openapi.json")
    command = [str(Path(sys.executable).parent / "st"), "run", document, "--url", url, "--continue-on-failure", *more]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, timeout=patience)
