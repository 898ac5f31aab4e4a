"""The HTML report in headless Chromium: accessible, without network, without script, at phone width, fast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.report.html import html
from rocketchat_contract.results.result import judge_record
from support.needs import module

from .examples import EXAMPLES, hostile, many
from .records import long_record

pytestmark = pytest.mark.browser

RUNS = {**EXAMPLES, "hostile": hostile, "two races": lambda: many(1, 2)}
OPEN_ALL = "document.querySelectorAll('details').forEach(each => { each.open = true })"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    paths = {name: folder / f"{name}.html" for name in (*RUNS, "many")}
    for name, path in paths.items():
        path.write_text(html(RUNS[name]() if name in RUNS else many()), "utf-8")
    return paths


@pytest.fixture
def context(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    made = browser.new_context(**getattr(request, "param", {}))
    yield made
    made.close()


@pytest.fixture(scope="module")
def tab(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """One page for all files that are looked at in the same way: a new one costs more than the look."""
    context = browser.new_context(**getattr(request, "param", {}))
    yield context.new_page()
    context.close()


def opened(context: Any, path: Path) -> Any:
    page = context.new_page()
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("tab", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_axe_finds_nothing_to_complain_about(name: str, tab: Any, pages: dict[str, Path]) -> None:
    axe = module("axe_playwright_python.sync_playwright")
    tab.goto(pages[name].as_uri())
    tab.evaluate(OPEN_ALL)

    results = axe.Axe().run(tab)

    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("name", RUNS)
def test_only_the_file_itself_is_requested(name: str, tab: Any, pages: dict[str, Path]) -> None:
    requested, complaints = [], []
    tab.on("request", listen := lambda request: requested.append(request.url))
    tab.on("console", hear := lambda message: complaints.append(message.text))
    tab.goto(pages[name].as_uri())
    tab.remove_listener("request", listen)
    tab.remove_listener("console", hear)

    assert requested == [pages[name].as_uri()]
    assert complaints == []


@pytest.mark.parametrize("tab", [{"viewport": {"width": 390, "height": 800}}], indirect=True)
@pytest.mark.parametrize("name", RUNS)
def test_a_phone_does_not_scroll_sideways(name: str, tab: Any, pages: dict[str, Path]) -> None:
    tab.goto(pages[name].as_uri())
    tab.evaluate(OPEN_ALL)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("context", [{"viewport": {"width": 390, "height": 800}}], indirect=True)
def test_a_phone_shows_every_part_of_the_report_to_jump_to(context: Any, pages: dict[str, Path]) -> None:
    page = opened(context, pages["violated"])
    right = page.evaluate("Math.max(...[...document.links].map(each => each.getBoundingClientRect().right))")
    nav = page.evaluate("(nav => [nav.scrollWidth, getComputedStyle(nav).overflowX])(document.querySelector('nav'))")
    assert (right <= 390, nav) == (True, [390, "visible"])


@pytest.mark.parametrize(
    ("context", "lanes"), [({"viewport": {"width": 390, "height": 800}}, True), ({}, False)], indirect=["context"]
)
def test_a_race_fits_the_width_of_the_page(context: Any, lanes: bool, pages: dict[str, Path]) -> None:
    page = opened(context, pages["violated"])
    shown = (page.locator(".race .lanes").is_visible(), page.locator(".race .scroll").is_visible())
    assert shown == (lanes, not lanes)


def test_the_head_says_what_is_broken_and_leads_there(context: Any, pages: dict[str, Path]) -> None:
    page = opened(context, pages["violated"])
    link = page.locator("header .broken").get_by_text("Calls of one visitor that overlap in time")
    link.click()
    assert page.evaluate("location.hash") == "#finding-overlapping-calls-open-one-room-1"
    assert "2 rooms, newRoom true 2 times" in page.locator("header .broken").inner_text()


def test_ten_thousand_exchanges_open_in_under_a_second(context: Any, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(judge_record(long_record(tmp_path, 10_000))), "utf-8")

    page = opened(context, path)
    loaded = (milliseconds_to_load(page) for _ in range(10))  # once, unless the machine has much else to do

    assert "10,000 requests" in page.locator("header").inner_text()
    assert any(0 < each < 1000 for each in loaded)


def milliseconds_to_load(page: Any) -> float:
    page.reload()
    return float(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_the_page_is_whole_without_script(context: Any, pages: dict[str, Path]) -> None:
    page = opened(context, pages["violated"])
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.get_by_text("curl -g").first.is_visible()
    assert page.get_by_role("button", name="Copy").count() == 0


def test_the_filter_shows_one_outcome(context: Any, pages: dict[str, Path]) -> None:
    page = opened(context, pages["violated"])
    page.get_by_label("Show").select_option("warn")
    shown = page.locator("tr[data-outcome]:visible")
    assert shown.count() == 1
    assert page.locator(".filter output").text_content() == "1 of 7 shown"


def test_a_line_of_the_transcript_opens_by_keyboard(context: Any, pages: dict[str, Path]) -> None:
    page = opened(context, pages["violated"])
    page.locator(".wire summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".wire pre").first.is_visible()


def test_the_first_tab_stop_leads_to_the_findings(context: Any, pages: dict[str, Path]) -> None:
    page = opened(context, pages["violated"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#findings"


def test_a_command_is_copied_as_it_stands(context: Any, pages: dict[str, Path]) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = opened(context, pages["violated"])
    page.get_by_role("button", name="Copy").nth(1).click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -g -s -w '\\n' \"$RC_TARGET/")


def test_print_unfolds_what_does_not_apply_and_hides_controls(context: Any, pages: dict[str, Path]) -> None:
    page = opened(context, pages["violated"])
    page.emulate_media(media="print")
    assert page.locator(".inapplicable li").first.is_visible()
    assert not page.locator("nav").is_visible()
