"""The history's page in headless Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.archive.history import read_history
from rocketchat_contract.archive.history_page import history_page
from support.needs import module

from .reports import RACE, REPEAT, night, row

pytestmark = pytest.mark.browser


@pytest.fixture
def page_file(tmp_path: Path) -> Path:
    for day in range(1, 29):
        night(
            tmp_path, day, row(RACE, "fail" if day > 20 else "pass", "x"), row(REPEAT, "warn" if day == 3 else "pass")
        )
    path = tmp_path / "history.html"
    path.write_text(history_page(read_history(tmp_path), tmp_path), "utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_to_complain_about(scheme: str, browser: Any, page_file: Path) -> None:
    axe = module("axe_playwright_python.sync_playwright")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")

    results = axe.Axe().run(page)
    context.close()

    assert results.violations_count == 0, results.generate_report()


def test_a_phone_does_not_scroll_sideways(browser: Any, page_file: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(page_file.as_uri())

    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert width == 390


def test_on_a_phone_no_row_is_squeezed_to_single_letters(browser: Any, page_file: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(page_file.as_uri())

    heights = page.evaluate("[...document.querySelectorAll('tbody tr')].map(each => each.offsetHeight)")
    context.close()

    assert max(heights) < 250
