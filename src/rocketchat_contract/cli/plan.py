"""``plan``: what a run may cost, without creating anything."""

from __future__ import annotations

import json
from typing import Any

import click

from rocketchat_contract.cli.options import format_option, options_of
from rocketchat_contract.cli.showing import amount_options, printing
from rocketchat_contract.face.asked import config_of
from rocketchat_contract.face.console import say_folded


@click.command()
@click.argument("url", required=False)
@options_of("plan")
@format_option("As text for people, or as JSON.", "json")
@amount_options("Print the sum alone.", "Print each request with its status and time.")
def plan(url: str | None, format_: str, quiet: bool, verbose: bool, **flags: Any) -> None:  # noqa: FBT001
    """Say what a run on URL may cost and how long it takes; creates nothing.

    Three calls are sent: for the version, for livechat's configuration, and a room call without token for the
    limiter.
    """
    from rocketchat_contract.run.plan import look

    planned = look(config_of(url, flags), printing(verbose=verbose))
    if format_ == "json":
        click.echo(json.dumps(planned.to_json(), indent=2, ensure_ascii=False))
        return
    say_folded(planned.sum if quiet else "\n".join(planned.lines()))
