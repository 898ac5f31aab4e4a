"""The audit of a page: its document, the repaired document, and every finding about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi import findings as kinds
from rocketchat_contract.openapi.document import PublishedDocument, load_document, operations
from rocketchat_contract.openapi.findings import FindingKind, Severity, SpecFinding
from rocketchat_contract.openapi.page import Endpoint
from rocketchat_contract.openapi.pointer import Pointer
from rocketchat_contract.openapi.remarks import remarks
from rocketchat_contract.openapi.repair import Repair, Repaired, Unrepaired, repair
from rocketchat_contract.openapi.validity import invalidities


@dataclass(frozen=True)
class Audit:
    """A document as published, as repaired, and what there is to tell; findings come in the order of lines."""

    document: PublishedDocument
    repaired: dict[str, Any]
    findings: tuple[SpecFinding, ...]

    @property
    def repairs(self) -> tuple[SpecFinding, ...]:
        return tuple(each for each in self.findings if each.is_repair)

    @property
    def others(self) -> tuple[SpecFinding, ...]:
        return tuple(each for each in self.findings if not each.is_repair)

    @property
    def has_errors(self) -> bool:
        return any(each.kind.level is Severity.ERROR for each in self.findings)

    @property
    def operations(self) -> tuple[Endpoint, ...]:
        return tuple(operation for operation, _ in operations(self.repaired))

    def count(self, level: Severity) -> int:
        return sum(each.kind.level is level for each in self.findings)


def audit(path: Path, operation: Endpoint | None = None) -> Audit:
    """Audits a page, or an OpenAPI file; raises UsageError when there is no readable document in it."""
    document = load_document(path, operation)
    try:
        repaired = repair(document.data)
        found = sorted(_findings(document, repaired), key=lambda each: each.line)
    except RecursionError:
        raise UsageError(
            f"The schemas of {document.page.name} lie too deep inside each other to be read.", "Flatten them."
        ) from None
    return Audit(document, repaired.data, tuple(found))


def _findings(document: PublishedDocument, repaired: Repaired) -> Iterator[SpecFinding]:
    def finding(kind: FindingKind, pointer: Pointer, message: str, **more: Any) -> SpecFinding:
        return SpecFinding(kind, pointer, document.line(pointer), message, **more)

    for done in repaired.repairs:
        kind = kinds.KEYWORD_IS_A_STRING if done.of_keyword else kinds.VALUE_IS_A_STRING
        yield finding(kind, done.pointer, _became(done), old=done.old, new=done.new, rule=done.rule)
    for left in repaired.unrepaired:
        yield finding(kinds.STRING_IS_NOT_READABLE, left.pointer, _stayed(left), old=left.old, rule=left.rule)
    wrong = invalidities(repaired.data, is_31=document.is_31)
    if wrong is None:
        yield finding(kinds.DOCUMENT_IS_NOT_CHECKED, (), kinds.DOCUMENT_IS_NOT_CHECKED.summary)
    for each in wrong or ():
        yield finding(kinds.DOCUMENT_IS_INVALID, each.pointer, _short(each.message))
    for remark in remarks(repaired, is_31=document.is_31):
        yield finding(remark.kind, remark.pointer, _short(remark.message))


def _became(done: Repair) -> str:
    return f"{done.pointer[-1]} is the string {_json(done.old)}; it stands for {_json(done.new)}."


def _stayed(left: Unrepaired) -> str:
    return f"{left.pointer[-1]} is the string {_json(left.old)} where {left.expected} is due, and does not read as one."


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= 300 else line[:299] + "…"
