"""``bundle`` and ``verify``: evidence that a stranger can check."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.face.console import say, say_folded


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The zip to write. [default: RUN.zip]")
@click.option("--overlay", type=click.Path(dir_okay=False, path_type=Path), help="The overlay of the run.")
@click.option("--contract", type=click.Path(file_okay=False, path_type=Path), help="The run's contract.")
def bundle(run: Path, out: Path | None, overlay: Path | None, contract: Path | None) -> None:
    """Zip the evidence of a run, for anybody to verify.

    RUN is the folder of its record and its report.
    """
    from rocketchat_contract.archive.bundle import make_bundle

    made = make_bundle(run, out, overlay, contract)
    say(f"{made.path}: {len(made.names)} files")
    say(f"chain head {made.head}")
    say_folded(f"Check it with: rocketchat-contract verify {shlex.quote(str(made.path))} --head {made.head}")


@click.command()
@click.argument("bundle", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--head", metavar="SHA256", help="The head of its chain, as you got it another way.")
@click.pass_context
def verify(context: click.Context, bundle: Path, head: str | None) -> None:
    """Check a bundle's bytes, and judge it again.

    Nothing is sent. Ends with 0 when all is as it says, with 1 when something was changed or judged otherwise.
    """
    from rocketchat_contract.archive.bundle import verify_bundle
    from rocketchat_contract.report.plain import sentence

    found = verify_bundle(bundle, head)
    if found.run:
        say_folded(sentence(f"run {found.run} on {found.target}, {found.files} files"))
        say(sentence(f"chain head {found.head}"))
    for note in found.notes:
        say_folded(sentence(note))
    for problem in found.problems:
        say_folded(sentence(problem))
    if found.problems:
        say_folded("Not verified.")
        context.exit(ExitCode.VIOLATED)
    text = "" if head else " Who made it can confirm the head of the chain to you."
    say_folded(f"Verified: no byte was changed, and judged again the verdict is the same: {found.word}.{text}")
