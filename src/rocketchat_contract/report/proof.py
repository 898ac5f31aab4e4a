"""What is known of the suite itself: how many wrong servers it caught when it was last tried on them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rocketchat_contract.contract.suite_hash import PROOF, suite_sha256
from rocketchat_contract.contract.vendored import spec_folder

_HASH = 8
"""Characters of the suite's hash that are shown."""


@dataclass(frozen=True)
class Proof:
    """The outcome of ``rocketchat-contract prove``, as reports tell it.

    ``families`` holds caught and all wrong servers per family, ``right`` the editions and variants that keep the
    contract. ``stale`` says that the suite is not any more the one that was proved.
    """

    date: str
    suite: str
    caught: int
    wrong: int
    passed: int
    right: int
    families: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    stale: bool = False

    @property
    def sentence(self) -> str:
        """The proof in one sentence, the same in every report."""
        text = (
            f"this suite catches {self.caught} of {self.wrong} wrong servers with the profile full and lets "
            f"{self.passed} of {self.right} right ones pass with nightly; "
            f"proof of {self.date}, suite {self.suite[:_HASH]}"
        )
        return f"{text}; the suite has changed since, so this may no longer hold" if self.stale else text

    def to_json(self) -> dict[str, Any]:
        """The proof as reports hold it."""
        return {
            "date": self.date,
            "suite": self.suite,
            "caught": self.caught,
            "wrong": self.wrong,
            "passed": self.passed,
            "right": self.right,
            "families": {name: list(counts) for name, counts in self.families.items()},
            "stale": self.stale,
            "sentence": self.sentence,
        }


def read_proof(path: Path, suite: str) -> Proof | None:
    """The proof of a file, stale when it is not this suite's; nothing when there is none or it is no such file."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        right = [trial["result"] for trial in [*stored["editions"], *stored["variants"]] if not trial["breaks"]]
        families = {name: (caught, of) for name, (caught, of) in stored["families"].items()}
        return Proof(
            date=stored["date"],
            suite=stored["suite"]["sha256"],
            caught=sum(caught for caught, _ in families.values()),
            wrong=sum(of for _, of in families.values()),
            passed=right.count("passed"),
            right=len(right),
            families=families,
            stale=stored["suite"]["sha256"] != suite,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


@cache
def load_proof() -> Proof | None:
    """The proof that came with this suite."""
    return read_proof(spec_folder() / PROOF, suite_sha256())
