"""A Markdown summary for a ticket or a CI job's page, and GitHub's annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rocketchat_contract.judge.verdict import Outcome, Row
from rocketchat_contract.report.accepted import STANDING_MEANINGS, EntryStanding
from rocketchat_contract.report.accepting import baseline_sentence, known_sentence
from rocketchat_contract.report.circumstances import alone_sentence, circumstances
from rocketchat_contract.report.compared import ComparedAnswers
from rocketchat_contract.report.finding_view import FindingView, KnownDeviation, finding_views
from rocketchat_contract.report.phrases import (
    LEVELS,
    SIGNS,
    VERDICT_SIGNS,
    WORDS,
    broken_sentence,
    changes_sentence,
    consequence,
    count,
    counts,
    counts_sentence,
    credentials_sentence,
    embedded,
    headline,
    left_by_kind,
    proof_sentence,
    recorded,
    scope,
    search_sentence,
    server_version,
    share,
    sweep_command,
    target_name,
    verdict_sentence,
)
from rocketchat_contract.report.plain import sentence, visible
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.transcript import events, transcript_text
from rocketchat_contract.report.unjudged import by_reason, levels, unjudged_reason

MOST_IN_SUMMARY = 25
"""Findings told in full; a CI page holds one megabyte."""

_SPECIAL = re.compile(r"^[-+=]|[\\`*_\[\]#|~$]")


def markdown(result: RunResult) -> str:
    """The summary as GitHub-flavoured Markdown."""
    verdict = result.verdict
    blocks = [
        f"# {VERDICT_SIGNS[verdict.word]} {_text(headline(result))}",
        f"{_text(scope(result))} {_text(consequence(result))}",
        f"**Verdict: {_text(verdict_sentence(verdict))}** · {_text(counts_sentence(verdict))}",
        *filter(None, [_text(credentials_sentence(result)), _text(alone_sentence(result))]),
        *map(_text, circumstances(result)),
        *(_text(f"Error of the suite: {sentence(text)}") for text in verdict.errors),
        *(_text(f"Obstacle: {sentence(text)}") for text in verdict.obstacles),
        *_findings(finding_views(result)),
        *_baseline(result),
        *_silent(result, Outcome.NOT_JUDGED, "Not judged, and why"),
        *_silent(result, Outcome.ERROR, "Errors of the suite while judging"),
        *_groups(result),
        *_strength(result),
        *_proof(result),
        f"## What this run changed on the server\n\n{_changes(result)}",
        *_silent(result, Outcome.NOT_APPLICABLE, "Not applicable here"),
        _facts(result),
    ]
    return "\n\n".join(blocks) + "\n"


def github_annotations(result: RunResult) -> str:
    """Workflow commands for GitHub Actions, one line per finding and per reason of an incomplete run."""
    lines = [
        _annotation("error" if view.deciding else "warning", view.requirement.id, _annotated(view))
        for view in finding_views(result)
    ]
    problems = (*result.verdict.errors, *result.verdict.obstacles)
    lines += [_annotation("error", "the run", sentence(text)) for text in problems]
    silent = [row for row in result.verdict.rows if row.outcome is Outcome.NOT_JUDGED and row.reason not in problems]
    lines += [_unjudged(row, result) for row in silent]  # what stood in the way of all is said once
    return "".join(f"{line}\n" for line in lines)


def _annotated(view: FindingView) -> str:
    return " ".join([view.message, *view.circumstances, *(f"It is {known.sentence}." for known in view.known)])


def _findings(findings: Sequence[FindingView]) -> Iterable[str]:
    if not findings:
        return
    yield "## Findings"
    for view in findings[:MOST_IN_SUMMARY]:
        yield _finding(view)
    if len(findings) > MOST_IN_SUMMARY:
        yield f"… and {count(len(findings) - MOST_IN_SUMMARY, 'finding')} more, in report.html and report.json."


def _finding(view: FindingView) -> str:
    parts = [
        f"### {SIGNS[view.row.outcome]} {_own(view.requirement.sentence)}",
        f"{_code(view.requirement.id)} · {_text(view.how_often)} · source: {_text(_source(view))}",
        f"- **expected** {_text(view.expected)}\n- **actual** {_text(view.actual)}\n"
        f"- **evidence** {_text(view.evidence)}",
    ]
    parts += [f"- **perhaps** {_text(circumstance)}" for circumstance in view.circumstances]
    parts += [_known(known) for known in view.known]
    if view.story:
        parts.append("\n".join(f"{number}. {_text(fact)}" for number, fact in enumerate(view.story, 1)))
    if view.compared:
        parts.append(_compared(view.compared))
    if view.exchanges:
        lines = transcript_text(events(view.exchanges, view.decisive_exchange))
        parts.append(f"<details><summary>Transcript</summary>\n\n{_fence(lines, 'text')}\n\n</details>")
    if view.repeat.command:
        note = f" ({_text(view.repeat_note)})" if view.repeat_note else ""
        parts.append(f"Repeat it in bash{note}:\n\n{_fence(view.repeat.command, 'bash')}")
    return "\n\n".join(parts)


def _known(known: KnownDeviation) -> str:
    deviation = known.deviation
    return (
        f"> **{_text(known.versions)}** ({_text(deviation.source)}). {_text(deviation.what)}\n>\n"
        f"> For customers: {_text(deviation.meaning)} What to do: {_text(deviation.advice)}"
    )


def _compared(answers: ComparedAnswers) -> str:
    lines = _fence("\n".join(answers.lines), "text")
    return f"Exchanges {answers.before} and {answers.after} differ in:\n\n{lines}"


def _source(view: FindingView) -> str:
    return f"{view.requirement.source}, “{sentence(view.requirement.quote, 160)}”"


def _baseline(result: RunResult) -> Iterable[str]:
    acceptance = result.acceptance
    if known_sentence(result):
        yield f"## Accepted as known\n\n{_text(known_sentence(result))}"
    if not acceptance.path:
        return
    view = [entry for entry in acceptance.entries if entry.standing is not EntryStanding.ELSEWHERE]
    lines = [
        f"- **{entry.standing}** {_code(entry.requirement)}: {_text(sentence(entry.words))}, "
        f"{STANDING_MEANINGS[entry.standing]}"
        for entry in view
    ]
    yield "\n\n".join(["## Baseline", _text(baseline_sentence(result)), *(["\n".join(lines)] if lines else [])])


def _silent(result: RunResult, outcome: Outcome, title: str) -> Iterable[str]:
    rows = [row for row in result.verdict.rows if row.outcome is outcome]
    if rows:
        view = by_reason(rows, strict=result.verdict.strict)
        yield f"## {title}\n\n" + "\n".join(_reason(why, those) for why, those in view.items())


def _reason(why: str, rows: Sequence[Row]) -> str:
    names = [f"{_code(row.requirement.id)} ({LEVELS[row.requirement.level]})" for row in rows]
    if len(names) == 1:
        return f"- {names[0]}: {_text(why)}"
    return "\n".join([f"- {levels(rows)}: {_text(why)}", *(f"  - {name}" for name in names)])


def _groups(result: RunResult) -> Iterable[str]:
    rows = result.verdict.rows
    groups = dict.fromkeys(row.requirement.group for row in rows)
    head = "| group | " + " | ".join(WORDS.values()) + " | judgements |"
    rule = "| --- |" + " ---: |" * (len(WORDS) + 1)
    lines = [_group(group, [row for row in rows if row.requirement.group == group]) for group in groups]
    yield "## Requirements\n\n" + "\n".join([head, rule, *lines])
    listed = "\n".join(_row(row) for row in rows)
    yield (
        "<details><summary>Every requirement</summary>\n\n| outcome | requirement | level | judged |\n"
        f"| --- | --- | --- | --- |\n{listed}\n\n</details>"
    )


def _group(name: str, rows: Sequence[Row]) -> str:
    numbers = " | ".join(str(number) for number in counts(rows).values())
    return f"| {_text(name)} | {numbers} | {sum(row.judged for row in rows):,} |"


def _row(row: Row) -> str:
    requirement = row.requirement
    outcome = f"{SIGNS[row.outcome]} {WORDS[row.outcome]}"
    view = f"{_own(requirement.sentence)} {_code(requirement.id)}"
    return f"| {outcome} | {view} | {LEVELS[requirement.level]} | {broken_sentence(row)} |"


def _strength(result: RunResult) -> Iterable[str]:
    strength = result.strength
    if strength is not None:
        yield (
            "## How strict the contract is\n\n"
            "Of single mutations of right answers the published document rejects "
            f"{share(strength.published_rejected, strength.mutations)}, the full contract "
            f"{share(strength.full_rejected, strength.mutations)}."
        )


def _proof(result: RunResult) -> Iterable[str]:
    yield f"## How good the suite is\n\n{_text(sentence(proof_sentence(result)))}."


def _changes(result: RunResult) -> str:
    left = left_by_kind(result.ledger)
    listed = f" Left: {'; '.join(left)}; {search_sentence(result)}." if left else ""
    command = sweep_command(result)
    hint = f"\n\nFinish it with: {_code(command)}" if command else ""
    return _text(f"{changes_sentence(result)}.{listed}") + hint


def _facts(result: RunResult) -> str:
    header = result.header
    pairs = [
        ("target", f"{target_name(result)} {embedded(result)}".strip()),
        ("Rocket.Chat", server_version(result)),
        ("profile", recorded(header, "profile")),
        ("seed", recorded(header, "seed")),
        ("started", recorded(header, "started")),
        ("run", recorded(header, "run")),
        ("suite", f"{recorded(header, 'suite', 'version')} {recorded(header, 'suite', 'sha256')}"),
        ("contract", recorded(header, "contract", "sha256")),
    ]
    lines = "\n".join(f"| {name} | {_text(value)} |" for name, value in pairs)
    return f"## About this run\n\n| | |\n| --- | --- |\n{lines}"


def _text(text: str) -> str:
    """One line in which nothing is Markdown, HTML, a mention or a link."""
    plain = _SPECIAL.sub(r"\\\g<0>", visible(text))
    plain = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return plain.replace("://", ":&#47;&#47;").replace("www.", "www&#46;")


def _own(text: str) -> str:
    """A sentence of the requirements, whose code spans stay code."""
    parts = text.split("`")
    return "".join(_code(part) if place % 2 else _text(part) for place, part in enumerate(parts))


def _code(text: str) -> str:
    return f"`{visible(text).replace('`', '')}`"


def _fence(text: str, language: str) -> str:
    """A code block whose fence is longer than any run of backticks within."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{visible(text, lines=True)}\n{fence}"


def _unjudged(row: Row, result: RunResult) -> str:
    level = "error" if result.decides(row) else "warning"
    return _annotation(level, f"{row.requirement.id} (not judged)", unjudged_reason(row))


def _annotation(level: str, title: str, message: str) -> str:
    return f"::{level} title={_property(title)}::{_message(message)}"


def _message(text: str) -> str:
    return visible(text).replace("%", "%25")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
