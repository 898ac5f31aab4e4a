"""``config``: what is in effect and where it came from; the reference of all options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from rocketchat_contract.cli.options import format_option, options_of
from rocketchat_contract.cli.showing import amount_options


@click.group()
def config() -> None:
    """Look at the configuration: what is in effect, and what there is."""


@config.command("show")
@click.argument("url", required=False)
@options_of("config")
@format_option("As a table for people, or as JSON.", "json")
@amount_options("Print only what is not the default.", "Also print what each option does.")
def show(url: str | None, config_file: Path | None, format_: str, quiet: bool, verbose: bool, **flags: Any) -> None:  # noqa: FBT001 - one parameter per option
    """Print each option's effective value and where it came from; takes the flags of `run`."""
    from rocketchat_contract.config.loading import load
    from rocketchat_contract.config.making import make_config
    from rocketchat_contract.config.reference import reference_data, shown

    loaded = load({**flags, "target": url}, file=config_file)
    make_config(loaded)
    if format_ == "json":
        click.echo(json.dumps(reference_data(loaded), indent=2, ensure_ascii=False))
        return
    click.echo("\n".join(shown(loaded, changed=quiet, explained=verbose)))


@config.command("reference")
def reference() -> None:
    """Print the reference of all options as Markdown."""
    from rocketchat_contract.config.reference import option_reference

    click.echo(option_reference(), nl=False)
