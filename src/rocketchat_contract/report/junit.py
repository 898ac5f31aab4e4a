"""JUnit XML: one case per requirement, so that a CI server counts promises, not requests.

The file is all green exactly when the exit code is 0: what is broken without deciding the verdict (a should, or
a promise of the published document only) is a skipped case that says so, and a must that was not judged is an error.
A case has the time that the calls took which it was judged on. One call shows many requirements, so these times add up
to more than the run took; those of the suites add up to the run's, each by its share of all judgements. The file fits
the schema of Jenkins' xUnit plugin, in which a case has no properties: what they would say stands in its output.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.verdict import Outcome, Row
from rocketchat_contract.report.accepting import baseline_problems
from rocketchat_contract.report.circumstances import circumstances
from rocketchat_contract.report.finding_view import FindingView, finding_views, known_lines
from rocketchat_contract.report.phrases import (
    WORDS,
    consequence,
    counts_sentence,
    headline,
    is_broken,
    recorded,
)
from rocketchat_contract.report.plain import sentence, visible
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.transcript import events, transcript_text
from rocketchat_contract.report.unjudged import unjudged_reason


def junit(result: RunResult) -> str:
    """The report as JUnit XML text."""
    findings = finding_views(result)
    root = ET.Element("testsuites", name="rocketchat-contract", time=f"{result.seconds:.3f}")
    for group in dict.fromkeys(row.requirement.group for row in result.verdict.rows):
        rows = [row for row in result.verdict.rows if row.requirement.group == group]
        _suite(root, group, result, [_case(row, result, findings) for row in rows], _seconds_of(rows, result))
    problems = _run_cases(result, root)
    if problems:
        _suite(root, "run", result, problems)
    _count(root, list(root.iter("testcase")), _COUNTED[:2])
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _seconds_of(rows: Iterable[Row], result: RunResult) -> float:
    """The share of the run's time that the judgements of these rows are of all."""
    judged = sum(each.judged for each in result.verdict.rows)
    return result.seconds * sum(row.judged for row in rows) / judged if judged else 0.0


def _suite(root: ET.Element, name: str, result: RunResult, cases: list[ET.Element], seconds: float = 0.0) -> None:
    suite = ET.SubElement(root, "testsuite", name=visible(name), time=f"{seconds:.3f}")
    started = recorded(result.header, "started")
    if started != "not recorded":
        suite.set("timestamp", started)
    _properties(
        suite,
        {
            "target": recorded(result.header, "target"),
            "run": recorded(result.header, "run"),
            "verdict": result.verdict.word.value,
            "published document": result.verdict.word_of("published").value,
            "counts": counts_sentence(result.verdict),
            **({"circumstances": " ".join(circumstances(result))} if circumstances(result) else {}),
            **({"proof": result.proof.sentence} if result.proof else {}),
        },
    )
    suite.extend(cases)
    _count(suite, cases, _COUNTED)


def _case(row: Row, result: RunResult, findings: Iterable[FindingView]) -> ET.Element:
    requirement = row.requirement
    case = ET.Element("testcase", classname=visible(requirement.group), name=visible(requirement.id))
    case.set("time", f"{row.seconds:.3f}")
    facts = _lines(
        {
            "outcome": row.outcome.value,
            "level": requirement.level,
            "columns": ", ".join(requirement.columns),
            "judged": str(row.judged),
            "broken": str(row.broken),
            "sentence": requirement.sentence,
            "source": f"{requirement.source}: {requirement.address}",
        },
    )
    own = [each for each in findings if each.row is row]
    accepted = result.accepted_words(row)
    _result(case, row, own, deciding=result.decides(row), accepted=accepted)
    ET.SubElement(case, "system-out").text = "\n\n".join([facts, *_shown_aside(case, own)])
    return case


def _lines(facts: dict[str, str]) -> str:
    return "\n".join(f"{name}: {visible(value)}" for name, value in facts.items())


