"""``spec``: what a page really says, the files for it, what moved since, and how much the contract notices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rocketchat_contract.cli.options import format_option
from rocketchat_contract.cli.watch import watch_command
from rocketchat_contract.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from rocketchat_contract.openapi.audit import Audit

_FILE = click.argument("file", type=click.Path(path_type=Path))
_OPERATION = click.option(
    "--operation",
    metavar='"METHOD /path"',
    help="The operation that counts, when the page or the document has several.",
)


@click.group()
def spec() -> None:
    """Look at the contract itself: audit a page, vendor it, watch what becomes of it, measure its strength."""


spec.add_command(watch_command)


@spec.command("audit")
@_FILE
@_OPERATION
@format_option("How the findings are shown.", "json", "sarif")
@click.pass_context
def audit_command(context: click.Context, file: Path, operation: str | None, format_: str) -> None:
    """Audit FILE: a page of developer.rocket.chat, or an OpenAPI 3.0 or 3.1 document in JSON or YAML.

    Every boolean or number that stands there as a string is found by its position, with what it stands for.
    Ends with exit code 1 when a finding is an error.
    """
    found = _audited(file, operation)
    if format_ == "human":
        from rocketchat_contract.cli.spec_table import print_audit

        print_audit(found)
    else:
        click.echo(json.dumps(_as_data(found, file, format_), indent=2))
    if found.has_errors:
        context.exit(ExitCode.VIOLATED)


@spec.command("vendor")
@_FILE
@_OPERATION
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("spec"),
    show_default=True,
    help="The folder to write to.",
)
@click.option("--source", metavar="ADDRESS", help="Where the page came from, to be recorded beside its hash.")
def vendor_command(file: Path, operation: str | None, out: Path, source: str | None) -> None:
    """Write FILE, its repaired document and the findings about it into a folder."""
    from rocketchat_contract.openapi.vendor import vendor_files, write_files

    found = _audited(file, operation)
    for path in write_files(vendor_files(found, source), out):
        click.echo(f"wrote {path}")
    click.echo(f"{len(found.repairs)} repairs, {len(found.others)} further findings")
    click.echo(_promised(out))


def _promised(folder: Path) -> str:
    """What can be done with a vendored page now."""
    from rocketchat_contract.contract.catalogue import load_catalogue
    from rocketchat_contract.contract.vendored import load_contract

    try:
        contract = load_contract(folder=folder)
        command = "run URL" if contract.operation.method == "get" else "judge RECORD"  # others are not driven
        return f"{len(load_catalogue(contract))} requirements for {contract.operation}: {command} --contract {folder}"
    except UsageError as error:
        return f"Not for run --contract: {error}"


@spec.command("strength")
@format_option("How the numbers are shown.", "json")
def strength_command(format_: str) -> None:
    """Count how many single changes of a right answer the contract notices, per kind of change.

    The answer is the page's own example; the full contract judges each change as the repeat of a call, between two
    right answers. Changes of what a requirement speaks of are counted apart, with each exception and its reason.
    """
    from rocketchat_contract.contract.requirements import load_requirements
    from rocketchat_contract.contract.vendored import load_contract, spec_folder
    from rocketchat_contract.judge.strength import measured

    found = measured(load_contract(), load_requirements(spec_folder() / "requirements.toml"))
    if format_ == "json":
        click.echo(json.dumps(found.to_json(), indent=2))
        return
    from rocketchat_contract.cli.strength_table import print_strength

    print_strength(found)


def _audited(file: Path, operation: str | None) -> Audit:
    from rocketchat_contract.openapi.audit import audit
    from rocketchat_contract.openapi.page import Endpoint

    return audit(file, None if operation is None else Endpoint.named(operation))


def _as_data(found: Audit, file: Path, format_: str) -> dict[str, object]:
    from rocketchat_contract.openapi.sarif import audit_sarif
    from rocketchat_contract.openapi.vendor import findings_json

    return audit_sarif(found, file.as_posix()) if format_ == "sarif" else findings_json(found)
