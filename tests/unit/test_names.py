"""A public name means one thing, wherever it is defined."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import rocketchat_contract

PACKAGE = Path(rocketchat_contract.__file__).parent
SHARED = {
    "main": "each program's entry point",
    "family": "each module of wrong servers registers its own by it",
    "variants": "each module of conformant variants registers its own by it",
    "prove": "a command is called what it calls",
    "replay": "a command is called what it calls",
}
"""Public names that more than one module defines, with the reason."""


def test_no_public_name_has_two_meanings() -> None:
    homes = defaultdict(set)
    for module in PACKAGE.rglob("*.py"):
        for name in public_names(ast.parse(module.read_text(encoding="utf-8"))):
            homes[name].add(module.relative_to(PACKAGE).as_posix())

    assert {name: sorted(where) for name, where in homes.items() if len(where) > 1 and name not in SHARED} == {}


def test_every_exception_is_needed() -> None:
    names = [
        name
        for module in PACKAGE.rglob("*.py")
        for name in set(public_names(ast.parse(module.read_text(encoding="utf-8"))))
    ]

    assert [name for name in SHARED if names.count(name) < 2] == []


def public_names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            names = []
        yield from (name for name in names if not name.startswith("_"))
