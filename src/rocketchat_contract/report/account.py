"""Everything a report tells, gathered once; all writers are pure functions of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rocketchat_contract.judge.reach import Reach
from rocketchat_contract.judge.verdict import Verdict
from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.ledger import Fact, Ledger


@dataclass(frozen=True)
class Strength:
    """How many single mutations of right bodies a contract rejects."""

    published_rejected: int
    full_rejected: int
    mutations: int


@dataclass(frozen=True)
class Account:
    """One run, ready to be told.

    ``header`` is the record's header (``run``, ``target``, ``profile``, ``seed``, ``started`` in ISO 8601,
    ``suite`` {version, sha256}, ``contract`` {page_sha256, sha256, overlay_sha256}, ``versions``).
    ``seconds`` is the wall time of the traffic. ``evidence`` holds the exchanges that findings point to.
    """

    header: Mapping[str, Any]
    verdict: Verdict
    reach: Reach = field(default_factory=Reach)
    ledger: Ledger = field(default_factory=Ledger)
    facts: tuple[Fact, ...] = ()
    evidence: Mapping[int, Exchange] = field(default_factory=dict)
    strength: Strength | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    paths: Mapping[str, str] = field(default_factory=dict)
