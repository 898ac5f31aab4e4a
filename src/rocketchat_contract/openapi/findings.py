"""What an audit tells about a page, as data: one finding per place, each of a known kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rocketchat_contract.openapi.pointer import Pointer, pointer_text


class Severity(StrEnum):
    """How much a finding weighs; only errors make an audit end with exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class FindingKind:
    """A kind of finding: its code, its weight, and a sentence that says what it is about."""

    code: str
    level: Severity
    summary: str


KEYWORD_IS_A_STRING = FindingKind(
    "keyword-is-a-string", Severity.ERROR, "A keyword whose type OpenAPI fixes as boolean or number is a string."
)
VALUE_IS_A_STRING = FindingKind(
    "value-is-a-string", Severity.ERROR, "A value is a string where its schema says boolean or number."
)
STRING_IS_NOT_READABLE = FindingKind(
    "string-is-not-readable", Severity.ERROR, "A string stands for a boolean or a number and cannot be read as one."
)
DOCUMENT_IS_INVALID = FindingKind("document-is-invalid", Severity.ERROR, "The repaired document is not valid OpenAPI.")
DOCUMENT_IS_NOT_CHECKED = FindingKind(
    "document-is-not-checked",
    Severity.NOTE,
    "The validator broke on the document, so nobody knows whether it is valid OpenAPI.",
)
EXAMPLE_BREAKS_ITS_SCHEMA = FindingKind(
    "example-breaks-its-schema", Severity.WARNING, "An example or a default is not valid under its own schema."
)
NO_MEMBER_IS_REQUIRED = FindingKind(
    "no-member-is-required", Severity.WARNING, "An empty object is a valid answer: the schema demands no member."
)
PARAMETER_EXAMPLE_DIFFERS = FindingKind(
    "parameter-example-differs",
    Severity.NOTE,
    "The example of a parameter is in no example of the answer that names it.",
)
SINGLE_REFUSAL = FindingKind(
    "single-refusal", Severity.NOTE, "At most one way to be refused is documented, with at most one example."
)
NO_SECURITY_SCHEMES = FindingKind(
    "no-security-schemes",
    Severity.NOTE,
    "The document does not say how callers identify themselves, or that they need not.",
)

REPAIRED = (KEYWORD_IS_A_STRING, VALUE_IS_A_STRING)
FINDING_KINDS = (
    *REPAIRED,
    STRING_IS_NOT_READABLE,
    DOCUMENT_IS_INVALID,
    DOCUMENT_IS_NOT_CHECKED,
    EXAMPLE_BREAKS_ITS_SCHEMA,
    NO_MEMBER_IS_REQUIRED,
    PARAMETER_EXAMPLE_DIFFERS,
    SINGLE_REFUSAL,
    NO_SECURITY_SCHEMES,
)


@dataclass(frozen=True)
class SpecFinding:
    """One finding: where (place in the document, line in the page), and for a repair what became what and why."""

    kind: FindingKind
    pointer: Pointer
    line: int
    message: str
    old: Any = None
    new: Any = None
    rule: str | None = None

    @property
    def is_repair(self) -> bool:
        return self.kind in REPAIRED

    def as_json(self) -> dict[str, Any]:
        """Gives the finding as a JSON object; ``old``, ``new`` and ``rule`` only where they mean something."""
        found: dict[str, Any] = {
            "code": self.kind.code,
            "level": self.kind.level.value,
            "pointer": pointer_text(self.pointer),
            "line": self.line,
            "message": self.message,
        }
        if self.is_repair:
            return found | {"old": self.old, "new": self.new, "rule": self.rule}
        return found if self.rule is None else found | {"old": self.old, "rule": self.rule}
