"""Every message of the code with its next step, as a page of the documentation.

    python tests/support/messages.py > docs/messages.md

Errors are read from the source where they are raised; reasons why something was not judged from their tables.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from rocketchat_contract.client import diagnosis, facts
from rocketchat_contract.judge import model, observation
from rocketchat_contract.judge.fate import Fate, Why
from rocketchat_contract.report import unjudged

SOURCE = Path(__file__).resolve().parents[2] / "src" / "rocketchat_contract"
ERRORS = frozenset({"UsageError", "TargetError", "SuiteError", "InputError", "RunStoppedError", "BudgetSpentError"})
SECTIONS = {
    "client": "The target and the connection",
    "run": "Runs",
    "cli": "Commands",
    "config": "Options and configuration",
    "contract": "The contract, its selection, known deviations",
    "openapi": "OpenAPI pages and overlays",
    "record": "Records and captures",
    "results": "Baselines and judging again",
    "corpus": "The corpus",
    "archive": "Kept runs: bundle, diff, history, prune, notify",
    "fleet": "Fleets",
    "reference": "The embedded server",
    "prove": "Proofs and replays",
    "replay": "Proofs and replays",
    "inputs": "Files",
    "report": "Files",
}
"""Packages, and the section of the page that has their messages; ``Files`` comes last."""

HEAD = """\
# Every message

