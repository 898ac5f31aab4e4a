"""The result of a run: from a judge who has seen its exchanges, or from its record, judged again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from rocketchat_contract.contract.known import known_deviations
from rocketchat_contract.contract.selection import Selection
from rocketchat_contract.contract.strength import strength_of
from rocketchat_contract.contract.vendored import ROOM, Contract
from rocketchat_contract.errors import UsageError
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.observation import observation_of
from rocketchat_contract.judge.operation import Operation
from rocketchat_contract.judge.verdict import Verdict
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.header import RecordHeader
from rocketchat_contract.record.journal import Record
from rocketchat_contract.record.ledger import VERSION, Fact
from rocketchat_contract.report.known import NOTHING_KNOWN, Knowledge
from rocketchat_contract.report.proof import load_proof
from rocketchat_contract.report.run_result import RunResult, StrengthSummary
from rocketchat_contract.results.explained import explained
from rocketchat_contract.results.interrupted import cut_explained
from rocketchat_contract.results.judged_by import JudgedBy, load_judged_by

_REFUSED = 400
"""The first status of refusals."""

_WIDEST = 64
"""Exchanges before and after a call among which those of its burst are."""


def run_result_of(header: RecordHeader, footer: RecordFooter, judge: Judge, promises: JudgedBy) -> RunResult:
    """The result of a run from its record's header and footer and a judge who has seen its exchanges."""
    verdict = judge.verdict(footer.obstacles, footer.errors, strict=footer.strict)
    traffic = judge.traffic()
    return RunResult(
        header=header,
        verdict=explained(verdict, footer, traffic).limited(header.asked),
        traffic=traffic,
        ledger=footer.ledger,
        facts=(*footer.facts, *judge.facts),
        groups=promises.requirements.groups,
        seconds=footer.seconds,
        strength=_strength(promises.contract),
        known=_known(promises.contract, footer.facts),
        proof=load_proof(),
        generated=footer.generated,
    )


def _known(contract: Contract, facts: Iterable[Fact]) -> Knowledge:
    """What releases of the target are known for."""
    version = next((fact.value for fact in facts if fact.name == VERSION), "")
    return Knowledge(known_deviations(), version) if contract.operation == ROOM else NOTHING_KNOWN


def _strength(contract: Contract) -> StrengthSummary | None:
    known = strength_of(contract)
    return None if known is None else StrengthSummary(known.total.published, known.total.full, known.total.mutations)


def judge_record(
    path: Path,
    overlay: Path | None = None,
    folder: Path | None = None,
    seen: Callable[[Operation], None] = lambda _: None,
) -> RunResult:
    """The result of a recorded run, judged again; sends nothing.

    ``folder`` holds the contract when it is not the suite's own; raises ``UsageError`` when the record is of another.
    ``seen`` hears of each operation.
    """
    promises, record = load_judged_by(overlay, folder), Record(path)
    refuse_another(promises.contract, record)
    observation = observation_of(record.header)
    judge, supposing = (
        promises.judge(observation),
        promises.judge(observation.supposing) if observation.supposing else None,
    )
    with cut_explained(path):
        for exchange in record.exchanges():
            operation = judge.read(exchange)
            seen(operation)
            judge.feed(operation)
            if supposing is not None:
                supposing.feed(operation)
    result = run_result_of(record.header, record.footer, judge, promises)
    supposed = supposing.verdict() if supposing is not None else None
    verdict = observation.qualified(result.verdict, supposed)
    suspected = () if supposed is None else tuple(_suspected(verdict, supposed))
    return with_evidence(replace(result, verdict=verdict, suspected=suspected), path)


def limited(result: RunResult, selection: Selection, folder: Path | None = None) -> RunResult:
    """The result with what a selection asks for; raises ``UsageError`` for a name that is none."""
    if not selection.is_given:
        return result
    selection.check(load_judged_by(None, folder).requirements)
    verdict = result.verdict.limited(selection)
    suspected = tuple(each for each in result.suspected if each not in verdict.not_asked)
    return replace(result, verdict=verdict, suspected=suspected)


def _suspected(verdict: Verdict, supposed: Verdict) -> Iterator[str]:
    """The requirements that only another actor can have kept."""
    for row, other in zip(verdict.rows, supposed.rows, strict=True):
        if other.findings and not row.findings:
            yield row.requirement.id


def refuse_another(contract: Contract, record: Record) -> None:
    """Raise when a record is of another operation than the contract's."""
    recorded = record.header.contract.operation or str(ROOM)
    if recorded != str(contract.operation):
        raise UsageError(
            f"{record.path} is a record of {recorded}, and the contract is of {contract.operation}.",
            "Name the folder that spec vendor wrote for it with --contract.",
        )


def with_evidence(result: RunResult, path: Path) -> RunResult:
    """The result with the exchanges that its findings point to, read from the record."""
    wanted = {number for finding in result.verdict.findings for number in finding.evidence}
    wanted |= {fact.exchange for fact in result.facts}
    if not wanted:
        return result
    record = Record(path)
    evidence = record.find(wanted)
    deciding = {finding.evidence[-1] for finding in result.verdict.findings if finding.evidence}
    bursts = {number: _burst(record, evidence[number]) for number in deciding if _lost_a_race(evidence.get(number))}
    together = {number: exchange for burst in bursts.values() for number, exchange in burst.items()}
    numbers = {number: tuple(burst) for number, burst in bursts.items()}
    return replace(result, evidence=dict(sorted((evidence | together).items())), bursts=numbers)


def _lost_a_race(exchange: Exchange | None) -> bool:
    """Whether a call was refused that left together with others: without them its refusal does not come again."""
    if exchange is None or exchange.released is None or exchange.response is None:
        return False
    return exchange.response.status >= _REFUSED


def _burst(record: Record, deciding: Exchange) -> dict[int, Exchange]:
    """The calls of the same visitor that were under way together with a call, itself among them."""
    near = record.find(range(deciding.number - _WIDEST, deciding.number + _WIDEST + 1))
    return {
        number: each
        for number, each in near.items()
        if each.released is not None
        and each.visitor == deciding.visitor
        and each.started <= deciding.ended
        and deciding.started <= each.ended
    }
