"""The end of a run on a terminal: 80 columns, no colour where none is wanted, every sign encodable."""

from __future__ import annotations

import io
import shlex
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from rocketchat_contract.judge.verdict import Outcome, Row, Word
from rocketchat_contract.report.accepting import baseline_problems, baseline_sentence, known_sentence
from rocketchat_contract.report.account import Account
from rocketchat_contract.report.circumstances import alone_sentence, circumstances
from rocketchat_contract.report.plain import encodable, sentence, visible
from rocketchat_contract.report.telling import Told, told_findings
from rocketchat_contract.report.unjudged import by_reason, levels
from rocketchat_contract.report.wording import (
    SIGNS,
    VERDICT_SIGNS,
    WORDS,
    changes_sentence,
    counts,
    counts_sentence,
    credentials_sentence,
    headline,
    left_by_kind,
    recorded,
    search_sentence,
    sweep_command,
    target_name,
    verdict_sentence,
    volleys_sentence,
)

WIDTH = 80
WIDEST = 120
"""Columns, of a file and at the most of a terminal."""
MOST_BLOCKS = 8
MOST_REASONS = 10
MOST_ROWS = 12
"""Rows of the terminal that a finding takes."""

_STYLES = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.WARN: "yellow",
    Outcome.NOT_JUDGED: "yellow",
    Outcome.NOT_APPLICABLE: "dim",
    Outcome.ERROR: "bold red",
}
_VERDICT_STYLES = {Word.CONFORMANT: "bold green", Word.INCOMPLETE: "bold yellow"}
_SHORT = {**WORDS, Outcome.NOT_APPLICABLE: "n/a"}
_LABEL = 10
_INDENT = 4


