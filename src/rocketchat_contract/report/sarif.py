"""SARIF 2.1.0: each finding stands at the line it breaks, so that code scanning can show it there.

That is the line of the vendored page which the requirement quotes; where it quotes something else, its own line.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import quote

from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.judge.verdict import Outcome, Row, decides
from rocketchat_contract.report.finding_view import FindingView, finding_views
from rocketchat_contract.report.phrases import (
    WORDS,
    counts,
    counts_sentence,
    headline,
    recorded,
    target_name,
)
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.unjudged import unjudged_reason

REQUIREMENTS_FILE = "spec/requirements.toml"

INFORMATION = "https://github.com/your-org/rocketchat-contract"
"""Where a reader of code scanning learns what this tool is."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(result: RunResult) -> str:
    """The report as SARIF text."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(result)]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _run(result: RunResult) -> dict[str, Any]:
    rows = result.verdict.rows
    places = {row.requirement.id: place for place, row in enumerate(rows)}
    return {
        "tool": {
            "driver": {
                "name": "rocketchat-contract",
                "version": recorded(result.header, "suite", "version"),
                "informationUri": INFORMATION,
                "rules": [_rule(row.requirement) for row in rows],
            }
        },
        "invocations": [_invocation(result)],
        "results": [_result(view, places[view.requirement.id]) for view in finding_views(result)],
        "properties": {
            "target": target_name(result),
            "verdict": result.verdict.word.value,
            "publishedDocument": result.verdict.word_of("published").value,
            "sentence": counts_sentence(result.verdict),
            "counts": {outcome.value: number for outcome, number in counts(rows).items()},
            **({"proof": result.proof.sentence} if result.proof else {}),
        },
    }


def _rule(requirement: Requirement) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": requirement.id,
        "shortDescription": {"text": requirement.sentence},
        "fullDescription": {"text": f"{requirement.sentence} Source ({requirement.source}): {requirement.quote}"},
        "help": _help(requirement),
        "defaultConfiguration": {"level": "error" if requirement.level == "must" else "warning"},
        "properties": {"tags": [requirement.group, requirement.level, requirement.source]},
    }
    if requirement.address.startswith(("https://", "http://")):
        rule["helpUri"] = requirement.address
    return rule


def _help(requirement: Requirement) -> dict[str, str]:
    """What a reader sees beside an alert: why it is checked, and the commands that say more."""
    kind = "A required check" if requirement.level == "must" else "A recommended check"
    more = f"rocketchat-contract requirements {requirement.id}"
    again = f"rocketchat-contract repeat RUN {requirement.id}"
    text = f"{requirement.sentence} {kind}, from {requirement.source}: {requirement.quote}"
    markdown = (
        f"{requirement.sentence}\n\n{kind}, from {requirement.source}.\n\n- explain: `{more}`\n- repeat: `{again}`"
    )
    return {"text": f"{text} Explain it: {more}. Repeat it: {again}.", "markdown": markdown}


def _result(view: FindingView, place: int) -> dict[str, Any]:
    repeat = f"\nRepeat with: {view.repeat.command}" if view.repeat.command else ""
    around = "".join(f"\n{circumstance}" for circumstance in view.circumstances)
    known = "".join(f"\nIt is {each.sentence}: {each.deviation.advice}" for each in view.known)
    accepted = {"suppressions": [{"kind": "external", "justification": view.accepted}]} if view.accepted else {}
    return {
        "ruleId": view.requirement.id,
        "ruleIndex": place,
        "level": "error" if view.deciding else "warning",
        "message": {"text": f"{view.message} ({view.how_often}; {view.evidence}){around}{known}{repeat}"},
        **_places(view.requirement),
        "partialFingerprints": {"findingSignature/v1": _fingerprint(view)},
        "properties": {
            "evidence": list(view.finding.evidence),
            "outcome": view.row.outcome.value,
            **({"known": [each.sentence for each in view.known]} if view.known else {}),
        },
        **accepted,
    }


def _places(requirement: Requirement) -> dict[str, Any]:
    own = _place(REQUIREMENTS_FILE, requirement.line)
    if not requirement.page:
        return {"locations": [own]}
    stated = {**own, "id": 1, "message": {"text": "The requirement, as this suite states it."}}
    return {"locations": [_place(requirement.page, requirement.page_line)], "relatedLocations": [stated]}


def _place(uri: str, line: int) -> dict[str, Any]:
    artifact = {"uri": quote(uri), "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": max(line, 1)}}}


def _fingerprint(view: FindingView) -> str:
    text = f"{view.requirement.id}\n{view.finding.signature or view.place}"
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _invocation(result: RunResult) -> dict[str, Any]:
    verdict = result.verdict
    notices = [_notice("error", text) for text in (*verdict.errors, *verdict.obstacles)]
    silent = (Outcome.NOT_JUDGED, Outcome.ERROR, Outcome.NOT_APPLICABLE)
    notices += [_row_notice(row, strict=verdict.strict) for row in verdict.rows if row.outcome in silent]
    return {
        "executionSuccessful": int(result.exit_code) in (0, 1),
        "exitCode": int(result.exit_code),
        "exitCodeDescription": headline(result),
        "toolExecutionNotifications": notices,
    }


def _row_notice(row: Row, *, strict: bool) -> dict[str, Any]:
    level = "error" if decides(row, strict=strict) else "note"
    notice = _notice(level, f"{WORDS[row.outcome]}: {row.requirement.sentence} ({unjudged_reason(row)})")
    return notice | {"associatedRule": {"id": row.requirement.id}}


def _notice(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": sentence(text, 800)}}
