"""The fleet's page and summary: what differs first, every cell with its evidence, nothing that a server injects."""

from __future__ import annotations

import re
from dataclasses import replace

from rocketchat_contract.fleet.column import Cell, DeploymentResult
from rocketchat_contract.fleet.fleet_view import facts_of, fleet_headline, fleet_lines
from rocketchat_contract.fleet.report import fleet_annotations, fleet_summary, lines, page

from .fleets import JUDGES, PROMISES, cell, column, fleet, mixed


def ids_in(part: str) -> list[str]:
    return re.findall(r'<tr id="requirement-([a-z-]+)"', part)


def test_what_differs_comes_before_what_is_the_same() -> None:
    before, after = page(mixed()).split('<section id="same"')

    assert ids_in(before) == ["an-open-room-is-returned", "a-refusal-is-polite"]
    assert ids_in(after) == ["an-answer-is-json"]


def test_the_worst_difference_comes_first() -> None:
    differing, _ = fleet_lines(
        fleet(column("a", 1, "violated", "pass fail warn"), column("b", 2, "violated", "fail fail pass"))
    )

    assert [line.promise.id for line in differing] == ["an-open-room-is-returned", "a-refusal-is-polite"]


def test_a_deployment_without_a_run_differs_from_nobody() -> None:
    differing, same = fleet_lines(
        fleet(column("a", 1, "conformant", "pass pass pass"), column("b", 2, "incomplete", ""))
    )

    assert (len(differing), len(same)) == (0, 3)


def test_every_cell_has_a_word_a_sign_and_a_link() -> None:
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page(mixed()).replace("\n", ""))
    outcomes = [cell for cell in cells if "<a " in cell]

    assert len(outcomes) == len(PROMISES) * len(mixed().columns)
    assert all(re.match(r'<a href="[^"]+">[✓✗!?–‼·] (no run|[a-z]+)', cell) for cell in outcomes)


def test_a_broken_cell_opens_its_finding() -> None:
    link = 'href="deployments/old/attempt-1/20260101-000000-00000003/report.html#finding-an-open-room-is-returned-1"'

    assert f"<a {link}>✗ fail<small>2 of 4</small></a>" in page(mixed())


def test_a_cell_without_a_run_opens_what_its_run_said_or_its_reason() -> None:
    text = page(mixed())

    assert '<a href="deployments/gone/attempt-1/said.txt">· no run</a>' in text
    assert '<a href="#deployment-lost">· no run</a>' in text


def test_facts_that_differ_come_first() -> None:
    assert [(line.name, line.differs) for line in facts_of(mixed())] == [("version", True), ("agent online", False)]


def test_what_servers_say_stays_text() -> None:
    for text in (page(mixed()), fleet_summary(mixed())):
        assert "<script" not in text
        assert "\x1b" not in text


def test_an_accepted_failure_says_so() -> None:
    assert "✗ fail, accepted" in page(mixed())
    assert "✓ conformant, 1 accepted" in page(mixed())


def test_the_summary_lists_what_is_wrong_the_worst_first() -> None:
    rows = [line.split(" | ")[:2] for line in fleet_summary(mixed()).splitlines() if line.startswith("| ")][1:]

    assert [name for _, name in rows] == ["crash", "old", "lame", "gone", "lost"]


def test_the_terminal_ends_with_the_verdict() -> None:
    assert lines(mixed())[-1] == "fleet: error · 1 error, 1 violated, 3 incomplete, 3 conformant"


def test_github_gets_one_annotation_for_each_that_is_not_conformant() -> None:
    told = fleet_annotations(mixed()).splitlines()

    assert told[0].startswith("::error title=old violated::broken: an-open-room-is-returned, a-refusal-is-polite")
    assert len(told) == 5


def test_what_only_the_published_document_forbids_is_no_reason_but_stays_visible() -> None:
    name = PROMISES[1].id
    narrow = replace(cell("fail", name), is_published_only=True)
    one = fleet(column("a", 1, "incomplete", "", cells={name: narrow}, problems=("unsure.",), run="deployments/a"))

    assert lines(one)[0] == "? incomplete a: unsure."
    assert "✗ fail<small>2 of 4, published document only</small>" in page(one)


def test_a_fleet_judged_by_another_contract_names_its_operation() -> None:
    judges = replace(JUDGES, operation="GET /api/info")

    assert fleet_headline(fleet(column("a", 1, "conformant", "pass"), judges=judges)).endswith(
        "contract of GET /api/info."
    )


def test_a_fleet_that_agrees_says_so() -> None:
    text = page(fleet(column("a", 1, "conformant", "pass pass pass")))

    assert "They differ in none." in text
    assert "1 deployment kept the contract" in text


def test_what_a_baseline_accepts_is_not_hidden_by_the_headline() -> None:
    kept = next(each for each in mixed().columns if each.name == "accepted")

    assert fleet_headline(fleet(kept)).endswith(", 1 of them but for what a baseline accepts.")


def test_names_in_a_sentence_are_shown_as_code() -> None:
    coded = replace(PROMISES[0], sentence="`t` of a returned room is `l`.")
    judges = replace(JUDGES, promises=(coded, *PROMISES[1:]))

    assert "<code>t</code> of a returned room is <code>l</code>." in page(replace(mixed(), judges=judges))


def test_a_deployment_that_nobody_reached_differs_in_nothing() -> None:
    reached, unreached = column("a", 1, "conformant", "pass pass pass"), column("b", 2, "incomplete", "not-judged " * 3)
    differing, same = fleet_lines(fleet(reached, replace(unreached, cells=unjudged(unreached))))

    assert (differing, len(same)) == ([], 3)


def unjudged(of: DeploymentResult) -> dict[str, Cell]:
    return {name: replace(each, judged=0) for name, each in of.cells.items()}
