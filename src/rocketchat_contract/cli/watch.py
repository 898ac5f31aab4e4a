"""``spec watch``: what a newly downloaded page says otherwise than the vendored one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rocketchat_contract.cli.options import format_option
from rocketchat_contract.config import numbered
from rocketchat_contract.errors import ExitCode

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from rocketchat_contract.contract.watch import Mending, Moved, Watch


@click.command("watch")
@click.argument("page", type=click.Path(path_type=Path))
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="What spec vendor wrote. [default: the contract of this suite]",
)
@click.option("--operation", metavar='"METHOD /path"', help="The operation that counts, when a page has several.")
@format_option("How it is shown.", "json")
@click.pass_context
def watch_command(
    context: click.Context, page: Path, against: Path | None, operation: str | None, format_: str
) -> None:
    """Compare PAGE, newly downloaded, with the vendored one: by place, by repair and by requirement.

    Ends with exit code 1 when the page says anything else, 2 when it cannot be read.
    """
    found = _watched(page, against, operation)
    if format_ == "json":
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
    else:
        print_watch(found)
    if found.has_changes:
        context.exit(ExitCode.VIOLATED)


def _watched(page: Path, against: Path | None, operation: str | None) -> Watch:
    from rocketchat_contract.contract.catalogue import load_catalogue
    from rocketchat_contract.contract.vendored import load_contract
    from rocketchat_contract.contract.watch import watch
    from rocketchat_contract.openapi.audit import audit
    from rocketchat_contract.openapi.page import Endpoint

    chosen = None if operation is None else Endpoint.named(operation)
    contract = load_contract(folder=against)
    old, new = audit(contract.page, chosen), audit(page, chosen)
    return watch(old, new, load_catalogue(contract), contract.overlays)


def print_watch(watch: Watch, console: Console | None = None) -> None:
    """Prints what moved, in at most 80 columns where the terminal has no more; colour only where it has it."""
    from rich.console import Console as RichConsole

    console = console or RichConsole(highlight=False)
    console.print(_headline(watch), markup=False, soft_wrap=True)
    for title, table in _tables(watch):
        if table.row_count:
            console.print(f"\n{title}: {table.row_count}", markup=False)
            console.print(table)
    if watch.has_changes:
        lost = sum(each.loses_its_quote for each in watch.requirements)
        of = f", of which {lost} {'loses its' if lost == 1 else 'lose their'} quote" if lost else ""
        concerned = numbered(len(watch.requirements), "requirement")
        console.print(f"\n{numbered(_changes(watch), 'change')}; {concerned} concerned{of}.", markup=False)


def _headline(watch: Watch) -> str:
    new, old = watch.new.page, watch.old.page
    if watch.has_changes:
        said = "says something else than"
    else:
        said = "is, byte for byte," if new.sha256 == old.sha256 else "has other bytes and says the same as"
    return f"{new.name} {said} the vendored {old.name}\n{old.sha256[:16]} vendored\n{new.sha256[:16]} now"


def _tables(watch: Watch) -> Iterable[tuple[str, Table]]:
    moved = [(each.line, each.change.value, str(each.place), *_values(each)) for each in watch.moved]
    yield "What the document says", _table(("line", "change", "what", "was", "is"), moved)
    text = [(each.line, each.change.value, each.text) for each in watch.text]
    yield "What the page says around it", _table(("line", "change", "text"), text)
    repairs = [(each.line, each.change.value, each.place, *_values(each)) for each in watch.repairs]
    yield "Repairs", _table(("line", "change", "what", "was", "is"), repairs)
    lost = [
        (each.requirement.level, each.requirement.id, each.requirement.quote)
        for each in watch.requirements
        if each.loses_its_quote
    ]
    yield "Requirements that lose their quote", _table(("level", "requirement", "quote"), lost)
    resting = [
        (each.requirement.level, each.requirement.id, _listed(each.places))
        for each in watch.requirements
        if not each.loses_its_quote
    ]
    yield "Requirements that rest on what moved", _table(("level", "requirement", "what moved"), resting)
    yield "Overlay actions that select nothing any more", _table(("overlay", "line", "target"), watch.unplaced)


def _table(names: Iterable[str], rows: Iterable[Iterable[object]]) -> Table:
    from rich.table import Table as RichTable
    from rich.text import Text

    from rocketchat_contract.report.plain import visible

    table = RichTable(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in names:
        table.add_column(name, justify="right" if name == "line" else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(str(cell))) for cell in row))
    return table


def _values(each: Moved | Mending) -> tuple[str, str]:
    """What was and what is, with a dash where there was or is nothing."""
    was = "–" if each.change == "added" else _short(each.old)
    return was, "–" if each.change == "removed" else _short(each.new)


def _short(value: Any, most: int = 40) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _listed(places: tuple[str, ...], most: int = 3) -> str:
    more = len(places) - most
    return "; ".join(places[:most]) + (f" and {more} more" if more > 0 else "")


def _changes(watch: Watch) -> int:
    return len(watch.moved) + len(watch.text) + len(watch.repairs) + len(watch.unplaced)
