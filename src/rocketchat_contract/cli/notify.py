"""``notify`` and ``metrics``: what people and monitoring hear of a run."""

from __future__ import annotations

import os
from pathlib import Path

import click

from rocketchat_contract.errors import UsageError
from rocketchat_contract.face.console import say, say_folded


@click.command()
@click.argument("run", type=click.Path(path_type=Path), default=Path("reports/latest"))
@click.option("--webhook-file", type=click.Path(dir_okay=False, path_type=Path), help="File with the address.")
@click.option("--link", default="", metavar="URL", help="Where people find the report.")
@click.option("--dry-run", is_flag=True, help="Print the message and send nothing.")
def notify(run: Path, webhook_file: Path | None, link: str, *, dry_run: bool) -> None:
    """Send a run's verdict to an incoming webhook of Rocket.Chat or Slack.

    RUN is the folder of a run. The message has the verdict, what got worse since the run before it in the same
    folder, and what is left on the server. The webhook's address is a secret: it is read from the environment
    (ROCKETCHAT_CONTRACT_WEBHOOK) or from a file, and never printed.
    """
    from rocketchat_contract.archive.diff import read_run
    from rocketchat_contract.archive.notice import as_payload, notice, run_before
    from rocketchat_contract.archive.webhook import post, webhook_address

    address = "" if dry_run else webhook_address(os.environ, webhook_file)
    text = notice(read_run(run), run_before(run), link)
    if dry_run:
        say(text)
        return
    post(address, as_payload(text))
    say_folded("The webhook took the message.")


@click.command("metrics")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("reports"))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of printing.")
def write_metrics_file(folder: Path, out: Path | None) -> None:
    """Write the last run of each target in FOLDER as Prometheus metrics.

    Made for the textfile collector of a node exporter: verdict, counts, duration, last run, last conformant run.
    """
    from rocketchat_contract.archive.history import read_history
    from rocketchat_contract.archive.metrics import metrics as metrics_of
    from rocketchat_contract.report.files import write_whole

    text = metrics_of(read_history(folder))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        write_whole(out, text)
    except OSError as error:
        raise UsageError(f"The file {out} cannot be written: {error.strerror}.", "Choose another --out.") from error
    say(f"metrics: {out}")
