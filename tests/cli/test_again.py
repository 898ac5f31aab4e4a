"""The comparison that every test of a run makes notices a report that its record does not give."""

from __future__ import annotations

from support.again import unlike
from support.live import Command


def test_a_changed_report_is_noticed(suite: Command) -> None:
    ended = suite("run", "--profile", "smoke", "--seed", "1")
    changed = ended.run / "junit.xml"
    changed.write_text(changed.read_text("utf-8").replace("requirement", "promise"), "utf-8")

    assert unlike(suite.home / "reports") == [str(changed)]
