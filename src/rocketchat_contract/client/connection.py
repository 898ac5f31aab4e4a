"""From a configuration to a client: the way to the target, and what is hidden on it."""

from __future__ import annotations

import re
import time
from pathlib import Path

from rocketchat_contract.client.address import Address, parse_proxy, tls_context
from rocketchat_contract.client.budget import Budget
from rocketchat_contract.client.client import Client
from rocketchat_contract.client.pacer import Pacer
from rocketchat_contract.client.recorder import Recorder
from rocketchat_contract.client.resource_tracker import ResourceTracker
from rocketchat_contract.client.transport import Options, Transport
from rocketchat_contract.client.waiter import Waiter
from rocketchat_contract.config import RunConfig
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.exchange import Headers
from rocketchat_contract.record.header import RecordHeader
from rocketchat_contract.record.journal import Journal
from rocketchat_contract.record.redactor import Mask

SECRET_LENGTH = 12
"""Characters from which on a configured header's value is taken for a secret, wherever it shows up."""

PUBLIC = re.compile("accept.*|cache-control|connection|content-.*|host|origin|pragma|referer|user-agent", re.IGNORECASE)
"""Headers whose values are no secrets: hidden, they would be hidden in every answer that says the same."""

PARTS = re.compile("[ ;=,]+")
"""What stands between the secrets of one header: a scheme and its credentials, or several cookies."""


def connection_options(config: RunConfig, address: Address, waiter: Waiter) -> Options:
    """How the target is reached; the clock starts here. Raises ``UsageError`` for files that cannot be used."""
    origin = time.monotonic_ns()

    def clock() -> int:
        return time.monotonic_ns() - origin

    def hurry(deadline: int) -> int:
        return waiter.hurry(deadline, clock())

    tls = tls_context(config.ca, config.cert, config.key, insecure=config.insecure) if address.is_secure else None
    proxy = parse_proxy(config.proxy) if config.proxy else None
    return Options(address, config.timeout, tls, config.headers, proxy, config.host, clock, hurry)


def client_of(  # noqa: PLR0913, PLR0917 - a client has so many parts
    config: RunConfig, options: Options, recorder: Recorder, mask: Mask, tracker: ResourceTracker, waiter: Waiter
) -> Client:
    """A client that keeps a record and a ledger, and hides the configuration's secrets."""
    return Client(
        Transport(options),
        recorder,
        mask,
        Pacer(config.limit),
        Budget(config.profile, tracker.rooms_made, rounds=config.repeat),
        tracker,
        waiter,
        config.give_up_after,
        hide_secrets(config, mask),
    )


def open_journal(path: Path, header: RecordHeader) -> Journal:
    """A record that is not there yet."""
    try:
        return Journal(path, header)
    except OSError as error:
        raise UsageError(
            f"The folder {path.parent} cannot be written: {error.strerror}.", "Choose another --report-dir."
        ) from error


def hide_secrets(config: RunConfig, mask: Mask) -> Headers:
    """Make the configuration's secrets known to the mask; answers the extra headers as the record shows them."""
    if config.credentials is not None:
        mask.add_secret(config.credentials.user_id, "RC_USER_ID")
        mask.add_secret(config.credentials.auth_token, "RC_AUTH_TOKEN")
    shown = []
    for name, value in config.headers:
        if PUBLIC.fullmatch(name):
            shown.append((name, value))
            continue
        variable = "RC_HEADER_" + re.sub("[^A-Z]+", "_", name.upper()).strip("_")
        if len(value) >= SECRET_LENGTH:
            mask.add_secret(value, variable)
        for part in PARTS.split(value):
            if SECRET_LENGTH <= len(part) < len(value):
                mask.add_secret(part, f"{variable}_PART")
        shown.append((name, f"${variable}"))
    return tuple(shown)
