"""The end of a run on a terminal: 80 columns, no colour where none is wanted, every sign encodable."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TextIO

from rocketchat_contract.judge.verdict import Outcome, Row, VerdictWord
from rocketchat_contract.report.accepting import baseline_problems, baseline_sentence, known_sentence
from rocketchat_contract.report.circumstances import alone_sentence, circumstances
from rocketchat_contract.report.explored import generated_sentence
from rocketchat_contract.report.finding_view import FindingView, finding_views
from rocketchat_contract.report.phrases import (
    LEVELS,
    SIGNS,
    VERDICT_SIGNS,
    WORDS,
    changes_sentence,
    counts_sentence,
    credentials_sentence,
    headline,
    is_outside,
    left_by_kind,
    recorded,
    search_sentence,
    sweep_command,
    target_name,
    verdict_sentence,
    volleys_sentence,
)
from rocketchat_contract.report.plain import encodable, sentence, visible
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.terminal_page import INDENT, TerminalPage
from rocketchat_contract.report.unjudged import by_reason, levels

_WIDTH = 80
"""Columns of what is no terminal."""
_NARROWEST, _WIDEST = 40, 120
"""Columns of a terminal at the least and at the most."""
MOST_BLOCKS = 8
MOST_REASONS = 10
MOST_ROWS = 14
"""Rows of the terminal that a finding takes."""

_STYLES = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.WARN: "yellow",
    Outcome.NOT_JUDGED: "yellow",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.ERROR: "bold red",
}
_VERDICT_STYLES = {VerdictWord.CONFORMANT: "bold green", VerdictWord.INCOMPLETE: "bold yellow"}
_SHORT = {**WORDS, Outcome.NOT_APPLICABLE: "n/a"}
_PASSED, _OUTSIDE = WORDS[Outcome.PASS], "document only"


def _of(outcome: Outcome) -> Callable[[Row], bool]:
    return lambda row: row.outcome is outcome and not is_outside(row)


_COLUMNS: dict[str, Callable[[Row], bool]] = {
    **{_SHORT[outcome]: _of(outcome) for outcome in (Outcome.PASS, Outcome.FAIL)},
    _OUTSIDE: is_outside,
    **{_SHORT[outcome]: _of(outcome) for outcome in WORDS if outcome not in (Outcome.PASS, Outcome.FAIL)},
}
"""The columns of the table of groups, each with what counts in it."""
_COLUMN_STYLES = {**{_SHORT[outcome]: style for outcome, style in _STYLES.items()}, _OUTSIDE: "dim"}


def terminal(
    result: RunResult, *, colour: bool = False, encoding: str = "utf-8", width: int = _WIDTH, cuts: bool = True
) -> str:
    """The final output of a run as text; with ``colour`` it holds ANSI sequences, with ``cuts`` long texts are cut."""
    page = TerminalPage(width, encoding, cuts)
    page.add(_title(result), "bold")
    _group_table(page, result)
    _findings(page, result)
    _problems(page, result)
    page.gap()
    _closing(page, result)
    return page.rendered(colour=colour)


def print_terminal(
    result: RunResult, stream: TextIO, environment: Mapping[str, str], *, colour: bool | None = None
) -> None:
    """Write the final output to a stream, as wide as its terminal; ``colour`` None follows what the terminal wants."""
    wanted = stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    colour = wanted if colour is None else colour
    is_terminal = stream.isatty()
    width = max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST)) if is_terminal else _WIDTH
    encoding = stream.encoding or "ascii"
    stream.write(terminal(result, colour=colour, encoding=encoding, width=width, cuts=is_terminal and width >= _WIDTH))


def _title(result: RunResult) -> str:
    header = result.header
    target = f"{target_name(result)}{' (embedded)' if header.embedded else ''}"
    parts = [f"rocketchat-contract {recorded(header, 'suite', 'version')}", target]
    given = ("profile", *(["seed"] if header.seed is not None else []), *(["repeat"] if header.repeat > 1 else []))
    parts += [f"{name} {recorded(header, name)}" for name in given]
    return " · ".join(parts)


def _group_table(page: TerminalPage, result: RunResult) -> None:
    rows = result.verdict.rows
    columns = {name: holds for name, holds in _COLUMNS.items() if name == _PASSED or any(map(holds, rows))}
    groups = list(dict.fromkeys(row.requirement.group for row in rows))
    name_width = max((len(sentence(group, 20)) for group in groups), default=0) + 2
    words = "".join(f"{name:>{len(name) + 2}}" for name in columns)
    is_wide = page.width >= _WIDTH
    page.add(f"{'':<{name_width}}{words}{'judgements':>13}" if is_wide else f"{'':<{name_width}}{words}", "dim")
    for group in groups:
        own = [row for row in rows if row.requirement.group == group]
        line = page.text(f"  {sentence(group, 20)}".ljust(name_width))
        for name, holds in columns.items():
            number = sum(map(holds, own))
            line.append(f"{number or '.':>{len(name) + 2}}", _COLUMN_STYLES[name] if number else "dim")
        line.append(f"{sum(row.judged for row in own):>13,}" if is_wide else "")
        page.lines.append(line)


def _findings(page: TerminalPage, result: RunResult) -> None:
    by_requirement: dict[str, list[FindingView]] = {}
    for view in finding_views(result):
        by_requirement.setdefault(view.requirement.id, []).append(view)
    loud = {name: found for name, found in by_requirement.items() if not _is_calm(found)}
    most = MOST_BLOCKS if page.cuts else len(loud)
    explained: set[str] = set()
    for first, *more in list(loud.values())[:most]:
        _block(page, first, more, explained)
        explained |= {known.deviation.id for known in first.known}
    rest = list(loud)[most:]
    if rest:
        page.gap()
        page.add(f"… and {len(rest)} more, in report.html: {', '.join(rest)}", most=4)

    _calm(page, [found for found in by_requirement.values() if _is_calm(found)])


def _is_calm(found: list[FindingView]) -> bool:
    """Whether a line is enough: all of it is accepted, or only the published document says otherwise."""
    return all(view.accepted or "full" not in view.requirement.columns for view in found)


def _calm(page: TerminalPage, several: list[list[FindingView]]) -> None:
    """A line for each requirement whose findings decide nothing; the other reports have them whole."""
    if several:
        page.gap()
    for first, *_ in several:
        why = first.accepted or "in the published document only, decides nothing"
        page.add(f"· {first.requirement.id} ({first.how_often}): {why}", "dim", most=3)


def _block(page: TerminalPage, view: FindingView, more: list[FindingView], explained: set[str]) -> None:
    """At most ``MOST_ROWS`` rows: before the command has to go, texts get a line each."""
    page.gap()
    for lines, is_pasteable in ((2, True), (1, True), (1, False)):
        part = _part(TerminalPage(page.width, page.encoding, page.cuts), view, more, lines)
        _known(part, view, explained, lines)
        _repeat(part, view.repeat.command if is_pasteable else "", view.repeat_note)
        if not page.cuts or part.rows <= MOST_ROWS + 5 * len(view.known) + len(view.circumstances):
            break
    page.lines += part.lines


def _part(part: TerminalPage, view: FindingView, more: list[FindingView], lines: int) -> TerminalPage:
    outcome = view.row.outcome
    style = _STYLES[outcome] if view.deciding else _STYLES[Outcome.WARN]
    first = f"; first of {len(more) + 1} findings{_of_them_accepted(view, more)}" if more else ""
    part.add(f"{SIGNS[outcome]} {view.requirement.id} ({view.how_often}{first})", style, most=1)
    part.add(view.requirement.sentence, indent=INDENT, most=lines)
    part.labelled("expected", view.expected, most=lines)
    part.labelled("actual", view.actual, most=lines)
    only = "" if "full" in view.requirement.columns else " (published document only)"
    part.labelled("source", f"{view.requirement.source}{only}: “{view.requirement.quote}”", most=1)
    part.labelled("evidence", view.evidence, most=1)
    for circumstance in view.circumstances:
        part.labelled("perhaps", circumstance, most=lines)
    return part


def _known(part: TerminalPage, view: FindingView, explained: set[str], lines: int) -> None:
    """Which releases are known for it; what that means stands below the first finding that has to do with it."""
    if view.meaning:
        part.labelled("means", view.meaning, most=lines)
    for known in view.known:
        part.labelled("upstream", known.sentence, most=1)
        if known.deviation.id not in explained:
            part.labelled("means", known.deviation.meaning, most=lines + 1)
            part.labelled("advice", known.deviation.advice, most=lines + 1)


def _of_them_accepted(first: FindingView, more: list[FindingView]) -> str:
    """How many of the others are accepted, where the first is not."""
    number = 0 if first.accepted else sum(bool(view.accepted) for view in more)
    return f", {number} accepted" if number else ""


def _repeat(part: TerminalPage, command: str, note: str) -> None:
    if not command:
        part.labelled("repeat", "see report.html", most=1)
        return
    part.whole("repeat", command)
    if note:
        part.labelled("", f"({note})", most=2)


def _problems(page: TerminalPage, result: RunResult) -> None:
    rows, strict = result.verdict.rows, result.verdict.strict
    for outcome, title in ((Outcome.ERROR, "errors while judging"), (Outcome.NOT_JUDGED, "not judged")):
        _reasons(page, outcome, title, [row for row in rows if row.outcome is outcome], strict=strict)
    texts = [f"{SIGNS[Outcome.ERROR]} {text}" for text in result.verdict.errors]
    texts += [f"{SIGNS[Outcome.NOT_JUDGED]} {text}" for text in result.verdict.obstacles]
    for text in texts:
        page.gap()
        page.add(sentence(text), "bold", most=4)


def _reasons(page: TerminalPage, outcome: Outcome, title: str, rows: list[Row], *, strict: bool) -> None:
    if not rows:
        return
    page.gap()
    page.add(f"{SIGNS[outcome]} {title}", _STYLES[outcome])
    reasons = by_reason(rows, strict=strict)
    most = MOST_REASONS if page.cuts else len(reasons)
    for why, those in list(reasons.items())[:most]:
        names = [row.requirement.id for row in those]
        head = f"{names[0]} ({LEVELS[those[0].requirement.level]})" if len(those) == 1 else levels(those)
        page.add(f"{head}: {why}", indent=INDENT, most=4)
        if len(those) > 1:
            page.add(", ".join(names), "dim", indent=INDENT + 2, most=6)
    if len(reasons) > most:
        page.add(f"… and {len(reasons) - most} more reasons, in report.html", indent=INDENT)


def _baseline(page: TerminalPage, result: RunResult) -> None:
    if known_sentence(result):
        page.add(known_sentence(result), "yellow" if result.let_pass else "")
    if not result.acceptance.path:
        return
    problems = baseline_problems(result)
    page.add(baseline_sentence(result), "bold red" if problems else "")
    for problem in problems:
        page.add(problem, indent=INDENT, most=4)


def _closing(page: TerminalPage, result: RunResult) -> None:
    verdict = result.verdict
    if result.traffic.volleys:
        page.add(volleys_sentence(result), "dim", most=2)
    if result.generated.explored:
        page.add(generated_sentence(result), "dim", most=3)
    page.add(f"server: {changes_sentence(result)}", "yellow" if _left(result) else "")
    if _left(result):
        for view in left_by_kind(result.ledger):
            page.add(f"left: {view}", indent=INDENT, most=2)
        page.add(f"to find it: {search_sentence(result)}", indent=INDENT, most=2)
    for circumstance in circumstances(result):
        page.add(f"{SIGNS[Outcome.WARN]} {circumstance}", "yellow")
    if alone_sentence(result):
        page.add(f"{SIGNS[Outcome.NOT_JUDGED]} {alone_sentence(result)}", "yellow")
    if sweep_command(result):
        page.pasteable("Finish it with:", sweep_command(result), "yellow")
    if credentials_sentence(result):
        page.add(f"{SIGNS[Outcome.WARN]} {credentials_sentence(result)}", "yellow")
    _baseline(page, result)
    style = _VERDICT_STYLES.get(verdict.word, "bold red")
    for line in _verdict(result):
        page.add(line, style)
    _files(page, result.paths)
    _next_steps(page, result)


def exit_sentence(result: RunResult) -> str:
    """Why the exit code is another than the verdict's; empty when it is not."""
    if result.exit_code is result.verdict.exit_code:
        return ""
    missing = result.allowance.missing(result.verdict)
    why = result.allowance.sentence(result.verdict) if missing or result.allowance.is_given else "as is accepted."
    return f"exit code {int(result.exit_code)}: {why}"


