"""An OpenAPI 3.0 or 3.1 document taken from a page, with the line of every place in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.grammar import Reference, Sites, sites
from rocketchat_contract.openapi.jsontext import Located, parse_json_text
from rocketchat_contract.openapi.page import (
    Endpoint,
    Page,
    contract_block,
    read_page,
    speaks_of_contract,
)
from rocketchat_contract.openapi.pointer import Pointer, pointer_text, reference_target, value_at
from rocketchat_contract.openapi.weight import refuse_costly, refuse_large
from rocketchat_contract.openapi.yamltext import parse_yaml

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_VERSION = re.compile(r"3\.(0|1)(\..*)?")
_CHAIN_LIMIT = 50
_NEXT_VERSION = "Give an OpenAPI 3.0 or 3.1 document."


@dataclass(frozen=True)
class PublishedDocument:
    """The contract as published: the page it came from, its value as it stands there, and its lines.

    It begins at ``block_line`` of the page and is ``block_lines`` long.
    """

    page: Page
    located: Located
    block_line: int
    block_lines: int

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.located.data
        return data

    @property
    def version(self) -> str:
        return str(self.data["openapi"])

    @property
    def is_31(self) -> bool:
        return self.version.startswith("3.1")

    def line(self, pointer: Pointer) -> int:
        return self.located.line(pointer)


def load_document(path: Path, operation: Endpoint | None = None) -> PublishedDocument:
    """Takes the OpenAPI document out of a file, narrowed to one operation when one is named.

    Raises UsageError for whatever is not a readable document with local, resolvable references.
    """
    page = read_page(path)
    block = contract_block(page, operation)
    if not speaks_of_contract(block.text):
        raise UsageError(f"{page.name} is not an OpenAPI document: it has no openapi member.", _NEXT_VERSION)
    parse = parse_json_text if block.language == "json" else parse_yaml
    located = parse(block.text, page.name, block.first_line)
    document = PublishedDocument(page, located, block.first_line, block.text.count("\n") + 1)
    _refuse_other_formats(document)
    if operation:
        document = narrowed(document, operation)
    refuse_large(document.data, page.name)
    found = sites(document.data, is_31=document.is_31)
    _refuse_references(document, found)
    refuse_costly(document.data, found.schemas, [site.schema for site in found.values], page.name)
    return document


def operations(data: dict[str, Any]) -> Iterator[tuple[Endpoint, Pointer]]:
    """Gives each operation of the document with its place."""
    paths = data.get("paths")
    for path, item in (paths if isinstance(paths, dict) else {}).items():
        if not path.startswith("/") or not isinstance(item, dict):
            continue
        for method in _METHODS:
            if isinstance(item.get(method), dict):
                yield Endpoint(method, path), ("paths", path, method)


def narrowed(document: PublishedDocument, operation: Endpoint) -> PublishedDocument:
    """Keeps one operation and what it shares and refers to; every place keeps its name."""
    known = [found for found, _ in operations(document.data)]
    if operation not in known:
        listed = ", ".join(map(str, known[:5])) + (", …" if len(known) > 5 else "")
        raise UsageError(
            f"{document.page.name} has no operation {operation}.",
            f"Choose one of: {listed}." if known else _NEXT_VERSION,
        )
    data = {key: value for key, value in document.data.items() if key != "webhooks"}
    item = data["paths"][operation.path]
    others = set(_METHODS) - {operation.method}
    kept = {operation.path: {key: value for key, value in item.items() if key not in others}}
    narrow = _closed_over_references(data, {**data, "paths": kept, "components": {}}, is_31=document.is_31)
    return replace(document, located=Located(narrow, document.located.lines))


def _closed_over_references(whole: dict[str, Any], part: dict[str, Any], *, is_31: bool) -> dict[str, Any]:
    """Adds the components and paths that the part refers to, until nothing is missing."""
    components: dict[str, Any] = {}
    if "securitySchemes" in whole.get("components", {}):
        components["securitySchemes"] = whole["components"]["securitySchemes"]
    for _ in range(_CHAIN_LIMIT):
        part = {**part, "components": components} if components else _without(part, "components")
        targets = [reference.target for reference in sites(part, whole=whole, is_31=is_31).references]
        missing = [target for target in targets if target and len(target) > 1 and not _holds(part, target)]
        if not missing:
            return part
        for target in missing:
            if target[0] == "components" and len(target) > 2:
                section, name = str(target[1]), str(target[2])
                components.setdefault(section, {})[name] = whole["components"][section][name]
            else:
                section, name = str(target[0]), str(target[1])
                part[section] = {**part.get(section, {}), name: whole[section][name]}
        refuse_large(part, "The operation")
    raise UsageError(f"References lead from one to the next more than {_CHAIN_LIMIT} times.", "Flatten them.")


def _without(part: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name}


def _holds(part: dict[str, Any], target: Pointer) -> bool:
    try:
        value_at(part, target)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _refuse_other_formats(document: PublishedDocument) -> None:
    name, data = document.page.name, document.located.data
    if not isinstance(data, dict) or not ({"openapi", "swagger"} & data.keys()):
        raise UsageError(f"{name} is not an OpenAPI document: it has no openapi member.", _NEXT_VERSION)
    if "openapi" not in data:
        raise UsageError(f"{name} is a Swagger 2.0 document.", "Convert it to OpenAPI 3.0 with a converter first.")
    version = str(data["openapi"])
    if not _VERSION.fullmatch(version):
        raise UsageError(f"{name} says openapi={version[:20]!r}, which is not 3.0 or 3.1.", _NEXT_VERSION)


def _refuse_references(document: PublishedDocument, found: Sites) -> None:
    next_of = {reference.pointer[:-1]: reference.target for reference in found.references}
    for reference in found.references:
        if reference.target is None:
            raise _reference_refusal(document, reference)
        target: Pointer | None = reference.target
        for _ in range(_CHAIN_LIMIT):
            target = next_of.get(target) if target else None
        if target:
            raise _endless_refusal(document, reference)


def _endless_refusal(document: PublishedDocument, reference: Reference) -> UsageError:
    return UsageError(
        f"{document.page.name}:{document.line(reference.pointer)}: the $ref at {pointer_text(reference.pointer)} "
        f"leads from reference to reference more than {_CHAIN_LIMIT} times.",
        "Let it point to what it means.",
    )


def _reference_refusal(document: PublishedDocument, reference: Reference) -> UsageError:
    place = f"{document.page.name}:{document.line(reference.pointer)}"
    where = f"the $ref at {pointer_text(reference.pointer)}"
    if reference.text.startswith("#"):
        return UsageError(
            f"{place}: {where} points to {reference.text}, which is not in the document.",
            "Fix the reference.",
        )
    return UsageError(
        f"{place}: {where} points outside the document, to {reference.text}; nothing is ever fetched.",
        "Bundle the document into one file first.",
    )


def followed(data: dict[str, Any], pointer: Pointer) -> Pointer:
    """Follows references from a place to the place of what they stand for; a circle ends where it closes."""
    seen: set[Pointer] = set()
    while pointer not in seen:
        seen.add(pointer)
        node = value_at(data, pointer)
        reference = node.get("$ref") if isinstance(node, dict) else None
        pointer = (reference_target(data, reference) if isinstance(reference, str) else None) or pointer
    return pointer
