"""The documents: links lead somewhere, commands exist, words are plain, generated pages are fresh."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from rocketchat_contract.cli.commands import cli
from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.known import known_deviations
from rocketchat_contract.contract.vendored import load_contract
from rocketchat_contract.report.catalogue import as_markdown, requirement_lines
from support.messages import SECTIONS, messages
from support.messages import page as message_page
from support.plain_words import BANNED, golden_texts, printed_texts, spec_texts

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "reports" / "README.md",
]
GENERATED = {"requirements.md", "options.md", "messages.md"}

README_WORDS = 700


def names(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def prose(page: Path) -> str:
    """The text of a page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


def commands(page: Path) -> Iterator[str]:
    """The command lines of this suite in a page's blocks of code and in its code spans."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```(?:bash|sh)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            for part in line.split("&&"):
                if part.strip().removeprefix(".venv/bin/").startswith("rocketchat-contract "):
                    yield part.strip().removeprefix(".venv/bin/")
    yield from re.findall(r"`(rocketchat-contract [a-z][^`]*)`", prose(page))


def parsed(command: str) -> list[str]:
    """The words of a command that are no option, argument or command of the suite."""
    words = shlex.split(command.partition(" > ")[0], comments=True)[1:]
    known: click.Command = cli
    context = click.Context(known, info_name="rocketchat-contract")
    while isinstance(known, click.Group) and words and not words[0].startswith("-"):
        found = known.get_command(context, words.pop(0))
        assert found is not None, command
        known, context = found, click.Context(found, parent=context)
    known.make_parser(context).parse_args(words)
    return words


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_links_lead_to_files(page: Path) -> None:
    assert [link for link in links(page) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_commands_exist_with_their_options(page: Path) -> None:
    for command in commands(page):
        parsed(command)


def test_an_unknown_option_is_noticed() -> None:
    with pytest.raises(click.NoSuchOption):
        parsed("rocketchat-contract run --nowhere")


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in GENERATED], ids=names)
def test_words_are_plain(page: Path) -> None:
    text = re.sub(r"`[^`]*`|^\| do not write \|.*?\n\n", "", prose(page), flags=re.MULTILINE | re.DOTALL)

    assert BANNED.findall(text) == []


@pytest.mark.parametrize("texts", [printed_texts, spec_texts, golden_texts], ids=lambda texts: texts.__name__)
def test_outputs_are_plain(texts: Callable[[], Iterator[tuple[str, str]]]) -> None:
    assert [(place, found[0]) for place, text in texts() if (found := BANNED.search(text))] == []


def test_a_banned_word_is_noticed() -> None:
    assert BANNED.search("1 must was weather") is not None
    assert BANNED.search("? a-room (must): not judged") is not None


def test_readme_is_short() -> None:
    assert len(prose(ROOT / "README.md").split()) <= README_WORDS


@pytest.mark.generated
def test_the_page_of_requirements_is_as_generated() -> None:
    catalogue = load_catalogue(load_contract())
    page = as_markdown(catalogue.groups, tuple(catalogue), known_deviations())

    assert (ROOT / "docs" / "requirements.md").read_text("utf-8") == page


def test_a_requirement_says_which_releases_break_it() -> None:
    lines = requirement_lines(load_catalogue(load_contract())["overlapping-calls-open-one-room"], known_deviations())

    assert "known of releases: every version measured, before 8.3 (issue #38148)" in lines
    assert "why it matters: The customer gets two chats" in lines


@pytest.mark.generated
def test_each_message_of_the_code_is_on_its_page() -> None:
    assert (ROOT / "docs" / "messages.md").read_text("utf-8") == message_page(messages()) + "\n"


def test_each_group_of_errors_has_messages() -> None:
    assert {each.section for each in messages()} == {"Not judged", *SECTIONS.values()}
    assert [each for each in messages() if not each.problem.strip() or not each.next_step.strip()] == []


def test_no_page_is_missing_in_the_site() -> None:
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")

    assert [page.name for page in PAGES if page.parent == ROOT / "docs" and f" {page.name}\n" not in site] == []


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert 'href="https://github.com/your-org/' in (tmp_path / "contract" / "index.html").read_text("utf-8")
