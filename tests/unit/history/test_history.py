"""Each requirement over many runs."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.archive.history import EXAMPLE, History, Trend, read_history
from rocketchat_contract.archive.history_page import SHOWN, history_headline, history_page
from rocketchat_contract.archive.summaries import INDEX
from rocketchat_contract.errors import UsageError

from .reports import CONTRACT, RACE, REPEAT, SHOULD, SUITE, night, row

KEPT, BROKEN, UNJUDGED = row(RACE, "pass"), row(RACE, "fail", "two"), row(RACE, "not-judged")


def trend(history: History, name: str = RACE) -> Trend:
    return next(each for each in history.tracks[0].trends if each.requirement == name)


def nights(folder: Path, *outcomes: dict[str, Any]) -> History:
    for day, outcome in enumerate(outcomes, 1):
        night(folder, day, outcome)
    return read_history(folder)


def test_since_when_it_is_broken(tmp_path: Path) -> None:
    found = trend(nights(tmp_path, KEPT, KEPT, BROKEN, BROKEN))

    assert found.last_good is not None
    assert found.first_broken is not None
    assert (found.last_good.run, found.first_broken.run) == ("20261102-020000", "20261103-020000")


def test_nights_that_did_not_judge_it_are_passed_over(tmp_path: Path) -> None:
    found = trend(nights(tmp_path, KEPT, UNJUDGED, BROKEN, UNJUDGED))

    assert found.is_broken
    assert found.sentence == (
        "broken since 2026-11-03 02:00, last kept 2026-11-01 02:00; nothing that is recorded changed then; "
        "broken in 1 of 2 runs"
    )


def test_what_is_kept_again_is_not_broken_now(tmp_path: Path) -> None:
    found = trend(nights(tmp_path, BROKEN, KEPT))

    assert not found.is_broken
    assert found.sentence == "not broken now, broken in 1 of 2 runs"


def test_what_was_never_kept_says_so(tmp_path: Path) -> None:
    assert trend(nights(tmp_path, BROKEN)).sentence == "broken since 2026-11-01 02:00, never kept; broken in 1 of 1 run"


def test_what_was_never_judged_says_so(tmp_path: Path) -> None:
    assert trend(nights(tmp_path, UNJUDGED)).sentence == "never judged"


def test_what_changed_with_it_is_named(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT)
    changed = {
        "facts": {"version": "8.3"},
        "suite": {**SUITE, "version": "0.2.0", "sha256": "6" * 64},
        "contract": {**CONTRACT, "sha256": "d" * 64},
    }
    night(tmp_path, 2, BROKEN, **changed)

    assert (
        "; Rocket.Chat 8.2 → 8.3; suite 0.1.0 55555555 → 0.2.0 66666666; contract cccccccc → dddddddd;"
        in trend(read_history(tmp_path)).sentence
    )


def test_an_error_of_the_suite_breaks_no_promise(tmp_path: Path) -> None:
    assert not trend(nights(tmp_path, KEPT, row(RACE, "error"))).is_broken


def test_each_target_has_its_own_history(tmp_path: Path) -> None:
    night(tmp_path / "a", 1, KEPT)
    night(tmp_path / "b", 1, BROKEN, target="https://other.example.com")

    assert [track.target for track in read_history(tmp_path).tracks] == [
        "https://chat.example.com",
        "https://other.example.com",
    ]


def test_embedded_servers_on_any_port_are_one_target(tmp_path: Path) -> None:
    for day in (1, 2):
        night(tmp_path, day, KEPT, embedded="newest", target=f"http://127.0.0.1:{day}")

    assert [track.target for track in read_history(tmp_path).tracks] == ["embedded: newest"]


def test_a_deployment_has_its_own_history_by_its_name(tmp_path: Path) -> None:
    for name in ("eu-1", "us-1"):
        night(tmp_path / "fleet-1" / "deployments" / name / "attempt-1", 1, KEPT, run=name, embedded="newest")

    assert [track.name for track in read_history(tmp_path).tracks] == [
        "eu-1 · embedded: newest",
        "us-1 · embedded: newest",
    ]


def test_an_example_is_no_run(tmp_path: Path) -> None:
    shown = night(tmp_path, 1, BROKEN)
    (shown / EXAMPLE).touch()
    night(tmp_path, 2, KEPT)

    assert trend(read_history(tmp_path)).sentence == "kept in 1 of 1 run"


def test_the_example_that_is_shipped_is_marked() -> None:
    shipped = Path(__file__).parents[3] / "reports" / "example"

    assert (shipped / EXAMPLE).is_file()


def test_another_operation_on_the_same_target_has_its_own_history(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT)
    night(tmp_path, 2, BROKEN, contract={**CONTRACT, "operation": "GET /api/info"})

    names = [track.name for track in read_history(tmp_path).tracks]

    assert names == ["https://chat.example.com · GET /api/info", "https://chat.example.com"]


def test_a_run_that_merging_has_copied_counts_once(tmp_path: Path) -> None:
    for fleet in ("part-1", "merged"):
        night(tmp_path / fleet / "deployments" / "eu-1" / "attempt-1", 1, KEPT)

    found = read_history(tmp_path)

    assert (found.runs, len(found.copies)) == (1, 1)


def test_a_run_judged_again_by_another_suite_counts_by_itself(tmp_path: Path) -> None:
    night(tmp_path / "a", 1, KEPT)
    night(tmp_path / "b", 1, BROKEN, suite={**SUITE, "sha256": "6" * 64})

    assert read_history(tmp_path).runs == 2


def test_a_break_names_the_versions_before_and_after(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT)
    night(tmp_path, 2, BROKEN, facts={"version": "8.3"})

    assert [(what, run.judged_by) for what, run in trend(read_history(tmp_path)).edges] == [
        ("first broken", "Rocket.Chat 8.3, suite 0.1.0 55555555, contract cccccccc"),
        ("last kept", "Rocket.Chat 8.2, suite 0.1.0 55555555, contract cccccccc"),
    ]


def test_a_requirement_that_came_later_has_a_gap_before(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT)
    night(tmp_path, 2, KEPT, row(REPEAT, "pass"))

    assert trend(read_history(tmp_path), REPEAT).letters == "-p"


def test_broken_ones_come_first(tmp_path: Path) -> None:
    night(tmp_path, 1, row("a-a", "pass"), row("b-b", "fail", "x"), row("c-c", "fail", "x"))
    night(tmp_path, 2, row("a-a", "pass"), row("b-b", "pass"), row("c-c", "fail", "x"))

    assert [each.requirement for each in read_history(tmp_path).tracks[0].trends] == ["c-c", "b-b", "a-a"]


SHOULD_BROKEN = row(SHOULD, "warn", "x", level="should")
DOCUMENT_BROKEN = row(REPEAT, "fail", "x", columns=["published"])


def test_what_decides_no_verdict_is_not_counted_as_broken(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT, SHOULD_BROKEN, DOCUMENT_BROKEN)
    found = read_history(tmp_path)

    assert [(each.requirement, each.sign) for each in found.tracks[0].trends] == [
        (SHOULD, "!"),
        (REPEAT, "!"),
        (RACE, "✓"),
    ]
    assert trend(found, SHOULD).sentence.endswith("; recommended, so it decides no verdict")
    assert trend(found, REPEAT).sentence.endswith("; in the published document only, which decides no verdict")
    assert history_headline(found) == (
        "Nothing that decides a verdict is broken now; 2 requirements broken without deciding a verdict "
        "(recommended, or in the published document only)."
    )


def test_what_decides_comes_before_what_does_not(tmp_path: Path) -> None:
    night(tmp_path, 1, SHOULD_BROKEN, BROKEN)
    found = read_history(tmp_path)

    assert [each.requirement for each in found.tracks[0].trends] == [RACE, SHOULD]
    assert history_headline(found).startswith(
        "1 requirement broken now, on 1 target; 1 requirement broken without deciding"
    )


def test_a_broken_should_of_a_strict_run_decides(tmp_path: Path) -> None:
    report = night(tmp_path, 1, SHOULD_BROKEN) / "report.json"
    content = json.loads(report.read_text())
    report.write_text(json.dumps({**content, "verdict": {"word": "violated", "strict": True}}))

    assert trend(read_history(tmp_path), SHOULD).decides


def test_the_page_tells_apart_what_decides_no_verdict(tmp_path: Path) -> None:
    night(tmp_path, 1, DOCUMENT_BROKEN)

    text, _ = page_of(read_history(tmp_path), tmp_path)

    assert "<h3>Broken now</h3>" not in text
    assert "<h3>Broken now, without deciding a verdict</h3>" in text
    assert '<span class="published-only">~</span>' in text


def test_the_link_to_the_latest_run_is_not_counted_twice(tmp_path: Path) -> None:
    place = night(tmp_path, 1, KEPT)
    (tmp_path / "latest").symlink_to(place.name, target_is_directory=True)

    assert read_history(tmp_path).runs == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"header": 1}'])
def test_a_report_that_cannot_be_read_is_told_and_left_out(content: str, tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT)
    (night(tmp_path, 2, KEPT) / "report.json").write_text(content)

    found = read_history(tmp_path)

    assert (found.runs, found.unread) == (1, ("20261102-020000/report.json",))


def test_a_folder_without_runs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run below"):
        read_history(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        read_history(tmp_path / "none")


def test_the_second_reading_is_the_same(tmp_path: Path) -> None:
    assert nights(tmp_path, KEPT, BROKEN) == read_history(tmp_path)
    assert (tmp_path / INDEX).exists()


def test_a_report_that_was_read_is_not_read_again(tmp_path: Path) -> None:
    first = nights(tmp_path, KEPT)
    report = tmp_path / "20261101-020000" / "report.json"
    told = report.stat()
    report.write_bytes(b"x" * told.st_size)
    os.utime(report, ns=(told.st_atime_ns, told.st_mtime_ns))

    assert read_history(tmp_path) == first


def test_a_report_that_changed_is_read_again(tmp_path: Path) -> None:
    nights(tmp_path, KEPT)
    night(tmp_path, 1, BROKEN)

    assert trend(read_history(tmp_path)).is_broken


def test_runs_that_were_removed_are_forgotten(tmp_path: Path) -> None:
    nights(tmp_path, KEPT, BROKEN)
    shutil.rmtree(tmp_path / "20261102-020000")

    assert read_history(tmp_path).runs == 1
    assert len(json.loads((tmp_path / INDEX).read_text())["runs"]) == 1


@pytest.mark.parametrize("content", ["", "[]", '{"format": 99}', '{"format": 1, "requirements": [], "runs": [[1]]}'])
def test_an_index_that_is_not_understood_is_made_anew(content: str, tmp_path: Path) -> None:
    first = nights(tmp_path, KEPT)
    (tmp_path / INDEX).write_text(content)

    assert read_history(tmp_path) == first


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "a":
            self.links.append(told.get("href") or "")
        elif told.get("src") or (tag == "link" and told.get("href") != "data:,"):
            self.loads.append(tag)


def page_of(history: History, place: Path) -> tuple[str, _Page]:
    text, page = history_page(history, place), _Page()
    page.feed(text)
    return text, page


def test_the_page_loads_nothing_and_leads_to_the_reports(tmp_path: Path) -> None:
    _, page = page_of(nights(tmp_path, KEPT, BROKEN), tmp_path)

    assert page.loads == []
    assert page.links == [
        "#target-1",
        "20261102-020000/report.html",
        "20261102-020000/report.html#requirement-overlapping-calls-open-one-room",
    ]


def test_a_page_elsewhere_still_leads_to_the_reports(tmp_path: Path) -> None:
    _, page = page_of(nights(tmp_path / "reports", KEPT), tmp_path / "pages")

    assert page.links == ["../reports/20261101-020000/report.html"]


def test_what_a_server_said_is_harmless_on_the_page(tmp_path: Path) -> None:
    night(tmp_path, 1, KEPT, target="https://x/<script>alert(1)</script>\x1b[2J")

    text, _ = page_of(read_history(tmp_path), tmp_path)

    assert "<script>" not in text
    assert "\x1b" not in text


def test_the_page_stays_small_with_many_runs(tmp_path: Path) -> None:
    rows = [row(f"requirement-{number}", "pass") for number in range(65)]
    night(tmp_path, 1, *rows, BROKEN)
    for number in range(300):
        night(tmp_path / f"run-{number}", 2, *rows, BROKEN, run=f"run-{number}")

    text, _ = page_of(read_history(tmp_path), tmp_path)

    assert len(text) < 100_000
    assert "✗" * SHOWN in text
    assert "✗" * (SHOWN + 1) not in text


def test_thousands_of_runs_are_told_in_a_moment(tmp_path: Path) -> None:
    place = night(tmp_path, 1, *[row(f"requirement-{number}", "pass") for number in range(66)])
    content = (place / "report.json").read_text()
    for number in range(2000):
        (tmp_path / f"run-{number}").mkdir()
        (tmp_path / f"run-{number}" / "report.json").write_text(content.replace(place.name, f"run-{number}"))
    read_history(tmp_path)

    began = time.process_time()
    found = read_history(tmp_path)

    assert found.runs == 2001
    assert time.process_time() - began < 3.0


@pytest.mark.parametrize(
    "content",
    ["", "[", "[" * 100_000, "[" * 90 + "]" * 90, "5", "{}", '{"header": 5}', '{"requirements": [[1]]}', "NaN"],
)
def test_a_report_that_cannot_be_read_is_counted(tmp_path: Path, content: str) -> None:
    night(tmp_path, 1, row(REPEAT, "pass"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "report.json").write_text(content)

    found = read_history(tmp_path)

    assert (found.runs, found.unread) == (1, ("other/report.json",))


@pytest.mark.parametrize("kind", ["fifo", "folder", "link"])
def test_a_report_that_is_no_file_is_counted(tmp_path: Path, kind: str) -> None:
    night(tmp_path, 1, row(REPEAT, "pass"))
    place = tmp_path / "other" / "report.json"
    place.parent.mkdir()
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "link":
        place.symlink_to("nowhere")
    else:
        place.mkdir()

    assert read_history(tmp_path).runs == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda told: [],
        lambda told: told[:-1],
        lambda told: [*told[:-1], 7],
        lambda told: [*told[:-2], "pp", told[-1]],
        lambda told: [*told[:-2], "x", told[-1]],
        lambda told: [*told[:3], 5, *told[4:]],
        lambda told: [*told[:3], [told[3]], *told[4:]],
        lambda told: {"a": 1},
    ],
)
def test_an_index_that_no_history_wrote_is_made_anew(tmp_path: Path, change: Callable[[list[Any]], Any]) -> None:
    night(tmp_path, 1, row(REPEAT, "pass"))
    before = read_history(tmp_path)
    content = json.loads((tmp_path / INDEX).read_text())
    content["runs"] = [change(each) for each in content["runs"]]
    (tmp_path / INDEX).write_text(json.dumps(content))

    assert read_history(tmp_path) == before


def test_what_stood_in_the_way_of_the_last_run_is_kept(tmp_path: Path) -> None:
    place = night(tmp_path, 1, UNJUDGED) / "report.json"
    content = json.loads(place.read_text("utf-8"))
    content["verdict"] = {"word": "incomplete", "obstacles": ["The target gives no answer."]}
    place.write_text(json.dumps(content), "utf-8")

    assert [read_history(tmp_path).tracks[0].runs[0].obstacle for _ in ("read", "from the index")] == [
        "The target gives no answer."
    ] * 2