@dataclass
class _Page:
    """Collects lines; whatever is put in is made encodable before it is laid out."""

    width: int
    encoding: str
    lines: list[Text] = field(default_factory=list)

    def text(self, content: str, style: str = "") -> Text:
        return Text(encodable(visible(content), self.encoding), style)

    def add(self, content: str, style: str = "", *, indent: int = 0, most: int = 99) -> None:
        """A paragraph, wrapped; after ``most`` lines it is cut."""
        self._lay([Text(" " * indent)], self.text(content, style), indent, most)

    def labelled(self, label: str, content: str, *, most: int) -> None:
        """A paragraph beside its label."""
        head = [Text(" " * _INDENT), self.text(f"{label:<{_LABEL}}", "dim")]
        self._lay(head, self.text(content), _INDENT + _LABEL, most)

    def whole(self, label: str, content: str) -> None:
        """A line that someone may copy: never wrapped here, whatever its length."""
        head = self.text(f"{label:<{_LABEL}}", "dim")
        self.lines.append(Text(" " * _INDENT) + head + self.text(content))

    def pasteable(self, lead: str, command: str, style: str) -> None:
        """A command after what is said of it, on a line of its own where both are too long for one."""
        both = self.text(f"{lead} {command}", style)
        parts = [both] if _INDENT + both.cell_len <= self.width else [self.text(lead, style), self.text(command, style)]
        self.lines += [Text(" " * _INDENT) + part for part in parts]

    @property
    def rows(self) -> int:
        """Rows of the terminal that the lines take, folded where they are longer than it is wide."""
        return sum(max(1, -(-line.cell_len // self.width)) for line in self.lines)

    def gap(self) -> None:
        if self.lines:
            self.lines.append(Text())

    def _lay(self, head: list[Text], body: Text, indent: int, most: int) -> None:
        wrapped = body.wrap(Console(width=self.width, file=io.StringIO()), self.width - indent)
        shown = list(wrapped[:most])
        if len(wrapped) > most:
            shown[-1].truncate(self.width - indent - 3)
            shown[-1].append("...")
        for place, line in enumerate(shown):
            line.rstrip()
            self.lines.append(Text.assemble(*(head if place == 0 else [Text(" " * indent)]), line))


def terminal(account: Account, *, colour: bool = False, encoding: str = "utf-8", width: int = WIDTH) -> str:
    """The final output of a run as text; with ``colour`` it holds ANSI sequences."""
    page = _Page(width=width, encoding=encoding)
    page.add(_title(account), "bold")
    _group_table(page, account)
    _findings(page, account)
    _problems(page, account)
    page.gap()
    _closing(page, account)
    return _rendered(page, colour=colour)


def print_terminal(
    account: Account, stream: TextIO, environment: Mapping[str, str], *, colour: bool | None = None
) -> None:
    """Write the final output to a stream, as wide as its terminal; ``colour`` None follows what the terminal wants."""
    wanted = stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    colour = wanted if colour is None else colour
    width = max(WIDTH, min(shutil.get_terminal_size().columns, WIDEST)) if stream.isatty() else WIDTH
    stream.write(terminal(account, colour=colour, encoding=stream.encoding or "ascii", width=width))


def _title(account: Account) -> str:
    header = account.header
    target = f"{target_name(account)}{' (embedded)' if header.get('embedded') else ''}"
    parts = [f"rocketchat-contract {recorded(header, 'suite', 'version')}", target]
    parts += [f"{name} {recorded(header, name)}" for name in ("profile", "seed", "repeat") if name in header]
    return " · ".join(parts)


def _group_table(page: _Page, account: Account) -> None:
    rows = account.verdict.rows
    told = [outcome for outcome, number in counts(rows).items() if number or outcome is Outcome.PASS]
    groups = list(dict.fromkeys(row.requirement.group for row in rows))
    name_width = max((len(sentence(group, 20)) for group in groups), default=0) + 2
    words = "".join(f"{_SHORT[outcome]:>{_cell(outcome)}}" for outcome in told)
    page.add(f"{'':<{name_width}}{words}{'judgements':>13}", "dim")
    for group in groups:
        _group_line(page, group, [row for row in rows if row.requirement.group == group], told, name_width)


def _group_line(page: _Page, group: str, rows: list[Row], told: list[Outcome], name_width: int) -> None:
    line = page.text(f"  {sentence(group, 20)}".ljust(name_width))
    numbers = counts(rows)
    for outcome in told:
        number = numbers[outcome]
        line.append(f"{number or '.':>{_cell(outcome)}}", _STYLES[outcome] if number else "dim")
    line.append(f"{sum(row.judged for row in rows):>13,}")
    page.lines.append(line)


def _cell(outcome: Outcome) -> int:
    return len(_SHORT[outcome]) + 2


def _findings(page: _Page, account: Account) -> None:
    by_requirement: dict[str, list[Told]] = {}
    for told in told_findings(account):
        by_requirement.setdefault(told.requirement.id, []).append(told)
    loud = {name: found for name, found in by_requirement.items() if not _is_calm(found)}
    for first, *more in list(loud.values())[:MOST_BLOCKS]:
        _block(page, first, more)
    rest = list(loud)[MOST_BLOCKS:]
    if rest:
        page.gap()
        page.add(f"… and {len(rest)} more, in report.html: {', '.join(rest)}", most=4)

    _calm(page, [found for found in by_requirement.values() if _is_calm(found)])


def _is_calm(found: list[Told]) -> bool:
    """Whether a line is enough: all of it is accepted, or only the published document says otherwise."""
    return all(told.accepted or "full" not in told.requirement.columns for told in found)


def _calm(page: _Page, several: list[list[Told]]) -> None:
    """A line for each requirement whose findings decide nothing; the other reports have them whole."""
    if several:
        page.gap()
    for first, *_ in several:
        why = first.accepted or "in the published document only, decides nothing"
        page.add(f"· {first.requirement.id} ({first.how_often}): {why}", "dim", most=3)


def _block(page: _Page, told: Told, more: list[Told]) -> None:
    """At most ``MOST_ROWS`` rows: before the command has to go, texts get a line each."""
    page.gap()
    for lines, is_pasteable in ((2, True), (1, True), (1, False)):
        part = _part(_Page(page.width, page.encoding), told, more, lines, is_pasteable=is_pasteable)
        if part.rows <= MOST_ROWS + len(told.known) + len(told.circumstances):
            break
    page.lines += part.lines


def _part(part: _Page, told: Told, more: list[Told], lines: int, *, is_pasteable: bool) -> _Page:
    outcome = told.row.outcome
    style = _STYLES[outcome] if told.deciding else _STYLES[Outcome.WARN]
    first = f"; first of {len(more) + 1} findings{_of_them_accepted(told, more)}" if more else ""
    part.add(f"{SIGNS[outcome]} {told.requirement.id} ({told.how_often}{first})", style, most=1)
    part.add(told.requirement.sentence, indent=_INDENT, most=lines)
    part.labelled("expected", told.expected, most=lines)
    part.labelled("actual", told.actual, most=lines)
    only = "" if "full" in told.requirement.columns else " (published document only)"
    part.labelled("source", f"{told.requirement.source}{only}: “{told.requirement.quote}”", most=1)
    part.labelled("evidence", told.evidence, most=1)
    for circumstance in told.circumstances:
        part.labelled("perhaps", circumstance, most=lines)
    for known in told.known:
        part.labelled("upstream", known.sentence, most=1)
    _repeat(part, told.repeat.command if is_pasteable else "", told.repeat_note)
    return part


def _of_them_accepted(first: Told, more: list[Told]) -> str:
    """How many of the others are accepted, where the first is not."""
    number = 0 if first.accepted else sum(bool(told.accepted) for told in more)
    return f", {number} accepted" if number else ""


def _repeat(part: _Page, command: str, note: str) -> None:
    if not command:
        part.labelled("repeat", "see report.html", most=1)
        return
    part.whole("repeat", command)
    if note:
        part.labelled("", f"({note})", most=2)


def _problems(page: _Page, account: Account) -> None:
    rows, strict = account.verdict.rows, account.verdict.strict
    for outcome, title in ((Outcome.ERROR, "errors while judging"), (Outcome.NOT_JUDGED, "not judged")):
        _reasons(page, outcome, title, [row for row in rows if row.outcome is outcome], strict=strict)
    texts = [f"{SIGNS[Outcome.ERROR]} {text}" for text in account.verdict.errors]
    texts += [f"{SIGNS[Outcome.NOT_JUDGED]} {text}" for text in account.verdict.obstacles]
    for text in texts:
        page.gap()
        page.add(sentence(text), "bold", most=4)


def _reasons(page: _Page, outcome: Outcome, title: str, rows: list[Row], *, strict: bool) -> None:
    if not rows:
        return
    page.gap()
    page.add(f"{SIGNS[outcome]} {title}", _STYLES[outcome])
    reasons = by_reason(rows, strict=strict)
    for why, those in list(reasons.items())[:MOST_REASONS]:
        names = [row.requirement.id for row in those]
        head = f"{names[0]} ({those[0].requirement.level})" if len(those) == 1 else levels(those)
        page.add(f"{head}: {why}", indent=_INDENT, most=3)
        if len(those) > 1:
            page.add(", ".join(names), "dim", indent=_INDENT + 2, most=6)
    if len(reasons) > MOST_REASONS:
        page.add(f"… and {len(reasons) - MOST_REASONS} more reasons, in report.html", indent=_INDENT)


def _baseline(page: _Page, account: Account) -> None:
    if known_sentence(account):
        page.add(known_sentence(account), "yellow" if account.let_pass else "")
    if not account.acceptance.path:
        return
    problems = baseline_problems(account)
    page.add(baseline_sentence(account), "bold red" if problems else "")
    for problem in problems:
        page.add(problem, indent=_INDENT, most=4)


def _closing(page: _Page, account: Account) -> None:
    verdict = account.verdict
    if account.reach.volleys:
        page.add(volleys_sentence(account), "dim", most=2)
    page.add(f"server: {changes_sentence(account)}", "yellow" if _left(account) else "")
    if _left(account):
        for told in left_by_kind(account.ledger):
            page.add(f"left: {told}", indent=_INDENT, most=2)
        page.add(f"to find it: {search_sentence(account)}", indent=_INDENT, most=2)
    for circumstance in circumstances(account):
        page.add(f"{SIGNS[Outcome.WARN]} {circumstance}", "yellow")
    if alone_sentence(account):
        page.add(f"{SIGNS[Outcome.NOT_JUDGED]} {alone_sentence(account)}", "yellow")
    if sweep_command(account):
        page.pasteable("Finish it with:", sweep_command(account), "yellow")
    if credentials_sentence(account):
        page.add(f"{SIGNS[Outcome.WARN]} {credentials_sentence(account)}", "yellow")
    _baseline(page, account)
    style = _VERDICT_STYLES.get(verdict.word, "bold red")
    page.add(f"{VERDICT_SIGNS[verdict.word]} {headline(account)}", style, most=3)
    page.add(f"verdict: {verdict_sentence(verdict)} · {counts_sentence(verdict)}", style)
    if exit_sentence(account):
        page.add(exit_sentence(account), "bold")
    _files(page, account.paths)
    _next_steps(page, account)


def exit_sentence(account: Account) -> str:
    """Why the exit code is another than the verdict's; empty when it is not."""
    if account.exit_code is account.verdict.exit_code:
        return ""
    missing = account.allowance.missing(account.verdict)
    why = account.allowance.sentence(account.verdict) if missing or account.allowance.is_given else "as is accepted."
    return f"exit code {int(account.exit_code)}: {why}"


def _next_steps(page: _Page, account: Account) -> None:
    """What a reader of a red run may want to do now, as commands to paste."""
    deciding = [told.requirement.id for told in told_findings(account) if told.deciding]
    if not deciding or not account.paths:
        return
    folder = shlex.quote(str(Path(next(iter(account.paths.values()))).parent))
    steps = {
        "repeat it, clean up": f"repeat {folder} {deciding[0]}",
        "evidence to send": f"bundle {folder}",
        "accept for a while": f"baseline update {folder}",
    }
    page.add("next:")
    for label, command in steps.items():
        page.lines.append(page.text(f"{' ' * _INDENT}{label:<21}rocketchat-contract {command}"))


def verdict_lines(account: Account, encoding: str = "utf-8") -> str:
    """The verdict alone, in lines that are not folded; one more where the exit code is another than the verdict's."""
    verdict = account.verdict
    lines = [
        f"{VERDICT_SIGNS[verdict.word]} {headline(account)}",
        f"verdict: {verdict_sentence(verdict)} · {counts_sentence(verdict)}",
        *filter(None, [exit_sentence(account)]),
    ]
    return "".join(f"{encodable(visible(line), encoding)}\n" for line in lines)


def _files(page: _Page, paths: Mapping[str, str]) -> None:
    """The first file by its path, the others by their names."""
    if not paths:
        return
    first, *others = paths.values()
    page.lines.append(page.text(f"report: {first}"))
    if others:
        page.add(f"beside it: {', '.join(Path(path).name for path in others)}", indent=_INDENT)


def _left(account: Account) -> Iterable[str]:
    return account.ledger.left


def _rendered(page: _Page, *, colour: bool) -> str:
    file = io.StringIO()
    console = Console(
        file=file,
        width=page.width,
        color_system="standard" if colour else None,
        force_terminal=colour,
        no_color=not colour,
        legacy_windows=False,
        highlight=False,
        emoji=False,
        markup=False,
    )
    for line in page.lines:
        line.rstrip()
        console.print(line, soft_wrap=True)
    return file.getvalue()
