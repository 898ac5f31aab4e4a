"""Which server has which fault stands in a baseline, never in a check."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import rocketchat_contract.judge as package

CHECKS = sorted(Path(package.__file__).parent.glob("*.py"))
VERSION = re.compile(r"\d+\.\d+\.\d+|[<>=]=? *\d+\.\d+|edition", re.IGNORECASE)


def texts(module: Path) -> Iterator[str]:
    """The texts of a module without its docstrings, and the names that it compares."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


@pytest.mark.parametrize("module", CHECKS, ids=lambda module: module.stem)
def test_no_check_knows_a_version(module: Path) -> None:
    assert [text for text in texts(module) if VERSION.search(text)] == []


@pytest.mark.parametrize("module", CHECKS, ids=lambda module: module.stem)
def test_no_check_asks_for_the_version(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert not {name for name in names if "version" in name or "edition" in name}
