"""Whether a document is valid OpenAPI, told by openapi-spec-validator, with the place that is really wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from rocketchat_contract.openapi.grammar import sites
from rocketchat_contract.openapi.pointer import Pointer, value_at, with_changes

LIMIT = 20
_PATTERNS: dict[str, Any] = {"pattern": "", "patternProperties": {}}


@dataclass(frozen=True)
class Invalidity:
    """One thing openapi-spec-validator has against a document."""

    pointer: Pointer
    message: str


def invalidities(data: dict[str, Any], *, is_31: bool) -> list[Invalidity] | None:
    """Lists what is wrong, at most 20 things; None when the validator itself fails on the document."""
    try:
        plain = _without_path_extensions(_without_patterns(data, is_31=is_31))
        return list(_invalidities(plain, is_31=is_31))
    except Exception:  # a validator that breaks has not checked anything; that is what None says
        return None


def _invalidities(data: dict[str, Any], *, is_31: bool) -> Iterator[Invalidity]:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - heavy, and only an audit needs it

    validator = _validator(data, is_31=is_31)
    reported = 0
    for error in validator.schema_validator.iter_errors(data):
        best = best_match([error]) or error
        yield Invalidity(tuple(best.absolute_path), best.message)
        reported += 1
        if reported == LIMIT:
            return
    if reported:
        return  # what follows relies on a sound structure
    for error, _ in zip(validator.root_validator(validator.schema_path), range(LIMIT), strict=False):
        yield Invalidity((), error.message)  # its path is relative to a place it does not name


def _without_patterns(data: dict[str, Any], *, is_31: bool) -> dict[str, Any]:
    """Leaves out what the validator would follow with an engine that can hang; values are checked elsewhere."""
    changes: dict[Pointer, Any] = {}
    for pointer in sites(data, is_31=is_31).schemas:
        schema = value_at(data, pointer)
        found = [(word, empty) for word, empty in _PATTERNS.items() if type(schema.get(word)) is type(empty)]
        changes |= {(*pointer, word): empty for word, empty in found}
    return cast("dict[str, Any]", with_changes(data, changes))


def _without_path_extensions(data: dict[str, Any]) -> dict[str, Any]:
    """Leaves out what the validator would take for a path: ``x-`` members beside the paths."""
    paths = data.get("paths")
    if not isinstance(paths, dict):
        return data
    return {**data, "paths": {name: item for name, item in paths.items() if not str(name).startswith("x-")}}


def _validator(data: dict[str, Any], *, is_31: bool) -> Any:
    from jsonschema.validators import validator_for  # noqa: PLC0415 - heavy, and only an audit needs it
    from openapi_spec_validator import (  # noqa: PLC0415 - heavy, and only an audit needs it
        OpenAPIV30SpecValidator,
        OpenAPIV31SpecValidator,
        schemas,
    )

    schema = dict(schemas.schema_v31 if is_31 else schemas.schema_v30)
    base: Any = OpenAPIV31SpecValidator if is_31 else OpenAPIV30SpecValidator
    members = {
        # the faster engine never names the keyword that is wrong
        "schema_validator": validator_for(schema)(schema, registry=_crawled(schema)),
        "resolver_handlers": {},  # nothing is ever fetched
    }
    return type("LocalValidator", (base,), members)(data)


def _crawled(schema: dict[str, Any]) -> Any:
    """The schema with its anchors already found; else they are sought anew at every reference."""
    from referencing import Registry, Resource  # noqa: PLC0415 - as heavy as the engine that needs it

    resource = Resource.from_contents(schema)
    return Registry().with_resource(resource.id() or "", resource).crawl()
