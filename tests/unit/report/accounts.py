"""Hypothesis strategies for accounts: any verdict, any text a server may send."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.judge.finding import Finding
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.exchange import Exchange, Failure, Request, Response
from rocketchat_contract.record.ledger import Fact, Ledger
from rocketchat_contract.report.accepted import NO_BASELINE, Acceptance, EntryStanding, Listed
from rocketchat_contract.report.run_result import RunResult, StrengthSummary

from .examples import HEADER, requirement

texts = st.text(max_size=30) | st.sampled_from(["\x1b[2J", "]]>", "</script>", "\ud800", "\u202e", "`|*<b>", "$(id)"])
small = st.integers(0, 400)
columns = st.sampled_from([("published",), ("full",), ("published", "full")])
requests = st.builds(
    Request,
    method=st.sampled_from(["GET", "POST", "HEAD", "DELETE"]),
    target=st.sampled_from(["/api/v1/livechat/room?token=$RC_TOKEN_1", "/api/v1/livechat/visitor"]) | texts,
    headers=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    body=st.none() | texts,
)
responses = st.builds(
    Response,
    status=st.integers(100, 599),
    headers=st.lists(st.tuples(texts, texts), max_size=2).map(tuple),
    body=st.none() | texts,
    raw=st.binary(max_size=5),
    length=small,
    complete=st.booleans(),
)
failures = st.builds(Failure, kind=st.sampled_from(["timeout", "closed"]), sent=st.booleans(), detail=texts)


@st.composite
def exchanges(draw: st.DrawFn, number: int) -> Exchange:
    """An answered or a failed exchange; many overlap."""
    started = draw(st.integers(0, 50)) * 1_000_000
    answered = draw(st.booleans())
    return Exchange(
        number=number,
        driver=draw(texts),
        why=draw(texts),
        visitor=draw(st.none() | texts),
        started=started,
        ended=started + draw(st.integers(0, 90)) * 1_000_000,
        request=draw(requests),
        response=draw(responses) if answered else None,
        failure=None if answered else draw(failures),
    )


@st.composite
def findings(draw: st.DrawFn, name: str) -> Finding:
    """A finding that names up to four of the exchanges 1 to 8."""
    evidence = draw(st.lists(st.integers(1, 8), max_size=4, unique=True))
    story = draw(st.lists(texts, max_size=3))
    return Finding(name, draw(texts), draw(texts), tuple(evidence), draw(st.none() | texts), tuple(story), draw(texts))


@st.composite
def rows(draw: st.DrawFn, promise: Requirement) -> Row:
    """A row with an outcome that its numbers and findings fit to."""
    outcome = draw(st.sampled_from(Outcome))
    if outcome in (Outcome.FAIL, Outcome.WARN):
        found = draw(st.lists(findings(promise.id), max_size=3))
        return Row(promise, outcome, 400, draw(st.integers(1, 400)), findings=tuple(found))
    if outcome is Outcome.PASS:
        return Row(promise, outcome, draw(st.integers(1, 400)))
    return Row(promise, outcome, reason=draw(texts))


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """A verdict on up to six requirements in up to three groups."""
    promises = [
        requirement(
            f"promise-{place}",
            draw(st.sampled_from(["wire", "room", "rid"])),
            f"Promise {place} holds.",
            level=draw(st.sampled_from(["must", "should"])),
            columns=draw(columns),
        )
        for place in range(draw(st.integers(0, 6)))
    ]
    return Verdict(
        rows=tuple(draw(rows(promise)) for promise in promises),
        obstacles=tuple(draw(st.lists(texts, max_size=1))),
        errors=tuple(draw(st.lists(texts, max_size=1))),
        strict=draw(st.booleans()),
    )


@st.composite
def acceptances(draw: st.DrawFn, verdict: Verdict) -> Acceptance:
    """No baseline, or one with an entry of any standing for some of the rows."""
    if draw(st.booleans()):
        return NO_BASELINE
    entries = [
        Listed(
            row.requirement.id,
            draw(st.sampled_from(EntryStanding)),
            draw(texts),
            draw(texts),
            "2027-03-31",
            draw(texts),
        )
        for row in verdict.rows
        if draw(st.booleans())
    ]
    broken = {row.requirement.id for row in verdict.rows if row.outcome in (Outcome.FAIL, Outcome.WARN)}
    accepted = {entry.requirement for entry in entries if entry.standing is EntryStanding.ACCEPTED} & broken
    return Acceptance("b.toml", tuple(entries), frozenset(accepted), in_ci=draw(st.booleans()))


@st.composite
def accounts(draw: st.DrawFn) -> RunResult:
    """A whole account."""
    numbers = draw(st.sets(st.integers(1, 8), max_size=5))
    changed = draw(st.fixed_dictionaries({}, optional={"target": texts, "profile": texts, "started": texts}))
    verdict = draw(verdicts())
    return RunResult(
        header=replace(HEADER, **changed),
        verdict=verdict,
        acceptance=draw(acceptances(verdict)),
        ledger=Ledger(draw(small), draw(small), tuple(draw(st.lists(texts, max_size=2)))),
        facts=tuple(draw(st.lists(st.builds(Fact, texts, texts, small), max_size=2))),
        evidence={number: draw(exchanges(number)) for number in numbers},
        strength=draw(st.none() | st.just(StrengthSummary(142, 351, 367))),
        groups=draw(st.dictionaries(st.sampled_from(["wire", "room"]), texts, max_size=2)),
        seconds=draw(st.floats(0, 1e4)),
    )
