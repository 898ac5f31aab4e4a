"""What a sound document still leaves unsaid or contradicts: rules over any document, none of them about one page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rocketchat_contract.openapi import findings as kinds
from rocketchat_contract.openapi.document import operations
from rocketchat_contract.openapi.findings import FindingKind
from rocketchat_contract.openapi.grammar import ValueSite
from rocketchat_contract.openapi.mediatype import is_json
from rocketchat_contract.openapi.page import Endpoint
from rocketchat_contract.openapi.parts import (
    examples,
    media_types,
    members_named,
    parameters,
    responses,
)
from rocketchat_contract.openapi.pointer import Pointer, value_at
from rocketchat_contract.openapi.reading import TypeReader
from rocketchat_contract.openapi.repair import Repaired

_PER_VALUE = 3


@dataclass(frozen=True)
class Remark:
    """A finding without its line."""

    kind: FindingKind
    pointer: Pointer
    message: str


def remarks(repaired: Repaired, *, is_31: bool) -> Iterator[Remark]:
    """Gives every remark about a repaired document."""
    data = repaired.data
    reader = TypeReader(data, repaired.sites.schemas, is_31=is_31)
    reported = {each.pointer for each in repaired.unrepaired}
    for site in repaired.sites.values:
        yield from _broken_value(data, reader, site, reported)
    for operation, place in operations(data):
        yield from _differing_examples(data, place)
        yield from _demanding_nothing(data, reader, operation, place)
        yield from _few_refusals(data, operation, place)
    if not data.get("security") and not (data.get("components") or {}).get("securitySchemes"):
        yield Remark(kinds.NO_SECURITY_SCHEMES, (), "The document has no securitySchemes and no security.")


def _broken_value(data: Any, reader: TypeReader, site: ValueSite, reported: set[Pointer]) -> Iterator[Remark]:
    value = value_at(data, site.pointer)
    if site.keyword in {"enum", "const"} or (isinstance(value, str) and not is_json(site.media_type)):
        return
    shown = 0
    for error in reader.errors(value, site.schema):
        pointer = (*site.pointer, *error.instance_path)
        if pointer not in reported and shown < _PER_VALUE:
            shown += 1
            yield Remark(
                kinds.EXAMPLE_BREAKS_ITS_SCHEMA, pointer, f"The {site.keyword} breaks its schema: {error.message}."
            )


def _differing_examples(data: dict[str, Any], place: Pointer) -> Iterator[Remark]:
    answers = [
        value
        for status, response in responses(data, place)
        if status.startswith("2")
        for media in media_types(data, response)
        for _, value in examples(data, media)
    ]
    for at in parameters(data, place):
        name = value_at(data, at).get("name")
        given = [(where, value) for where, value in examples(data, at) if isinstance(value, str)]
        answered = [value for value in members_named(answers, name) if isinstance(value, str)]
        if given and answered and not {value for _, value in given} & set(answered):
            where, value = given[0]
            message = f"The example of {name} is {json.dumps(value)}; the example answer has {json.dumps(answered[0])}."
            yield Remark(kinds.PARAMETER_EXAMPLE_DIFFERS, where, message)


def _demanding_nothing(
    data: dict[str, Any], reader: TypeReader, operation: Endpoint, place: Pointer
) -> Iterator[Remark]:
    loose = {
        status: None
        for status, response in responses(data, place)
        for media in media_types(data, response)
        if is_json(str(media[-1]))
        if "schema" in value_at(data, media) and reader.accepts((*media, "schema"), {})
    }
    if loose:
        message = f"No response member is required at {operation}: {{}} is a valid {' and '.join(loose)}."
        yield Remark(kinds.NO_MEMBER_IS_REQUIRED, (*place, "responses"), message)


def _few_refusals(data: dict[str, Any], operation: Endpoint, place: Pointer) -> Iterator[Remark]:
    refusals = [(status, response) for status, response in responses(data, place) if status[:1] in {"4", "5", "d"}]
    shown = [
        each for _, response in refusals for media in media_types(data, response) for each in examples(data, media)
    ]
    if len(refusals) > 1 or len(shown) > 1:
        return
    only = f"only {refusals[0][0]}, with {'one example' if shown else 'no example'}" if refusals else "none"
    message = f"Refusals documented at {operation}: {only}."
    yield Remark(kinds.SINGLE_REFUSAL, (*place, "responses"), message)
