"""``serve``: run the reference server until interrupted."""

from __future__ import annotations

import click

from rocketchat_contract.cli.completions import deviation_names, edition_names, offering
from rocketchat_contract.face.console import say, say_folded


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--edition",
    default="newest",
    show_default=True,
    shell_complete=offering(edition_names),
    help="Release: newest, 8.6, 7.10, 7.2, 7.2-rest, 6.5, 3.7, 3.4.",
)
@click.option("--limit", metavar="CALLS/SECONDS", help="Turn the rate limiter on, such as 5/60.")
@click.option("--store", default=":memory:", show_default=True, help="File to keep visitors and rooms in.")
@click.option(
    "--wrong",
    default="",
    metavar="NAME",
    shell_complete=offering(deviation_names),
    help="With one fault, or as one variant: see --list.",
)
@click.option("--list", "listed", is_flag=True, help="List the wrong servers and the variants, and end.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Any other setting, such as latency=0.05.")
def serve(  # noqa: PLR0913, PLR0917 - one parameter per option
    host: str,
    port: int,
    edition: str,
    limit: str | None,
    store: str,
    wrong: str,
    listed: bool,  # noqa: FBT001 - click passes it by name
    pairs: tuple[str, ...],
) -> None:
    """Serve a Rocket.Chat-like workspace that keeps the contract, or breaks exactly one thing (--wrong)."""
    if listed:
        return list_deviations()
    from rocketchat_contract.reference.editions import limit_notice, make_app
    from rocketchat_contract.reference.server import run_server
    from rocketchat_contract.reference.settings import LimitSetting, Settings

    limiter = LimitSetting.parse(limit) if limit else None
    settings = Settings(edition=edition, wrong=wrong, limit=limiter, store=store).with_pairs(pairs)
    app = make_app(settings)
    if limit_notice(settings):
        say_folded(limit_notice(settings), err=True)
    try:
        run_server(app, host, port, lambda url: announce(url, app.password))
    except KeyboardInterrupt:
        click.echo("Stopped.")
    return None


def list_deviations() -> None:
    """Print every name that ``--wrong`` takes, with its sentence and the requirement it breaks."""
    from rocketchat_contract.reference.wrong import FAMILIES, VARIANTS, WRONG_SERVERS

    for family in FAMILIES:
        servers = [server for server in WRONG_SERVERS.values() if server.family == family]
        say(f"{family}: {len(servers)} wrong servers")
        for server in servers:
            say_folded(f"  {server.name}\n      {server.sentence} Breaks {server.breaks}.")
    say(f"variants: {len(VARIANTS)} servers that keep the contract")
    for variant in VARIANTS.values():
        say_folded(f"  {variant.name}\n      {variant.sentence}")


def announce(url: str, password: str) -> None:
    """Print where the server is and how to log in."""
    click.echo(f"{url}\nLogin: user admin, password {password}. Stop with Ctrl-C.")
