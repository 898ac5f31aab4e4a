"""``baseline update`` adds what is missing and keeps every word that is there."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rocketchat_contract.errors import ExitCode, UsageError
from rocketchat_contract.judge.tally import MOST_KEPT_FINDINGS
from rocketchat_contract.judge.verdict import Outcome
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.baseline import Baseline, Words, entries_text, load_baseline, ready_entries, updated
from support.headers import header_of
from support.histories import requirements

from .accounts import PUBLISHED, RACE, REPEAT, SHOULD, TODAY, baseline, entry, result, row

END = date(2027, 2, 20)
WORDS = Words("a known race", "ops", END, "RC-1")
BROKEN = result(row(REPEAT), row(RACE, Outcome.FAIL, "two", "three"))


def ready(run: RunResult, known: Baseline) -> list[tuple[str, str]]:
    told = ready_entries(known.hold(run, TODAY, in_ci=False), known, WORDS)
    return [(each.requirement, each.signature) for each in told]


def update(path: Path, run: RunResult, *, prune: bool = False, renew: date | None = None) -> str:
    known = load_baseline(path, requirements())
    told = known.hold(run, TODAY, in_ci=False)
    return updated(path.read_text("utf-8"), told, ready_entries(told, known, WORDS), prune=prune, renew=renew)


def test_each_finding_that_fails_gets_an_entry(tmp_path: Path) -> None:
    assert ready(BROKEN, baseline(tmp_path)) == [(RACE, "two"), (RACE, "three")]


def test_a_listed_finding_gets_none(tmp_path: Path) -> None:
    assert ready(BROKEN, baseline(tmp_path, entry(signature="two"))) == [(RACE, "three")]


def test_an_expired_entry_is_not_doubled(tmp_path: Path) -> None:
    assert ready(BROKEN, baseline(tmp_path, entry(expires=date(2020, 1, 1)))) == []


def test_an_entry_for_another_target_is_not_enough(tmp_path: Path) -> None:
    assert len(ready(BROKEN, baseline(tmp_path, entry(target="https://other")))) == 2


def test_more_kinds_than_are_kept_get_one_entry_for_all(tmp_path: Path) -> None:
    signs = [f"kind {number}" for number in range(MOST_KEPT_FINDINGS)]

    assert ready(result(row(RACE, Outcome.FAIL, *signs)), baseline(tmp_path)) == [(RACE, "")]


def test_what_does_not_fail_the_run_gets_none(tmp_path: Path) -> None:
    quiet = result(row(SHOULD, Outcome.WARN, "x"), row(PUBLISHED, Outcome.FAIL, "403"), row(RACE, Outcome.NOT_JUDGED))

    assert ready(quiet, baseline(tmp_path)) == []


def test_a_should_gets_one_when_it_fails_the_run(tmp_path: Path) -> None:
    assert ready(result(row(SHOULD, Outcome.WARN, "x"), strict=True), baseline(tmp_path)) == [(SHOULD, "x")]


def test_an_entry_is_bound_to_its_target_unless_that_is_embedded() -> None:
    embedded = result(*BROKEN.verdict.rows, header=header_of(target="http://127.0.0.1:3456", embedded="newest"))
    known = Baseline(Path("b.toml"))

    assert ready_entries(BROKEN, known, WORDS)[0].target == "https://chat.example.com"
    assert ready_entries(embedded, known, WORDS)[0].target == ""


def test_after_an_update_the_run_passes(tmp_path: Path) -> None:
    known = baseline(tmp_path)
    known.path.write_text(update(known.path, BROKEN), "utf-8")

    told = load_baseline(known.path, requirements()).hold(BROKEN, TODAY, in_ci=True)

    assert told.exit_code is ExitCode.CONFORMANT


def test_a_second_update_changes_nothing(tmp_path: Path) -> None:
    known = baseline(tmp_path, entry(REPEAT))
    known.path.write_text(update(known.path, BROKEN), "utf-8")

    assert update(known.path, BROKEN) == known.path.read_text("utf-8")


def test_people_keep_their_comments_and_their_order(tmp_path: Path) -> None:
    text = f"# Ours since spring.\n\n{entry(signature='two')}# mended soon\n"
    known = baseline(tmp_path, text)

    after = update(known.path, BROKEN)

    assert after.startswith(text.rstrip())
    assert after.endswith('ticket = "RC-1"\nexpires = 2027-02-20\n')


def test_stale_entries_go_only_when_asked(tmp_path: Path) -> None:
    known = baseline(tmp_path, "# the head\n", entry(REPEAT), entry(RACE, reason="stays"))

    kept, pruned = update(known.path, BROKEN), update(known.path, BROKEN, prune=True)

    assert REPEAT in kept
    assert REPEAT not in pruned
    assert 'reason = "stays"' in pruned


def test_after_all_are_pruned_new_ones_can_come(tmp_path: Path) -> None:
    known = baseline(tmp_path, entry(REPEAT))

    after = update(known.path, BROKEN, prune=True)

    assert [each["signature"] for each in tomllib.loads(after)["accepted"]] == ["two", "three"]


def test_expired_entries_get_a_new_end_only_when_one_is_named(tmp_path: Path) -> None:
    known = baseline(tmp_path, entry(expires=date(2020, 1, 1)), entry(REPEAT, signature="x"))

    kept, renewed = update(known.path, BROKEN), update(known.path, BROKEN, renew=END)

    assert tomllib.loads(kept)["accepted"][0]["expires"] == date(2020, 1, 1)
    assert [each["expires"] for each in tomllib.loads(renewed)["accepted"]] == [END, date(2027, 1, 31)]


def test_a_printed_entry_without_words_is_refused_where_it_is_pasted(tmp_path: Path) -> None:
    text = entries_text(ready_entries(BROKEN, Baseline(Path("b.toml")), Words("", "", END)))

    with pytest.raises(UsageError, match="names no reason"):
        baseline(tmp_path, text)


texts = st.text(min_size=1, max_size=20).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(reason=texts, owner=texts, ticket=st.text(max_size=10), signature=texts)
def test_any_words_survive_a_round_trip(
    tmp_path_factory: pytest.TempPathFactory, reason: str, owner: str, ticket: str, signature: str
) -> None:
    run = result(row(RACE, Outcome.FAIL, signature))
    path = tmp_path_factory.getbasetemp() / "round.toml"
    words = Words(reason, owner, END, ticket)
    path.write_bytes(entries_text(ready_entries(run, Baseline(path), words)).encode())

    found = load_baseline(path, requirements())

    listed = found.entries[0]
    assert (listed.reason, listed.owner, listed.ticket, listed.signature) == (reason, owner, ticket, signature)
    assert found.hold(run, TODAY, in_ci=True).exit_code is ExitCode.CONFORMANT
