"""Judged call by call while it happens, or from the record afterwards: the report is the same, byte for byte."""

from __future__ import annotations

import random as chance
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rocketchat_contract.client.recorder import Recorder
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.journal import Journal
from rocketchat_contract.report.json_report import json_report
from rocketchat_contract.results.judged_by import load_judged_by, provenance
from rocketchat_contract.results.result import judge_record, run_result_of, with_evidence
from support.headers import header_of
from support.histories import ANNA, BERT, CARL, between, call, created, deleted, failed, in_order, refused, registered
from support.random_histories import any_calls, served_calls

FOOTER = RecordFooter(seconds=1.5)


class Clock:
    """Says the time that it is set to, no finer than ``grain`` nanoseconds."""

    def __init__(self, grain: int) -> None:
        self.now = 0
        self._grain = grain

    def __call__(self) -> int:
        return self.now - self.now % self._grain


def lived(calls: Sequence[Exchange], folder: Path, random: chance.Random, grain: int) -> tuple[str, Path]:
    """The report of calls that really begin and end at their times, with findings taken now and then."""
    promises = load_judged_by()
    header = header_of(**provenance(promises))
    journal, judge, clock = Journal(folder / "record.jsonl", header), promises.judge(), Clock(grain)
    _play(calls, Recorder(journal, judge, clock), clock, random)
    judge.settle()
    journal.close(FOOTER)
    result = run_result_of(header, FOOTER, judge, promises)
    return json_report(with_evidence(result, journal.path)), journal.path


def _play(calls: Sequence[Exchange], recorder: Recorder, clock: Clock, random: chance.Random) -> None:
    begun: dict[int, tuple[int, int]] = {}
    moments = [(each.started, 0, n) for n, each in enumerate(calls)] + [
        (each.ended, 1, n) for n, each in enumerate(calls)
    ]
    for moment, is_end, n in sorted(moments):
        clock.now = moment
        if not is_end:
            begun[n] = recorder.begin()
            continue
        number, started = begun[n]
        recorder.record(replace(calls[n], number=number, started=started, ended=clock()))
        if random.random() < 0.5:
            recorder.take_findings()


def several_visitors(random: chance.Random) -> list[Exchange]:
    """Histories of three visitors side by side, some of their rooms the same."""
    calls: list[Exchange] = []
    for token in (ANNA, BERT, CARL):
        some = any_calls(random, 6) if random.random() < 0.5 else served_calls(random, 8, known=True, room=None)
        moved = [_of(token, each) for each in (between(0, 1, registered(ANNA)), *some)]
        shift = random.choice((0, 300))
        calls += [
            replace(each, started=each.started + shift * 10**6, ended=each.ended + shift * 10**6) for each in moved
        ]
    odd = [call(""), call(f"token[]={ANNA}"), failed(created(BERT, "R1"), 502), refused("nobody"), deleted("nobody")]
    return [*calls, *(between(n * 40, n * 40 + 25, each) for n, each in enumerate(random.sample(odd, 3)))]


def _of(token: str, exchange: Exchange) -> Exchange:
    request, response = exchange.request, exchange.response
    asked = replace(
        request, target=request.target.replace(ANNA, token), body=request.body and request.body.replace(ANNA, token)
    )
    told = response and replace(response, body=(response.body or "").replace(ANNA, token))
    return replace(exchange, request=asked, response=told)


@pytest.mark.parametrize("grain", [1, 1_000_000, 15_600_000])
@pytest.mark.parametrize("seed", range(12))
def test_the_report_is_the_same_live_and_from_the_record(tmp_path: Path, seed: int, grain: int) -> None:
    random = chance.Random(seed)
    live, path = lived(several_visitors(random), tmp_path, random, grain)

    assert json_report(judge_record(path)) == live


def settled_often(judge: Judge, calls: Sequence[Exchange]) -> dict[str, tuple[int, int]]:
    """The counts when the judge settles whenever nothing is under way."""
    ops = [judge.read(each) for each in calls]
    for op, after in zip(ops, [*ops[1:], None], strict=True):
        judge.feed(op)
        latest = max(each.exchange.ended for each in ops if each.number <= op.number)
        if after is None or latest < after.exchange.started:
            judge.settle()
    return counts(judge)


def counts(judge: Judge) -> dict[str, tuple[int, int]]:
    return {row.requirement.id: (row.judged, row.broken) for row in judge.verdict().rows}


@pytest.mark.parametrize("seed", range(40))
def test_settling_early_changes_no_count(seed: int) -> None:
    calls = in_order(several_visitors(chance.Random(seed)))
    promises = load_judged_by()
    patient = promises.judge()
    for each in calls:
        patient.feed(patient.read(each))

    assert settled_often(promises.judge(), calls) == counts(patient)
