"""An audit for people: what was repaired as a table, the rest as sentences; fits 80 columns."""

from __future__ import annotations

import json

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rocketchat_contract.config import numbered
from rocketchat_contract.openapi.audit import Audit
from rocketchat_contract.openapi.findings import KEYWORD_IS_A_STRING, Severity, SpecFinding
from rocketchat_contract.openapi.page import Endpoint
from rocketchat_contract.openapi.pointer import Pointer, pointer_text

_STYLES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def print_audit(audit: Audit, console: Console | None = None) -> None:
    """Prints an audit; colour only where the terminal has it."""
    console = console or Console(highlight=False)
    console.print(Text(f"{audit.document.page.name}: {_subject(audit)}"), soft_wrap=True)
    if audit.repairs:
        console.print(f"\nStrings that stand for a boolean or a number: {len(audit.repairs)}")
        console.print(_repairs(audit))
    if audit.others:
        console.print(f"\nWhat a repair cannot fix: {len(audit.others)}")
        console.print(_others(audit))
    console.print()
    console.print(_summary(audit))


def _subject(audit: Audit) -> str:
    operations = audit.operations
    text = str(operations[0]) if len(operations) == 1 else f"{len(operations)} operations"
    return f"OpenAPI {audit.document.version}, {text}"


def _repairs(audit: Audit) -> Table:
    table = _table()
    for name, justify in (("line", "right"), ("is", "right"), ("means", "left"), ("where", "left"), ("by", "left")):
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for each in audit.repairs:
        decided = "keyword" if each.kind is KEYWORD_IS_A_STRING else "schema"
        old, new = json.dumps(each.old, ensure_ascii=False), json.dumps(each.new)
        table.add_row(str(each.line), Text(old), new, Text(_where(audit, each)), decided)
    return table


def _others(audit: Audit) -> Table:
    table = _table()
    table.add_column("line", justify="right")
    table.add_column("level")
    table.add_column("what", overflow="fold")
    for each in audit.others:
        level = each.kind.level
        table.add_row(str(each.line), Text(level.value, style=_STYLES[level]), Text(each.message))
    return table


def _table() -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


def _where(audit: Audit, finding: SpecFinding) -> str:
    """Gives a place short: from the operation on, or with its middle left out."""
    pointer = finding.pointer
    operation = _operation(pointer)
    if operation and len(audit.operations) == 1:
        pointer = pointer[3:]
    return (
        _elided(pointer) if operation is None or len(audit.operations) == 1 else f"{operation} {_elided(pointer[3:])}"
    )


def _operation(pointer: Pointer) -> Endpoint | None:
    if len(pointer) > 3 and pointer[0] == "paths":
        return Endpoint(str(pointer[2]), str(pointer[1]))
    return None


def _elided(pointer: Pointer, width: int = 40) -> str:
    text = pointer_text(pointer)
    tail = len(pointer) - 3
    while len(text) > width and tail > 1:
        text = f"{pointer_text(pointer[:2])}/…{pointer_text(pointer[-tail:])}"
        tail -= 1
    return text


def _summary(audit: Audit) -> str:
    counts = ", ".join(numbered(audit.count(level), level.value) for level in Severity)
    verdict = "the page cannot be used as it is" if audit.has_errors else "nothing stands in the way of its use"
    return f"{counts}: {verdict}."
