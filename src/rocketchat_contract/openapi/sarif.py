"""An audit as SARIF 2.1.0, so that code scanning shows each finding at its line of the page."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from rocketchat_contract import __version__
from rocketchat_contract.openapi.audit import Audit
from rocketchat_contract.openapi.findings import FINDING_KINDS, SpecFinding
from rocketchat_contract.openapi.pointer import pointer_text

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def audit_sarif(audit: Audit, uri: str) -> dict[str, Any]:
    """Gives the audit as a SARIF log; ``uri`` is the page's path as it was named."""
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "rocketchat-contract", "version": __version__, "rules": _rules()}},
                "artifacts": [{"location": {"uri": quote(uri)}, "hashes": {"sha-256": audit.document.page.sha256}}],
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, quote(uri)) for finding in audit.findings],
            }
        ],
    }


def _rules() -> list[dict[str, Any]]:
    return [
        {
            "id": kind.code,
            "shortDescription": {"text": kind.summary},
            "defaultConfiguration": {"level": kind.level.value},
        }
        for kind in FINDING_KINDS
    ]


def _result(finding: SpecFinding, uri: str) -> dict[str, Any]:
    place = pointer_text(finding.pointer)
    return {
        "ruleId": finding.kind.code,
        "ruleIndex": FINDING_KINDS.index(finding.kind),
        "level": finding.kind.level.value,
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri, "index": 0},
                    "region": {"startLine": finding.line},
                },
                "logicalLocations": [{"fullyQualifiedName": place, "kind": "member"}],
            }
        ],
        "partialFingerprints": {"place/v1": f"{finding.kind.code} {place}"},
        "properties": {name: value for name, value in finding.as_json().items() if name in {"old", "new", "rule"}},
    }