def _next_steps(page: TerminalPage, result: RunResult) -> None:
    """What a reader of a red run may want to do now, as commands to paste."""
    deciding = [view.requirement.id for view in finding_views(result) if view.deciding]
    if not deciding or not result.paths:
        return
    folder = shlex.quote(str(Path(next(iter(result.paths.values()))).parent))
    steps = {
        "repeat it, clean up": f"repeat {folder} {deciding[0]}",
        "evidence to send": f"bundle {folder}",
        "accept for a while": f"baseline update {folder}",
    }
    page.add("next:")
    for label, command in steps.items():
        page.lines.append(page.text(f"{' ' * INDENT}{label:<21}rocketchat-contract {command}"))


def _verdict(result: RunResult) -> Iterator[str]:
    """What was found, the verdict with its counts, and why the exit code is another one where it is."""
    verdict = result.verdict
    yield f"{VERDICT_SIGNS[verdict.word]} {headline(result)}"
    yield f"verdict: {verdict_sentence(verdict)} · {counts_sentence(verdict)}"
    if exit_sentence(result):
        yield exit_sentence(result)


def verdict_lines(result: RunResult, encoding: str = "utf-8") -> str:
    """The verdict alone, in lines that are not folded."""
    return "".join(f"{encodable(visible(line), encoding)}\n" for line in _verdict(result))


def _files(page: TerminalPage, paths: Mapping[str, str]) -> None:
    """The first file by its path, the others by their names."""
    if not paths:
        return
    first, *others = paths.values()
    page.lines.append(page.text(f"report: {first}"))
    if others:
        page.add(f"beside it: {', '.join(Path(path).name for path in others)}", indent=INDENT)


def _left(result: RunResult) -> Iterable[str]:
    return result.ledger.left
