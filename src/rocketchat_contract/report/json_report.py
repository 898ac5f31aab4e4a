"""The run as JSON, after the schema in ``schemas/report.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from rocketchat_contract.judge.verdict import Row, Verdict
from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.report.account import Account
from rocketchat_contract.report.plain import sentence, visible
from rocketchat_contract.report.telling import Known, Told, told_findings
from rocketchat_contract.report.unjudged import advice_of, reason_of
from rocketchat_contract.report.wording import changes_sentence, consequence, counts, counts_sentence, headline, scope

FORMAT = 1


def json_report(account: Account) -> str:
    """The report as JSON text; what a server said is shortened and made visible, the record has it whole."""
    return json.dumps(report_content(account), indent=2, ensure_ascii=False) + "\n"


def report_schema() -> dict[str, Any]:
    """The published JSON Schema of the report."""
    text = files("rocketchat_contract.report").joinpath("schemas", "report.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def report_content(account: Account) -> dict[str, Any]:
    """The report as JSON values."""
    findings: dict[str, list[Told]] = {}
    for told in told_findings(account):
        findings.setdefault(told.requirement.id, []).append(told)
    return {
        "format": FORMAT,
        "headline": headline(account),
        "scope": scope(account),
        "consequence": consequence(account),
        "header": _plain(account.header),
        "verdict": _verdict(account.verdict, account),
        "groups": _plain(account.groups),
        "requirements": [_row(row, findings.get(row.requirement.id, [])) for row in account.verdict.rows],
        "facts": [_plain(asdict(fact)) for fact in account.facts],
        "reach": _plain(asdict(account.reach)),
        "ledger": _ledger(account.ledger, changes_sentence(account)),
        "strength": None if account.strength is None else asdict(account.strength),
        "proof": None if account.proof is None else account.proof.to_json(),
        "seconds": account.seconds,
        "baseline": _baseline(account),
        "known": {
            "accepting": account.known.is_accepting,
            "accepted": sorted(row.requirement.id for row in account.let_pass),
        },
    }


def _verdict(verdict: Verdict, account: Account) -> dict[str, Any]:
    return {
        "word": verdict.word.value,
        "published": verdict.word_of("published").value,
        "exit_code": int(account.exit_code),
        "strict": verdict.strict,
        "sentence": counts_sentence(verdict),
        "requirements": len(verdict.rows),
        "judged": verdict.judged,
        "counts": {outcome.value: number for outcome, number in counts(verdict.rows).items()},
        "obstacles": [sentence(text) for text in verdict.obstacles],
        "errors": [sentence(text) for text in verdict.errors],
    }


def _row(row: Row, findings: list[Told]) -> dict[str, Any]:
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
        "rate_below": None if row.rate_below is None else round(row.rate_below, 9),
        "reason": sentence(reason_of(row)),
        "why": None if row.why is None else _why(row),
        "findings": [_finding(told) for told in findings],
    }


def _why(row: Row) -> dict[str, Any]:
    causes = [{"fate": cause.fate.value, "detail": cause.detail, "calls": number} for cause, number in row.causes]
    return {"kind": row.why.value if row.why else "", "causes": causes, "advice": advice_of(row)}


def _finding(told: Told) -> dict[str, Any]:
    return {
        "expected": told.expected,
        "actual": told.actual,
        "story": list(told.story),
        "visitor": None if told.finding.visitor is None else visible(told.finding.visitor),
        "evidence": list(told.finding.evidence),
        "signature": visible(told.finding.signature),
        "repeat": told.repeat.command,
        "repeat_note": told.repeat_note,
        "known": [_known(known) for known in told.known],
        "circumstances": list(told.circumstances),
    }


def _known(known: Known) -> dict[str, str]:
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


def _baseline(account: Account) -> dict[str, Any] | None:
    acceptance = account.acceptance
    if not acceptance.path:
        return None
    return {
        "path": sentence(acceptance.path),
        "sentence": sentence(acceptance.sentence),
        "in_ci": acceptance.in_ci,
        "accepted": sorted(acceptance.accepted),
        "entries": [_plain(asdict(entry)) for entry in acceptance.entries],
    }


def _ledger(ledger: Ledger, told: str) -> dict[str, Any]:
    content: dict[str, Any] = _plain(ledger.to_json())
    return {"sentence": told, **content}


def _plain(value: Any) -> Any:
    """JSON values whose strings are visible."""
    if isinstance(value, str):
        return sentence(value)
    if isinstance(value, Mapping):
        return {sentence(str(name)): _plain(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    return value if value is None or isinstance(value, (bool, int, float)) else sentence(str(value))
