"""``plan``: what a run may cost, without creating anything."""

from __future__ import annotations

from typing import Any

import click

from rocketchat_contract.cli.options import config_of, options_of
from rocketchat_contract.cli.saying import say_folded


@click.command()
@click.argument("url", required=False)
@options_of("plan")
def plan(url: str | None, **flags: Any) -> None:
    """Say what a run on URL may cost and how long it takes; creates nothing.

    Three calls are sent: for the version, for livechat's configuration, and a room call without token for the
    limiter.
    """
    from rocketchat_contract.run.plan import look  # noqa: PLC0415 - keeps --help fast

    say_folded("\n".join(look(config_of(url, flags)).lines()))
