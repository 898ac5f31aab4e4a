"""The words that users do not read, and the texts of the suite that they do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BANNED = re.compile(
    r"\b(?:mend(?:s|ed|ing)?|weather|lives visitors|(?:is|are|not|as|target|somebody) told|tells? no"
    r"|whoever answers for|volleys?|walls|musts|shoulds|(?:a|an|every|broken) (?:must|should)|put right|adrift|limbo"
    r"|(?<!there )is no (?:folder|file|list)|told right|unless told)\b"
    r"|\((?:must|should)[,)]",
    re.IGNORECASE,
)
"""Private words; CONTRIBUTING says what stands in their place."""

COMMANDS = ("command", "group")


def printed_texts() -> Iterator[tuple[str, str]]:
    """Every text in the code that may reach a user, with its place: literals and the help of commands."""
    for path in sorted((ROOT / "src").rglob("*.py")):
        if "reference" in path.parts:  # what the embedded server says, as Rocket.Chat does
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        silent = set(_comments(tree))
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()
            if is_text and node not in silent:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.value


def _comments(tree: ast.Module) -> Iterator[ast.expr]:
    """Texts that stand alone, which are for whoever reads the code; the help of a command is printed."""
    for node in ast.walk(tree):
        for each in getattr(node, "body", []) if isinstance(getattr(node, "body", []), list) else []:
            if isinstance(each, ast.Expr) and not _is_command(node):
                yield each.value


def _is_command(node: ast.AST) -> bool:
    decorators = [ast.unparse(each) for each in getattr(node, "decorator_list", [])]
    return any(re.search(rf"\b({'|'.join(COMMANDS)})\b", each) for each in decorators)


def spec_texts() -> Iterator[tuple[str, str]]:
    """The sentences of the requirements and of known deviations, and the pages of the reports."""
    for path in (ROOT / "spec" / "requirements.toml", ROOT / "spec" / "known.toml"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith(("sentence", "what", "meaning", "advice", "only_when")):
                yield f"{path.name}:{number}", line
    for path in sorted((ROOT / "src").rglob("templates/*.html")):
        yield path.name, re.sub(r"\{[{%].*?[%}]\}", "", path.read_text(encoding="utf-8"))


def golden_texts() -> Iterator[tuple[str, str]]:
    """Whole outputs as the tests agree on them, but for a driver's name and a key."""
    for path in sorted((ROOT / "tests").rglob("golden/*")):
        yield path.name, re.sub(r"\bvolleys?\b", "", path.read_text(encoding="utf-8"))
