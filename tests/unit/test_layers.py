"""The import rule of ARCHITECTURE.md: imports go down only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import rocketchat_contract

PACKAGE = Path(rocketchat_contract.__file__).parent
LAYERS = (
    {"errors"},
    {"inputs"},
    {"config"},
    {"rocketchat"},
    {"openapi"},
    {"contract"},
    {"record"},
    {"judge"},
    {"client"},
    {"reference"},
    {"replay"},
    {"report"},
    {"results"},
    {"archive"},
    {"corpus"},
    {"run"},
    {"prove"},
    {"fleet"},
    {"face"},
    {"cli", "plugin"},
)
"""An import goes to a row above its own, so there is no cycle; rooms of one row know nothing of each other."""

LOOSE = {"errors", "plugin", "__init__", "__main__"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def layer(name: str) -> int:
    return next(height for height, parts in enumerate(LAYERS) if name in parts)


def part_of(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_parts(module: Path) -> set[str]:
    return set(_imported_parts(module))


def _imported_parts(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module == "rocketchat_contract":
            names += [f"rocketchat_contract.{alias.name}" for alias in node.names if alias.name != "__version__"]
        for name in names:
            package, _, rest = name.partition(".")
            if package == "rocketchat_contract" and rest:
                yield rest.split(".")[0]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.relative_to(PACKAGE).as_posix())
def test_imports_go_down_only(module: Path) -> None:
    part = part_of(module)
    if part in ("__init__", "__main__"):
        return

    upward = {name for name in imported_parts(module) - {part} if layer(name) >= layer(part)}

    assert upward == set()


def test_every_part_has_a_layer() -> None:
    parts = {part_of(module) for module in MODULES} - {"__init__", "__main__", "_data"}

    assert parts <= set().union(*LAYERS)


def test_no_other_module_is_loose() -> None:
    assert {part_of(module) for module in MODULES if module.parent == PACKAGE} == LOOSE


def test_words_of_the_server_have_one_home() -> None:
    homes = {PACKAGE / "rocketchat" / name for name in ("paths.py", "error_codes.py")}
    words = set().union(*map(texts_of, homes))

    judging = [each for each in MODULES if part_of(each) not in ("rocketchat", "reference")]

    assert {each.relative_to(PACKAGE).as_posix(): found for each in judging if (found := texts_of(each) & words)} == {}


def texts_of(module: Path) -> set[str]:
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_few_modules_handle_sockets() -> None:
    clients = {"socket", "http.client", "urllib.request", "requests", "httpx", "aiohttp", "urllib3"}
    judged = [module for module in MODULES if not module.is_relative_to(PACKAGE / "reference")]

    opening = {module.relative_to(PACKAGE).as_posix() for module in judged if clients & set(all_imports(module))}

    on_open_ones = {"client/kernel.py", "client/one_call.py", "client/release.py"}
    assert opening - on_open_ones == {"client/dial.py", "client/transport.py", "archive/webhook.py"}


def all_imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
