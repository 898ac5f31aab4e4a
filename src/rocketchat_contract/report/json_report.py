"""The run as JSON, after the schema in ``schemas/report.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rocketchat_contract.judge.verdict import Row, Verdict
from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.report.finding_view import FindingView, KnownDeviation, finding_views
from rocketchat_contract.report.phrases import changes_sentence, consequence, counts, counts_sentence, headline, scope
from rocketchat_contract.report.plain import sentence, visible
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.unjudged import advice_of, unjudged_reason_of

_FORMAT = 1


def json_report(result: RunResult) -> str:
    """The report as JSON text; what a server said is shortened and made visible, the record has it whole."""
    return json.dumps(report_content(result), indent=2, ensure_ascii=False) + "\n"


def report_content(result: RunResult) -> dict[str, Any]:
    """The report as JSON values."""
    findings: dict[str, list[FindingView]] = {}
    for view in finding_views(result):
        findings.setdefault(view.requirement.id, []).append(view)
    return {
        "format": _FORMAT,
        "headline": headline(result),
        "scope": scope(result),
        "consequence": consequence(result),
        "header": _plain(result.header.to_json()),
        "verdict": _verdict(result.verdict, result),
        "groups": _plain(result.groups),
        "requirements": [_row(row, findings.get(row.requirement.id, [])) for row in result.verdict.rows],
        "facts": [_plain(asdict(fact)) for fact in result.facts],
        "reach": _plain(asdict(result.traffic)),
        "generated": result.generated.to_json(),
        "ledger": _ledger(result.ledger, changes_sentence(result)),
        "strength": None if result.strength is None else asdict(result.strength),
        "proof": None if result.proof is None else result.proof.to_json(),
        "seconds": result.seconds,
        "baseline": _baseline(result),
        "known": {
            "accepting": result.known.is_accepting,
            "accepted": sorted(row.requirement.id for row in result.let_pass),
        },
    }


def _verdict(verdict: Verdict, result: RunResult) -> dict[str, Any]:
    return {
        "word": verdict.word.value,
        "published": verdict.word_of("published").value,
        "exit_code": int(result.exit_code),
        "strict": verdict.strict,
        "sentence": counts_sentence(verdict),
        "requirements": len(verdict.rows),
        "judged": verdict.judged,
        "counts": {outcome.value: number for outcome, number in counts(verdict.rows).items()},
        "obstacles": [sentence(text) for text in verdict.obstacles],
        "errors": [sentence(text) for text in verdict.errors],
        **({"not_asked": list(verdict.not_asked)} if verdict.not_asked else {}),
    }


def _row(row: Row, findings: list[FindingView]) -> dict[str, Any]:
    requirement = row.requirement
    return {
        "id": requirement.id,
        "group": requirement.group,
        "level": requirement.level,
        "sentence": requirement.sentence,
        "source": requirement.source,
        "quote": requirement.quote,
        "address": requirement.address,
        "columns": list(requirement.columns),
        "only_when": requirement.only_when,
        "outcome": row.outcome.value,
        "judged": row.judged,
        "broken": row.broken,
        "seconds": round(row.seconds, 6),
        "rate_below": None if row.rate_below is None else round(row.rate_below, 9),
        "reason": sentence(unjudged_reason_of(row)),
        "why": None if row.why is None else _why(row),
        "findings": [_finding(view) for view in findings],
    }


def _why(row: Row) -> dict[str, Any]:
    causes = [{"fate": cause.fate.value, "detail": cause.detail, "calls": number} for cause, number in row.causes]
    return {"kind": row.why.value if row.why else "", "causes": causes, "advice": advice_of(row)}


def _finding(view: FindingView) -> dict[str, Any]:
    return {
        "expected": view.expected,
        "actual": view.actual,
        "story": list(view.story),
        "visitor": None if view.finding.visitor is None else visible(view.finding.visitor),
        "evidence": list(view.finding.evidence),
        "signature": visible(view.finding.signature),
        "repeat": view.repeat.command,
        "repeat_note": view.repeat_note,
        "known": [_known(known) for known in view.known],
        "circumstances": list(view.circumstances),
    }


def _known(known: KnownDeviation) -> dict[str, str]:
    deviation = known.deviation
    return {
        "id": deviation.id,
        "versions": visible(known.versions),
        "since": deviation.since,
        "gone": deviation.gone,
        "what": deviation.what,
        "source": deviation.source,
        "address": deviation.address,
        "meaning": deviation.meaning,
        "advice": deviation.advice,
    }


def _baseline(result: RunResult) -> dict[str, Any] | None:
    acceptance = result.acceptance
    if not acceptance.path:
        return None
    return {
        "path": sentence(acceptance.path),
        "sentence": sentence(acceptance.sentence),
        "in_ci": acceptance.in_ci,
        "accepted": sorted(acceptance.accepted),
        "entries": [_plain(asdict(entry)) for entry in acceptance.entries],
    }


def _ledger(ledger: Ledger, view: str) -> dict[str, Any]:
    content: dict[str, Any] = _plain(ledger.to_json())
    return {"sentence": view, **content}


def _plain(value: Any) -> Any:
    """JSON values whose strings are visible."""
    if isinstance(value, str):
        return sentence(value)
    if isinstance(value, Mapping):
        return {sentence(str(name)): _plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    return value if value is None or isinstance(value, (bool, int, float)) else sentence(str(value))
