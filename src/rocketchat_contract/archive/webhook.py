"""Sending one message to an incoming webhook. Its address is a secret and appears in no message of ours."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import TargetError, UsageError

VARIABLE = "ROCKETCHAT_CONTRACT_WEBHOOK"
TIMEOUT = 10.0
"""Seconds that the webhook may take to answer."""

_GIVE = f"Put it into the environment as {VARIABLE}, or into a file for --webhook-file."


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the address is a secret and goes nowhere else."""


def webhook_address(environment: Mapping[str, str], file: Path | None) -> str:
    """The address from a file, else from the environment; raises ``UsageError`` when there is none or it is no URL."""
    address = _from_file(file) if file is not None else environment.get(VARIABLE, "")
    if not address.strip():
        raise UsageError("There is no webhook to notify.", _GIVE)
    parts = urllib.parse.urlsplit(address.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError("The webhook's address is not an http or https URL.", _GIVE)
    return address.strip()


def _from_file(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise UsageError(f"The webhook file {file} cannot be read: {reason}.", "Name another file.") from error


def post(address: str, payload: bytes) -> None:
    """Post JSON; raises ``TargetError`` unless the webhook answers with a status of 200 to 299."""
    headers = {"Content-Type": "application/json; charset=utf-8"}
    request = urllib.request.Request(address, payload, headers, method="POST")  # noqa: S310 - http or https only
    try:
        urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT).close()
    except urllib.error.HTTPError as error:
        raise TargetError(f"The webhook answered with {error.code}.", "Check its address and its token.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        text = getattr(reason, "strerror", None) or type(reason).__name__
        raise TargetError(f"The webhook could not be reached: {text}.", "Check its address and the network.") from None
