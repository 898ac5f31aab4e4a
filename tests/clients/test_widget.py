"""The published chat widget, in a browser, talks to the reference server over plain HTTP.

Rocket.Chat serves the widget's files itself, under ``/livechat`` of the same origin, and tells it the server's
address; here the browser's requests for them are answered from the npm package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rocketchat_contract.reference.server import RunningServer
from support.needs import missing, tool
from support.npm import unpacked

WIDGET = ("@rocket.chat/livechat@1.13.3",)
QUIET = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture
def page(cache: Path, server: RunningServer, tmp_path: Path) -> Iterator[Any]:
    """The widget in its own window, as a visitor opens it."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra of the tests
    except ImportError:
        missing("The package playwright is not installed.")
    files = unpacked(cache, "livechat", WIDGET) / "node_modules" / "@rocket.chat" / "livechat" / "build"
    browser = tool("chromium", "chromium-browser", "google-chrome")

    def answer(route: Any) -> None:
        path = urlsplit(route.request.url).path
        file = files / ("index.html" if path == "/livechat" else path.removeprefix("/livechat/"))
        route.fulfill(path=file) if file.is_file() else route.fulfill(status=404)

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path, executable_path=browser, args=QUIET, timeout=120_000
        )
        page = context.pages[0]
        page.set_default_timeout(60_000)
        page.add_init_script(f"window.SERVER_URL = {server.url!r}")
        page.route(re.compile(r"^http://[^/]+/livechat(/|\?|$)"), answer)
        page.goto(f"{server.url}/livechat?mode=popout")
        yield page
        context.close()


def begin_chat(page: Any) -> None:
    page.fill("input[name=name]", "Mary")
    page.fill("input[name=email]", "mary@example.com")
    page.click("button[type=submit]")


def say(page: Any, text: str) -> None:
    page.locator("[contenteditable=true]").click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.get_by_text(text).wait_for()


def test_a_visitor_chats_through_the_widget(page: Any) -> None:
    begin_chat(page)

    with page.expect_response(re.compile("/livechat/room")) as opened:
        say(page, "hello from the widget")
    room = opened.value.json()["room"]

    assert opened.value.json()["newRoom"] is True
    assert room["source"] == {"type": "widget", "destination": urlsplit(page.url).netloc}
    assert room["fname"] == "Mary"


def test_the_widget_finds_its_room_again(page: Any) -> None:
    begin_chat(page)
    say(page, "hello from the widget")

    with page.expect_response(re.compile("/livechat/messages.history")) as history:
        page.reload()

    page.get_by_text("hello from the widget").wait_for()
    assert [message["msg"] for message in history.value.json()["messages"]] == ["hello from the widget"]


def test_a_visitor_finishes_the_chat(page: Any) -> None:
    begin_chat(page)
    say(page, "hello from the widget")

    page.get_by_text("Options").click()
    page.get_by_text("Finish this chat").click()
    with page.expect_response(re.compile("/livechat/room.close")) as closed:
        page.get_by_text("Yes").click()

    assert closed.value.json()["success"] is True
