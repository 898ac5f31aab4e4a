"""A masked text, read by bash with the variables set, is the text again."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from rocketchat_contract.record.redactor import Mask
from support.needs import tool

RUN = "3f9a1c7e"
TOKEN = f"rcc{RUN}AbCdEfGhIjKlMnOpQrSt"
FOREIGN = "kV8u-server_made_Tok3n"
DEVIATIONS = (
    "{token}",
    "{upper}",
    "{lower}",
    "{swapped}",
    "{cut}",
    "{headless}",
    "{half}",
    "{token}x1",
    "{token}_x",
    "{token} {token}",
    "{token}{token}",
    "{cut}.",
    "{cut}\uff34",
    " {token} ",
    "%25{cut}",
)


def deviations(token: str) -> list[str]:
    forms = {
        "token": token,
        "upper": token.upper(),
        "lower": token.lower(),
        "swapped": token.swapcase(),
        "cut": token[:-1],
        "headless": token[1:],
        "half": token[: len(token) // 2 + 4],
    }
    return [pattern.format(**forms) for pattern in DEVIATIONS]


@pytest.mark.parametrize("token", [TOKEN, FOREIGN], ids=["own", "foreign"])
def test_bash_makes_each_deviation_again(token: str) -> None:
    mask = Mask(RUN)
    mask.add_token(token)
    masked = [mask.text(each) for each in deviations(token)]
    setting = "\n".join(f"{name}={shlex.quote(secret)}" for name, secret in mask.variables().items())
    script = setting + "".join(f'\nprintf "%s\\0" "{each}"' for each in masked)

    done = subprocess.run([tool("bash"), "-c", script], capture_output=True, check=True, timeout=20)

    assert done.stdout.decode().split("\0")[:-1] == deviations(token)
    assert not any(token in each for each in masked)
