"""The requirements of a contract: the whole catalogue for livechat/room, what holds for any operation for another.

The ids are the same, so that reports and baselines of both speak of the same promises. What the document promises
is quoted from the other operation's own page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from rocketchat_contract.contract.requirements import Requirement, Requirements, load_requirements
from rocketchat_contract.contract.vendored import ROOM, STEM, Contract, spec_folder
from rocketchat_contract.openapi.document import PublishedDocument, followed, load_document
from rocketchat_contract.openapi.mediatype import is_json
from rocketchat_contract.openapi.page import read_page
from rocketchat_contract.openapi.parts import media_types, responses
from rocketchat_contract.openapi.pointer import Pointer, value_at

OF_ANY_OPERATION = (
    "a-body-is-strict-json",
    "a-body-has-no-byte-order-mark",
    "a-body-is-utf-8",
    "member-names-are-unique",
    "a-body-is-complete",
    "a-call-is-answered",
    "an-answer-is-not-coded-unasked",
    "gateways-pass-calls-on",
    "nothing-internal-leaks",
)
"""Requirements of the catalogue that come from standards, so that they hold as they stand."""

_PAGE = f"spec/{STEM}.md"
"""The vendored page, as its place in the repository."""

_ROBUST = ("no-call-ends-in-a-server-error", "ordinary-calls-end-well")


def load_catalogue(contract: Contract) -> Requirements:
    """The requirements that a contract is judged by, in the order of ``spec/requirements.toml``."""
    catalogue = load_requirements(spec_folder() / "requirements.toml")
    if contract.operation == ROOM:
        return _placed(catalogue, contract)
    document = load_document(contract.page, contract.operation)
    derived = {each.id: each for each in _Derivation(catalogue, contract, document).requirements()}
    order = {group: place for place, group in enumerate(catalogue.groups)}
    records = sorted(derived.values(), key=lambda each: (order[each.group], each.line))
    used = {each.group for each in records}
    groups = {name: sentence for name, sentence in catalogue.groups.items() if name in used}
    return Requirements(tuple(records), groups)


def _placed(catalogue: Requirements, contract: Contract) -> Requirements:
    """The catalogue whose quotes of the page know their line there."""
    text = read_page(contract.page).text
    return replace(catalogue, records=tuple(_quoted(each, text) for each in catalogue))


def _quoted(requirement: Requirement, text: str) -> Requirement:
    at = text.find(requirement.quote) if requirement.source in ("document", "prose") else -1
    return requirement if at < 0 else replace(requirement, page=_PAGE, page_line=text.count("\n", 0, at) + 1)


@dataclass(frozen=True)
class _Derivation:
    """Takes requirements over to another operation; each gets a quote of that operation's page."""

    catalogue: Requirements
    contract: Contract
    document: PublishedDocument

    def requirements(self) -> Iterator[Requirement]:
        yield from (self.catalogue[name] for name in OF_ANY_OPERATION)
        yield from self._statuses()
        yield from self._schemas()
        yield from self._envelope()
        yield from (self._taken(name, ("responses",)) for name in _ROBUST)

    def _statuses(self) -> Iterator[Requirement]:
        listed = ", ".join(sorted(self.contract.full_bodies.statuses))
        sentence = f"An answer has one of the statuses of the full contract: {listed}, or 429 from the limiter."
        yield self._taken("a-status-is-published", ("responses",))
        yield self._taken("a-status-is-documented", ("responses",), sentence=sentence)
        if all(map(is_json, self._media_types())):
            yield self._taken("an-answer-is-json", ("responses",))

    def _media_types(self) -> Iterator[str]:
        for names in self.contract.full_bodies.media_types.values():
            yield from names

    def _schemas(self) -> Iterator[Requirement]:
        published, full = self.contract.published_bodies.with_schema, self.contract.full_bodies.with_schema
        for status in sorted(filter(str.isdigit, published | full)):
            model = status if status in ("200", "400", "429") else "400"
            more = {} if status == "200" else {"only_when": f"a call was answered with {status}"}
            for column, known in (("published", published), ("full", full)):
                if status not in known or (model == "429" and column == "published"):
                    continue
                base = f"a-{model}-fits-the-{column}-schema"
                words = "the published page" if column == "published" else "the full contract"
                sentence = f"A {status} body is valid for the schema of {words}."
                own = f"a-{status}-fits-the-{column}-schema"
                yield self._taken(base, ("responses", status), id=own, sentence=sentence, **more)

    def _envelope(self) -> Iterator[Requirement]:
        if self._names_member("200", "success"):
            yield self._taken("success-agrees-with-the-status", ("responses", "200"))
        if self._names_member("400", "error"):
            when = "a call was answered with 400"
            yield self._taken("a-refusal-names-its-error", ("responses", "400"), only_when=when)

    def _names_member(self, status: str, name: str) -> bool:
        """Whether the documented body of a status has a member of that name."""
        data = self.contract.full
        for found, place in responses(data, self._place):
            for media_type in media_types(data, place) if found == status else ():
                if _has_schema(data, media_type):
                    schema = value_at(data, followed(data, (*media_type, "schema")))
                    return name in (schema.get("properties") or {})
        return False

    @property
    def _place(self) -> Pointer:
        return ("paths", self.contract.operation.path, self.contract.operation.method)

    def _taken(self, requirement: str, within: Pointer, **changes: Any) -> Requirement:
        """A requirement that now rests on a place of the other page; what only an overlay says rests on the whole."""
        line = self.document.line((*self._place, *within))
        quote = self.document.page.text.split("\n")[line - 1].strip()
        known = self.catalogue[requirement]
        page = self.contract.page
        name = page.name if page.is_absolute() else page.as_posix()
        source = self.contract.source
        return replace(known, source="document", quote=quote, address=source, page=name, page_line=line, **changes)


def _has_schema(data: dict[str, Any], media_type: Pointer) -> bool:
    return isinstance(value_at(data, media_type).get("schema"), dict)
