"""``repeat``: make the calls of a finding again, see whether it comes back, and clean up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from rocketchat_contract.cli.completions import offering, requirement_ids
from rocketchat_contract.cli.options import GroupedCommand, options_of
from rocketchat_contract.cli.outcome import tell
from rocketchat_contract.cli.run import drive
from rocketchat_contract.cli.showing import showing_of, showing_options
from rocketchat_contract.errors import UsageError
from rocketchat_contract.face.asked import config_of
from rocketchat_contract.record.header import RecordHeader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rocketchat_contract.config import Profile
    from rocketchat_contract.corpus.entry import CorpusEntry


@click.command(cls=GroupedCommand)
@click.argument("run", type=click.Path(path_type=Path))
@click.argument("requirement", required=False, shell_complete=offering(requirement_ids))
@options_of("run")
@showing_options
def repeat(run: Path, requirement: str | None, **flags: Any) -> None:
    """Make the calls of a finding again, and clean up afterwards.

    RUN is the folder of a run. Without REQUIREMENT every finding is repeated. The calls go to the target of that run;
    an embedded run starts its server again. Ends with exit code 1 when it is still broken, with 0 when it was judged
    and did not come back.
    """
    from rocketchat_contract.corpus.entry import save

    header, entries = _found(run, requirement)
    showing = showing_of(flags)
    config = config_of(header.target if not header.embedded else None, {**flags, **_server(header, flags)})
    names = tuple(dict.fromkeys(entry.requirement for entry in entries))
    again = replace(config, profile=_profile(entries, config.repeat), require=names, only=names, skip=())
    with TemporaryDirectory() as folder:
        list(save(entries, Path(folder)))
        result = drive(replace(again, corpus=Path(folder)), showing, latest=False)
    tell(result, showing)


def _found(run: Path, requirement: str | None) -> tuple[RecordHeader, list[CorpusEntry]]:
    """The header of a run's record, and the shortest story of each finding; raises ``UsageError`` for none."""
    from rocketchat_contract.corpus.gather import gather
    from rocketchat_contract.record.journal import RECORD, Record
    from rocketchat_contract.results.judged_by import load_judged_by

    record = Record(run / RECORD if run.is_dir() else run)
    found = gather(record.exchanges(), record.header.run, load_judged_by(), strict=True)
    entries = [entry for entry in found if requirement in (None, entry.requirement)]
    if not entries:
        names = ", ".join(dict.fromkeys(entry.requirement for entry in found))
        what = f"a finding of {requirement}" if requirement else "a finding"
        hint = f"It has findings of: {names}." if names else "Nothing failed there: name a run that found something."
        raise UsageError(f"{run} holds no calls that repeat {what}.", hint)
    return record.header, entries


def _server(header: RecordHeader, flags: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the embedded server of that run, unless others are asked for."""
    pairs = [pair for pair in header.embedded.split() if "=" in pair]
    return {"set": (*pairs, *(flags.get("set") or ()))} if pairs else {}


def _profile(entries: list[CorpusEntry], rounds: int) -> Profile:
    """Just these calls, and the one that looks for the limiter."""
    from rocketchat_contract.config import Profile
    from rocketchat_contract.corpus.entry import Chosen

    calls, visitors, others = Chosen(tuple(entries)).cost
    about = "the calls of earlier findings"
    profile = Profile(
        "repeat", ("corpus",), calls + 1, visitors, rooms=calls, others=others, replays=10_000, about=about
    )
    return profile.times(rounds)
