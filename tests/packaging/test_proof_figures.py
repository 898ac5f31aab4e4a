"""The table in docs/proof.md that says what the suite catches is the stored proof beside the stored kill score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rocketchat_contract.contract.suite_hash import PROOF, suite_sha256
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.reference.wrong import VARIANTS, WRONG_SERVERS

pytestmark = pytest.mark.generated

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "proof.md"
PROVED = json.loads((spec_folder() / PROOF).read_text(encoding="utf-8"))
SCORED = json.loads((ROOT / "benchmarks" / "results" / "kill_score.json").read_text(encoding="utf-8"))["rows"]


def table() -> list[list[str]]:
    """The cells of the page's table, below its head."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## Wrong servers\n")[2]
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_page_tells_what_the_proof_and_the_kill_score_say() -> None:
    noticed = {row["family"]: row["plain st run, anything new"] for row in SCORED}
    rows = [[family, str(of), str(caught), str(noticed[family])] for family, (caught, of) in PROVED["families"].items()]
    caught, of = (sum(numbers) for numbers in zip(*PROVED["families"].values(), strict=True))

    assert table() == [*rows, ["**all**", f"**{of}**", f"**{caught}**", f"**{noticed['all']}**"]]


def test_the_page_counts_the_faults_that_show_in_a_short_history() -> None:
    short = [server for server in WRONG_SERVERS.values() if not server.needs]

    assert f"Of the {len(short)} faults that show in a short history" in PAGE.read_text("utf-8")


def test_a_proof_of_this_suite_is_of_the_whole_catalogue() -> None:
    """One of an older suite may lack what is new; every report says then that the suite has changed since."""
    proved = {trial["name"] for trial in [*PROVED["wrongs"], *PROVED["variants"]]}
    lacking = (set(WRONG_SERVERS) | set(VARIANTS)) - proved

    assert lacking == set() or PROVED["suite"]["sha256"] != suite_sha256()


def test_in_the_stored_proof_all_were_told_right() -> None:
    trials = [*PROVED["editions"], *PROVED["variants"], *PROVED["wrongs"]]

    assert {trial["name"] for trial in trials if trial["result"] not in ("caught", "passed")} == set()


def test_the_kill_score_is_of_the_proofs_wrong_servers() -> None:
    families = {row["family"]: row["wrong servers"] for row in SCORED}

    assert families.pop("all") == len(PROVED["wrongs"])
    assert families == {family: of for family, (_, of) in PROVED["families"].items()}