Written by `python tests/support/messages.py`; do not edit. Words in capitals stand for what differs.
[Troubleshooting](troubleshooting.md) says more about the common ones.
"""
_SAID = "The message names it."
_STOPS = frozenset({"RunStoppedError", "BudgetSpentError"})
_STOPPED = "The report says what was judged until then. Run again; where something is left, with sweep first."


class Message(NamedTuple):
    """What is printed, and what to do; ``section`` is the one of the page."""

    section: str
    problem: str
    next_step: str


class Module:
    """A module's source, in which texts are followed to where they are written."""

    def __init__(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        self.lines = text.splitlines()
        self.tree = ast.parse(text)
        self.functions = {each.name: each for each in ast.walk(self.tree) if isinstance(each, ast.FunctionDef)}

    def calls(self) -> Iterator[tuple[ast.Call, ast.AST]]:
        """Each call with the function that it stands in."""
        seen = set()
        for home in [*reversed(list(self.functions.values())), self.tree]:
            for node in ast.walk(home):
                if isinstance(node, ast.Call) and node not in seen:
                    seen.add(node)
                    yield node, home

    def texts(self, node: ast.AST, home: ast.AST, depth: int = 4) -> list[str]:
        """What an expression may say; nothing where that comes from elsewhere."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [node.value]
        if isinstance(node, ast.JoinedStr):
            return [_joined(node)]
        inner = self._inner(node, home) if depth else []
        return [text for each in inner for text in self.texts(each, home, depth - 1)]

    def _inner(self, node: ast.AST, home: ast.AST) -> list[ast.AST]:
        if isinstance(node, ast.IfExp):
            return [node.body, node.orelse]
        if isinstance(node, ast.BoolOp):
            return list(node.values)
        if isinstance(node, ast.Attribute) and node.attr == "next_step" and isinstance(node.value, ast.Name):
            kinds = _assigned(self.tree, node.value.id, len(self.lines))
            return [each.args[1] for each in kinds if isinstance(each, ast.Call)]
        if isinstance(node, ast.Name):
            return _assigned(home, node.id, node.lineno) or _assigned(self.tree, node.id, len(self.lines))
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            tables = _assigned(self.tree, node.value.id, len(self.lines))
            return [value for each in tables for value in getattr(each, "values", [])]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._of_a_call(node)
        return []

    def _of_a_call(self, call: ast.Call) -> list[ast.AST]:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name == "did_you_mean":
            return [ast.JoinedStr([ast.Constant("Did you mean NAME? "), call.args[2], ast.Constant(": NAMES.")])]
        function = self.functions.get(name)
        returns = [] if function is None else [each for each in ast.walk(function) if isinstance(each, ast.Return)]
        return [each.value for each in returns if each.value is not None]


def _assigned(home: ast.AST, name: str, before: int) -> list[ast.expr]:
    """The value that a name was given last before a line; none when it is a parameter."""
    found = [
        (node.lineno, node.value)
        for node in ast.walk(home)
        if isinstance(node, ast.Assign) and node.lineno <= before
        if any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    return [value for _, value in sorted(found, key=lambda each: each[0])[-1:]]


def _joined(text: ast.JoinedStr) -> str:
    """A text with words in capitals for what differs; an ending that may be there or not is left out."""
    said = ""
    for part in text.values:
        if isinstance(part, ast.Constant):
            said += str(part.value)
        elif not said[-1:].isalnum():
            said += _stand_in(ast.unparse(part.value if isinstance(part, ast.FormattedValue) else part))
    return said


def _stand_in(expression: str) -> str:
    """A word in capitals for what an expression gives."""
    if re.search(r"error|problem|reason|strerror|failure|said", expression):
        return "REASON"
    names = [name for name in re.findall(r"[A-Za-z][A-Za-z0-9_]*", expression) if name not in ("str", "self", "len")]
    return names[-1].strip("_").upper().replace("_", " ") if names else "…"


def raised() -> Iterator[Message]:
    """The errors and the reasons to stop, each as it is raised; what only hands another's text on is left out."""
    for path in sorted(each for each in SOURCE.rglob("*.py") if each.name != "bounded.py"):
        module = Module(path)
        section = SECTIONS.get(path.relative_to(SOURCE).parts[0], "Files")
        for call, home in module.calls():
            name = call.func.id if isinstance(call.func, ast.Name) else ""
            if name in ERRORS and call.args:
                steps = module.texts(call.args[1], home) if len(call.args) > 1 else []
                otherwise = _STOPPED if name in _STOPS else _SAID
                for problem in module.texts(call.args[0], home):
                    if problem.startswith(("its time", "WHERE: REASON", "WHAT PATH", "URL MEANS")):
                        continue
                    yield Message(section, problem, " Or: ".join(dict.fromkeys(filter(None, steps))) or otherwise)
            elif name == "FileKind":
                what, step = (module.texts(each, home)[0] for each in call.args)
                yield Message("Files", f"{what} PATH cannot be read, is too large, or holds something else.", step)


def of_the_target() -> Iterator[Message]:
    """What the answers and the failures of a target mean."""
    for _, means, helps in diagnosis._SIGNS:
        yield Message(SECTIONS["client"], f"URL {means}: REASON.", helps)
    for kind, step in (*diagnosis._NEXT_STEPS.items(), *diagnosis._TLS_STEPS.items()):
        yield Message(SECTIONS["client"], f"URL gives no answer: REASON ({kind}).", step)


def not_judged() -> Iterator[Message]:
    """Why a requirement was not judged, and the advice."""
    section = "Not judged"
    for fate, words in unjudged._FATES.items():
        verb = "" if fate is Fate.BROKEN else "were "
        yield Message(section, f"All N such calls {verb}{words.format('DETAIL')}.", unjudged._ADVICE[fate])
    yield Message(section, "All N such calls were not answered (timeout).", unjudged._ADVICE_ON_TIMEOUT)
    kinds = {
        Why.NO_OVERLAP: "No calls overlapped; or: Of N simultaneous calls at most N overlapped.",
        Why.NARROW: "Of N simultaneous calls the limiter let N through.",
        Why.BUDGET: "The budget of N room calls (profile PROFILE) is spent.",
        Why.NOT_SHOWN: unjudged.NOTHING_SHOWED_IT,
    }
    yield from (Message(section, words, unjudged._ADVICE_OF[why]) for why, words in kinds.items())
    for sentence in (*model.OBSTACLES.values(), *facts._SETTINGS.values()):
        problem, _, step = sentence.partition(": ")
        yield Message(section, f"{problem}.", step[:1].upper() + step[1:])
    yield Message(section, "The run was interrupted (SIGNAL).", "Run again, and let it come to its end.")
    yield Message(section, "The profile readonly opens no room.", "Choose another --profile, or --accept-incomplete.")
    limits = {each.reason for each in (*observation.IN_A_FILE.values(), *observation.WITHOUT_TOKENS.values())}
    outside = {each.reason for each in observation.UNSEEN_DEEDS.values()}
    for reason in sorted(limits):
        yield Message(section, reason, "Judge a run of this suite instead.")
    for reason in sorted(outside):
        yield Message(section, reason, "If nobody else acted on these visitors, judge with --alone.")


def messages() -> list[Message]:
    """All of them, each once, in the order of the page."""
    every = list(dict.fromkeys([*not_judged(), *of_the_target(), *raised()]))
    order = ["Not judged", *dict.fromkeys(SECTIONS.values())]
    return sorted(every, key=lambda each: (order.index(each.section), each.problem))


def page(every: Iterable[Message]) -> str:
    """The page as Markdown."""
    lines, section = [HEAD], ""
    for each in every:
        if each.section != section:
            section = each.section
            lines += [
                *([""] if len(lines) > 1 else []),
                f"## {section}",
                "",
                "| message | what to do |",
                "| --- | --- |",
            ]
        lines.append(f"| {_cell(each.problem)} | {_cell(each.next_step)} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return re.sub(r"([|\[\]<>*$])", r"\\\1", " ".join(text.split()))


if __name__ == "__main__":
    print(page(messages()))