def _shown_aside(case: ET.Element, findings: list[FindingView]) -> Iterable[str]:
    """The findings of a case that is no failure, which has them in its text."""
    return () if case.find("failure") is not None else map(_block, findings)


def _result(case: ET.Element, row: Row, findings: list[FindingView], *, deciding: bool, accepted: str) -> None:
    if row.outcome is Outcome.PASS:
        return
    message = visible(_message(row, findings) + (f" Accepted: {accepted}" if accepted else ""))
    if not deciding or row.outcome is Outcome.NOT_APPLICABLE:
        ET.SubElement(case, "skipped", message=message)
    elif is_broken(row):
        failure = ET.SubElement(case, "failure", message=message, type=row.requirement.level)
        failure.text = "\n\n".join(_block(view) for view in findings)
    else:
        ET.SubElement(case, "error", message=message, type=row.outcome.value)


def _message(row: Row, findings: list[FindingView]) -> str:
    if not is_broken(row):
        return f"{WORDS[row.outcome]}: {unjudged_reason(row)}"
    first = f"expected {findings[0].expected}, got {findings[0].actual}" if findings else "no example was kept"
    where = "" if "full" in row.requirement.columns else " (promised by the published document only)"
    around = (
        [*(each.sentence for view in findings for each in view.known), *findings[0].circumstances] if findings else []
    )
    more = f" ({'; '.join(dict.fromkeys(around))})" if around else ""
    return f"{WORDS[row.outcome]}{where}: {row.requirement.sentence} {first}{more}"


def _block(view: FindingView) -> str:
    lines = [
        f"{view.requirement.id} ({view.how_often})",
        view.requirement.sentence,
        f"expected  {view.expected}",
        f"actual    {view.actual}",
        *(f"{number}. {fact}" for number, fact in enumerate(view.story, 1)),
        f"evidence  {view.evidence}",
        *(f"perhaps   {circumstance}" for circumstance in view.circumstances),
        *(line for each in view.known for line in known_lines(each)),
    ]
    if view.compared:
        lines.append(f"differs   exchanges {view.compared.before} and {view.compared.after}:")
        lines += [f"          {line}" for line in view.compared.lines]
    if view.repeat.command:
        lines.append(f"repeat    {view.repeat.command}")
    if view.repeat_note:
        lines.append(f"          ({view.repeat_note})")
    lines.append(transcript_text(events(view.exchanges, view.decisive_exchange)))
    return visible("\n".join(lines), lines=True)


def _run_cases(result: RunResult, root: ET.Element) -> list[ET.Element]:
    """A case per obstacle and per defect of the suite; one for the verdict when nothing else is red."""
    problems = [("obstacle", text) for text in result.verdict.obstacles]
    problems += [("defect", text) for text in result.verdict.errors]
    problems += [("baseline", text) for text in baseline_problems(result)]
    red = next(root.iter("failure"), None) is not None or next(root.iter("error"), None) is not None
    if not problems and not red and result.exit_code is not ExitCode.CONFORMANT:
        problems = [("verdict", f"{headline(result)} {consequence(result)}")]
    return [_problem(f"{kind}-{number}", text) for number, (kind, text) in enumerate(problems, 1)]


def _problem(name: str, text: str) -> ET.Element:
    case = ET.Element("testcase", classname="run", name=name, time="0")
    ET.SubElement(case, "error", message=sentence(text), type="run")
    return case


def _properties(parent: ET.Element, values: dict[str, str]) -> None:
    properties = ET.SubElement(parent, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=visible(value))


_COUNTED = (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
"""What a suite counts of its cases; the whole file has no attribute for the last one."""


def _count(parent: ET.Element, cases: Sequence[ET.Element], counted: Iterable[tuple[str, str]]) -> None:
    parent.set("tests", str(len(cases)))
    for plural, tag in counted:
        parent.set(plural, str(sum(case.find(tag) is not None for case in cases)))
