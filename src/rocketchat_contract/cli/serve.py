"""``serve``: run the reference server until interrupted."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; loopback unless told.")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option("--edition", default="newest", show_default=True, help="Release line: newest, 7.10 or 3.7.")
@click.option("--limit", metavar="CALLS/SECONDS", help="Turn the rate limiter on, such as 5/60.")
@click.option("--store", default=":memory:", show_default=True, help="File to keep visitors and rooms in.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Any other setting, such as latency=0.05.")
def serve(  # noqa: PLR0913, PLR0917 - one parameter per option
    host: str, port: int, edition: str, limit: str | None, store: str, pairs: tuple[str, ...]
) -> None:
    """Serve a Rocket.Chat-like workspace that keeps the contract."""
    from rocketchat_contract.reference.editions import make_app  # noqa: PLC0415 - keeps --help fast
    from rocketchat_contract.reference.server import run  # noqa: PLC0415
    from rocketchat_contract.reference.settings import Limit, Settings  # noqa: PLC0415

    settings = Settings(edition=edition, limit=Limit.parse(limit) if limit else None, store=store).with_pairs(pairs)
    app = make_app(settings)
    try:
        run(app, host, port, lambda url: announce(url, app.password))
    except KeyboardInterrupt:
        click.echo("Stopped.")


def announce(url: str, password: str) -> None:
    """Print where the server is and how to log in."""
    click.echo(f"{url}\nLogin: user admin, password {password}. Stop with Ctrl-C.")
