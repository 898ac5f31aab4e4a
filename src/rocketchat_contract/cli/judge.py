"""``judge``: the verdict of a record, again and offline."""

from __future__ import annotations

from pathlib import Path

import click

from rocketchat_contract.cli.outcome import tell, write


@click.command()
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--report-dir", type=click.Path(file_okay=False, path_type=Path), help="Also write the reports here.")
@click.option("--overlay", type=click.Path(dir_okay=False, path_type=Path), help="Your own OpenAPI overlay on top.")
def judge(record: Path, report_dir: Path | None, overlay: Path | None) -> None:
    """Judge a RECORD (record.jsonl of a run) again; nothing is sent."""
    from rocketchat_contract.run import judge_record  # noqa: PLC0415 - keeps --help fast

    account = judge_record(record / "record.jsonl" if record.is_dir() else record, overlay)
    tell(write(account, report_dir) if report_dir else account)
