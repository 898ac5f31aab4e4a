from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings

from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.record.exchange import Exchange, Request
from rocketchat_contract.report.html import MOST_BRIEF, MOST_DRAWN, html
from rocketchat_contract.report.run_result import RunResult

from .accounts import accounts
from .examples import (
    EXAMPLES,
    HEADER,
    OPEN_ROOM,
    OPEN_ROOM_FINDING,
    REPEATED,
    STATUS_PUBLISHED,
    call,
    conformant,
    hostile,
    incomplete,
    many,
    result,
    room_body,
    violated,
)


class Page(HTMLParser):
    """The tags, attributes, ids and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, name: str) -> list[str]:
        return [value for known, value in self.attributes if known == name]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_is_loaded_from_anywhere(name: str) -> None:
    page = Page(html(EXAMPLES[name]()))
    assert page.values("src") == []
    assert not {"img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert "url(" not in html(EXAMPLES[name]())


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_link_within_the_page_has_its_target(name: str) -> None:
    page = Page(html(EXAMPLES[name]()))
    wanted = {link[1:] for link in page.values("href") if link.startswith("#")}
    assert wanted <= set(page.values("id"))


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_a_server_adds_no_tag_and_no_attribute(result: RunResult) -> None:
    page = Page(html(result))
    assert page.tags.count("script") == 1
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "style"]
    assert len(page.values("id")) == len(set(page.values("id")))


def test_a_hostile_server_is_shown_and_harmless() -> None:
    text = html(hostile())
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "alert(1)" in Page(text).text


def test_a_huge_body_does_not_make_a_huge_page() -> None:
    assert len(html(hostile())) < 60_000


def test_the_first_line_says_what_was_found() -> None:
    match = re.search(r"<h1>(.*?)</h1>", html(violated()))
    assert match is not None
    assert match[1] == ("chat.example.com breaks the contract of GET /api/v1/livechat/room: 2 requirements failed.")


def test_the_embedded_server_is_called_so() -> None:
    page = Page(html(replace(violated(), header=replace(HEADER, embedded="edition=7.10"))))
    assert "The embedded reference server breaks the contract" in page.text
    assert "embedded reference server, edition=7.10" in page.text


def test_what_was_not_judged_stands_open_with_its_reason() -> None:
    section = html(incomplete()).split('<section id="not-judged"')[1].split("</section>")[0]
    assert "the limiter answered every repeat with 429" in section
    assert "<details" not in section


def test_what_does_not_apply_is_folded() -> None:
    folded = html(incomplete()).split('<details class="inapplicable">')[1].split("</details>")[0]
    assert "no agent of the suite is online" in folded


def test_a_finding_of_the_published_document_alone_is_set_aside_from_the_verdict() -> None:
    cards = re.findall(r'<article class="finding ([^"]*)" id="finding-([^"]*)-1"', html(violated()))
    (aside,) = re.findall(r'<article class="finding fail aside".*?</article>', html(violated()), re.DOTALL)

    assert [name for kind, name in cards if "aside" in kind] == [STATUS_PUBLISHED.id]
    assert "of the published document, not of the verdict" in aside
    assert "the verdict and the exit code stay as they are" in aside


def test_a_run_without_finding_says_so() -> None:
    assert "No promise was seen broken." in Page(html(conformant())).text


def test_strength_has_its_denominator() -> None:
    assert "the published document notices 142 of 367 (39 %)" in Page(html(violated())).text


def test_a_flood_of_findings_is_capped_and_counted() -> None:
    page = Page(html(many()))
    assert page.tags.count("article") == MOST_DRAWN
    assert f"And {63 * 5 - MOST_DRAWN - MOST_BRIEF} more, in report.json" in page.text


def test_a_quote_and_its_address_are_given() -> None:
    page = Page(html(violated()))
    assert "The names within an object SHOULD be unique." in page.text
    assert "https://www.rfc-editor.org/rfc/rfc8259#section-4" in page.values("href")


def page_of(*exchanges: Exchange) -> str:
    """The page of a finding that these exchanges show."""
    shown = {each.number: each for each in exchanges}
    row = Row(OPEN_ROOM, Outcome.FAIL, 2, 1, findings=(replace(OPEN_ROOM_FINDING, evidence=tuple(shown)),))
    return html(result(Verdict((row,)), evidence=shown))


REGISTRATION = Request("POST", "/api/v1/livechat/visitor", (), '{"visitor": {"token": "$RC_TOKEN_1", "name": "Zoë"}}')
REGISTERING = replace(call(20, 50, 1, ""), request=REGISTRATION)


def test_a_visitor_who_came_before_its_registration_is_registered_first() -> None:
    earlier = call(19, 10, 1, room_body("aaaRoomA", new=True))

    assert page_of(earlier, REGISTERING).count("api/v1/livechat/visitor&#34; -H") == 2
    assert page_of(REGISTERING).count("api/v1/livechat/visitor&#34; -H") == 1


def test_what_the_first_lines_create_is_told() -> None:
    assert "On the target it registers a visitor and creates a room" in page_of(*REPEATED.values())


def test_a_room_that_no_call_can_capture_is_named() -> None:
    at = "/api/v1/livechat/room?token=$RC_TOKEN_1&rid=gf2KpK7v7ZmuR2gZD"
    by_rid = call(19, 10, 1, room_body("gf2KpK7v7ZmuR2gZD", new=False), target=at)
    literal = call(19, 10, 1, room_body("undefined", new=True), target=at.replace("gf2KpK7v7ZmuR2gZD", "undefined"))

    assert "gf2KpK7v7ZmuR2gZD was a room of this run: put in" in page_of(by_rid)
    assert "of this run: put in" not in page_of(literal)
