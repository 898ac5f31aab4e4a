"""The fleet's page in headless Chromium: accessible in both schemes, without script and network, whole on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.fleet.report import page
from support.needs import module

from .fleets import column, fleet, mixed

pytestmark = pytest.mark.browser

FLEETS = {
    "mixed": mixed,
    "alike": lambda: fleet(column("a", 1, "conformant", "pass pass pass")),
    "silent": lambda: fleet(column("a", 1, "incomplete", "", problems=("refused.",))),
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("fleets")
    for name, make in FLEETS.items():
        (folder / f"{name}.html").write_text(page(make()), "utf-8")
    return {name: folder / f"{name}.html" for name in FLEETS}


@pytest.fixture
def context(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    made = browser.new_context(**getattr(request, "param", {}))
    yield made
    made.close()


def opened(context: Any, path: Path) -> Any:
    shown = context.new_page()
    shown.goto(path.as_uri())
    return shown


@pytest.mark.parametrize("name", FLEETS)
@pytest.mark.parametrize("context", [{"color_scheme": "light"}, {"color_scheme": "dark"}], indirect=True)
def test_axe_finds_nothing_to_complain_about(name: str, context: Any, pages: dict[str, Path]) -> None:
    axe = module("axe_playwright_python.sync_playwright")
    shown = opened(context, pages[name])
    shown.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")

    results = axe.Axe().run(shown)

    assert results.violations_count == 0, results.generate_report()


def test_only_the_file_itself_is_requested(context: Any, pages: dict[str, Path]) -> None:
    requested, complaints = [], []
    context.on("request", lambda request: requested.append(request.url))
    context.on("console", lambda message: complaints.append(message.text))
    opened(context, pages["mixed"])

    assert (requested, complaints) == ([pages["mixed"].as_uri()], [])


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], indirect=True)
def test_without_script_a_click_on_a_cell_opens_its_evidence(context: Any, pages: dict[str, Path]) -> None:
    shown = opened(context, pages["mixed"])
    shown.get_by_role("link", name="no run").nth(1).click()

    assert shown.url.endswith("#deployment-lost")


@pytest.mark.parametrize("context", [{"viewport": {"width": 390, "height": 800}}], indirect=True)
@pytest.mark.parametrize("name", FLEETS)
def test_a_phone_does_not_scroll_sideways(name: str, context: Any, pages: dict[str, Path]) -> None:
    assert opened(context, pages[name]).evaluate("document.documentElement.scrollWidth") == 390
