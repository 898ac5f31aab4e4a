"""The proof as data: written by ``prove``, read by every report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rocketchat_contract import __version__
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.report.proof import Proof
from rocketchat_contract.suite import PROOF, suite_sha256

if TYPE_CHECKING:
    from rocketchat_contract.prove.trial import Trial

FORMAT = 1


def as_data(trials: Sequence[Trial], *, date: str, seed: int, seconds: float) -> dict[str, Any]:
    """The trials of a proof as they are stored; ``date`` is a day in ISO 8601, ``seconds`` the wall time."""
    from rocketchat_contract.prove.subjects import Kind  # noqa: PLC0415 - reading a proof needs neither
    from rocketchat_contract.prove.trial import to_json  # noqa: PLC0415

    return {
        "format": FORMAT,
        "date": date,
        "suite": {"version": __version__, "sha256": suite_sha256()},
        "seed": seed,
        "seconds": round(seconds, 1),
        "families": families_of(trials),
        **{f"{kind}s": [to_json(trial) for trial in trials if trial.subject.kind is kind] for kind in Kind},
    }


def families_of(trials: Sequence[Trial]) -> dict[str, list[int]]:
    """Per family of wrong servers: how many were caught by the right requirement, of how many."""
    from rocketchat_contract.prove.subjects import Kind  # noqa: PLC0415

    wrong = [trial for trial in trials if trial.subject.kind is Kind.WRONG]
    caught = Counter(trial.subject.family for trial in wrong if trial.is_as_expected)
    return {family: [caught[family], number] for family, number in Counter(t.subject.family for t in wrong).items()}


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
