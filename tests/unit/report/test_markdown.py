from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings
from markdown_it import MarkdownIt

from rocketchat_contract.judge.verdict import Outcome, Row, Verdict
from rocketchat_contract.report.markdown import MOST_IN_SUMMARY, github_annotations, markdown
from rocketchat_contract.report.run_result import RunResult

from .accounts import accounts
from .examples import OPEN_ROOM, hostile, many, result, violated

RENDER = MarkdownIt("commonmark").enable("table")
OURS = re.compile(r"</?(details|summary|h[1-6]|p|ul|ol|li|strong|code|pre|table|thead|tbody|tr|t[hd])( [^<>]*)?/?>")


def foreign_tags(text: str) -> list[str]:
    """Tags in the rendered summary that are not ours."""
    return [tag for tag in re.findall(r"<[^>]*>", RENDER.render(text)) if not OURS.fullmatch(tag)]


def test_a_hostile_server_adds_no_tag_and_no_mention() -> None:
    assert foreign_tags(markdown(hostile())) == []
    assert "@team" not in re.sub(r"`[^`]*`", "", markdown(hostile()))


@settings(max_examples=60, deadline=None)
@given(accounts())
def test_any_run_renders_with_our_tags_only(made: RunResult) -> None:
    assert foreign_tags(markdown(made)) == []


def test_a_fence_is_longer_than_what_it_holds() -> None:
    text = markdown(hostile())
    assert "```text" in text


def test_a_flood_of_findings_fits_a_ci_page() -> None:
    text = markdown(many())
    assert len(text.encode()) < 1_000_000
    assert text.count("**expected**") == MOST_IN_SUMMARY


def test_a_finding_is_an_annotation() -> None:
    line = github_annotations(violated()).splitlines()[0]
    assert line.startswith("::error title=an-open-room-is-returned::A visitor with an open room gets that room")


def test_what_warns_is_a_warning() -> None:
    lines = [line for line in github_annotations(violated()).splitlines() if "member-names-are-unique" in line]
    assert [line.split()[0] for line in lines] == ["::warning"]


def test_a_hostile_server_adds_no_command() -> None:
    lines = github_annotations(hostile()).splitlines()
    assert all(line.startswith(("::error title=", "::warning title=")) for line in lines)
    assert len(lines) == 2


def test_an_empty_run_has_a_summary() -> None:
    assert "0 requirements" in markdown(result(type(violated().verdict)(())))


def test_code_in_a_requirement_stays_code() -> None:
    row = Row(replace(OPEN_ROOM, sentence="`success` is *true*."), Outcome.PASS, 1)

    assert "`success` is \\*true\\*. `an-open-room-is-returned`" in markdown(result(Verdict((row,))))
