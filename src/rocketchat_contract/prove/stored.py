"""The proof as data, as ``prove`` writes it; ``report/proof.py`` reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rocketchat_contract import __version__
from rocketchat_contract.contract.suite_hash import suite_sha256

if TYPE_CHECKING:
    from rocketchat_contract.prove.trial import Trial

_FORMAT = 1


def proof_data(trials: Sequence[Trial], *, date: str, seed: int, seconds: float) -> dict[str, Any]:
    """The trials of a proof as they are stored; ``date`` is a day in ISO 8601, ``seconds`` the wall time."""
    from rocketchat_contract.prove.subjects import SubjectKind  # noqa: PLC0415 - reading a proof needs neither
    from rocketchat_contract.prove.trial import to_json  # noqa: PLC0415

    return {
        "format": _FORMAT,
        "date": date,
        "suite": {"version": __version__, "sha256": suite_sha256()},
        "seed": seed,
        "seconds": round(seconds, 1),
        "families": families_of(trials),
        **{f"{kind}s": [to_json(trial) for trial in trials if trial.subject.kind is kind] for kind in SubjectKind},
    }


def families_of(trials: Sequence[Trial]) -> dict[str, list[int]]:
    """Per family of wrong servers: how many were caught by the right requirement, of how many."""
    from rocketchat_contract.prove.subjects import SubjectKind  # noqa: PLC0415

    wrong = [trial for trial in trials if trial.subject.kind is SubjectKind.WRONG]
    caught = Counter(trial.subject.family for trial in wrong if trial.is_as_expected)
    return {family: [caught[family], number] for family, number in Counter(t.subject.family for t in wrong).items()}
