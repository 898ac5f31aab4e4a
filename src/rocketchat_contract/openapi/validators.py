"""Whether a body is valid for its status: compiled once per status, fast in bulk, exact in what it tells.

jsonschema-rs says yes or no; the reference, jsonschema, says what is wrong. Both read the same schemas and check
formats with the same functions; a test holds them to the same answer on thousands of bodies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

import jsonschema_rs

from rocketchat_contract.errors import UsageError
from rocketchat_contract.openapi.dialect import FORMATS, json_schema_document
from rocketchat_contract.openapi.document import followed
from rocketchat_contract.openapi.grammar import sites
from rocketchat_contract.openapi.mediatype import is_json
from rocketchat_contract.openapi.page import Endpoint
from rocketchat_contract.openapi.parts import media_types, responses
from rocketchat_contract.openapi.pointer import Pointer, pointer_text, value_at

_SHOWN = 80


@dataclass(frozen=True)
class SchemaError:
    """One thing wrong with a body: where, which keyword says so, what it expects and what is there."""

    pointer: str
    keyword: str
    expected: str
    actual: str


@dataclass(frozen=True, eq=False)
class _BodySchema:
    """The schema of one status in both engines; the reference is built when an error has to be told."""

    root: dict[str, Any]
    is_31: bool
    fast: Any

    @cached_property
    def reference(self) -> Any:
        import jsonschema  # noqa: PLC0415 - heavy, and only a broken body needs it

        checker = jsonschema.FormatChecker(formats=[])
        for name, check in FORMATS.items():
            checker.checks(name)(check)
        engine = jsonschema.Draft202012Validator if self.is_31 else jsonschema.Draft4Validator
        return engine(self.root, format_checker=checker)

    def is_valid(self, body: object) -> bool:
        try:
            return bool(self.fast.is_valid(body))
        except ValueError:  # what JSON cannot hold, such as half of a surrogate pair, or too many levels
            return not self.errors(body)

    def errors(self, body: object) -> set[SchemaError]:
        try:
            return {reported for error in self.reference.iter_errors(body) for reported in _rendered(error)}
        except RecursionError:  # a circular schema, or a body of thousands of levels
            return set(self._blunt_errors(body))

    def _blunt_errors(self, body: object) -> Iterator[SchemaError]:
        try:
            for error in self.fast.iter_errors(body):
                yield SchemaError(_place(error.instance_path), "schema", "a valid value", _cut(error.message))
        except ValueError:
            yield SchemaError("", "schema", "a value that can be judged", "too many levels")


@dataclass(frozen=True, eq=False)
class BodySchemas:
    """The documented answers of one operation; statuses are as documented: ``200``, ``4XX``, ``default``."""

    media_types: Mapping[str, frozenset[str]]
    _schemas: Mapping[str, _BodySchema]

    @classmethod
    def of(cls, document: dict[str, Any], path: str, method: str) -> BodySchemas:
        """Compiles the schemas of an operation; raises UsageError when it is missing or one is broken."""
        operation = Endpoint(method.lower(), path)
        place: Pointer = ("paths", path, operation.method)
        if operation.method not in document.get("paths", {}).get(path, {}):
            raise UsageError(f"The document has no operation {operation}.", "Check the document.")
        is_31 = str(document.get("openapi")).startswith("3.1")
        plain = json_schema_document(document, sites(document, is_31=is_31).schemas, is_31=is_31)
        media = {
            status: frozenset(str(each[-1]) for each in media_types(document, response))
            for status, response in responses(document, place)
        }
        return cls(media, dict(_compiled(plain, document, place, is_31=is_31)))

    @property
    def statuses(self) -> frozenset[str]:
        return frozenset(self.media_types)

    @property
    def with_schema(self) -> frozenset[str]:
        """The documented statuses that a JSON body is judged by."""
        return frozenset(self._schemas)

    def documented_as(self, status: int) -> str | None:
        """Gives the documented status that speaks for a status: itself, its range, or ``default``."""
        known = self._documented
        if status not in known:
            by_name = {name.upper(): name for name in self.media_types}
            names = (str(status), f"{status // 100}XX", "DEFAULT")
            known[status] = next((by_name[name] for name in names if name in by_name), None)
        return known[status]

    @cached_property
    def _documented(self) -> dict[int, str | None]:
        return {}

    def is_valid(self, status: int, body: object) -> bool:
        """Tells whether a JSON body is valid; where no JSON schema is documented, none can be broken."""
        schema = self._schemas.get(self.documented_as(status) or "")
        return schema is None or schema.is_valid(body)

    def errors(self, status: int, body: object, limit: int = 5) -> tuple[SchemaError, ...]:
        """Gives the first errors of a JSON body in the order of their places."""
        schema = self._schemas.get(self.documented_as(status) or "")
        if schema is None or schema.is_valid(body):
            return ()
        found = sorted(schema.errors(body), key=lambda each: (each.pointer, each.keyword, each.expected))
        return tuple(found[:limit])


def _compiled(
    plain: dict[str, Any], document: dict[str, Any], place: Pointer, *, is_31: bool
) -> Iterator[tuple[str, _BodySchema]]:
    for status, response in responses(document, place):
        json_types = [each for each in media_types(document, response) if is_json(str(each[-1]))]
        if json_types and "schema" in value_at(document, json_types[0]):
            schema = followed(document, (*json_types[0], "schema"))
            yield status, _compile(plain, schema, is_31=is_31)


def _compile(plain: dict[str, Any], schema: Pointer, *, is_31: bool) -> _BodySchema:
    # The whole document stands beside the reference, so that #/components/… is found in it.
    root = {**plain, "allOf": [{"$ref": "#" + quote(pointer_text(schema))}]}
    engine = jsonschema_rs.Draft202012Validator if is_31 else jsonschema_rs.Draft4Validator
    try:
        return _BodySchema(root, is_31, engine(root, formats=FORMATS, validate_formats=True, offline=True))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        problem = getattr(error, "message", None) or str(error)
        raise UsageError(
            f"The schema at {pointer_text(schema)} is broken: {' '.join(problem.split())[:200]}.",
            "Fix the document or the overlay that changes it.",
        ) from None


def _rendered(error: Any) -> Iterator[SchemaError]:
    place = _place(error.absolute_path)
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        for name in missing:
            yield SchemaError(f"{place}/{_escaped(name)}", "required", "a member", _cut(f'no "{name}" member'))
        return
    yield SchemaError(place, str(error.validator), _expected(error), _shown(error.instance))


def _expected(error: Any) -> str:
    value = error.validator_value
    match error.validator:
        case "type" | "anyOf" | "oneOf":
            return _described({error.validator: value})
        case "enum":
            return " or ".join(map(_shown, value))
        case "format":
            return f"a {value}"
        case "minLength" if value == 1:
            return "a string that is not empty"
        case "additionalProperties":
            return "no further member"
        case keyword:
            return f"{keyword} {_shown(value)}"


def _described(schema: Any) -> str:
    if not isinstance(schema, dict):
        return "another value"
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(map(_described, schema[word])))
    if "enum" in schema:
        return " or ".join(map(_shown, schema["enum"]))
    types = schema.get("type", "another value")
    return " or ".join(types) if isinstance(types, list) else str(types)


def _shown(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):
        return f"a {type(value).__name__}"
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _place(path: Any) -> str:
    return pointer_text(tuple(path))


def _escaped(name: str) -> str:
    return pointer_text((name,))[1:]
