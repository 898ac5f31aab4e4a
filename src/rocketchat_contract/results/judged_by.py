"""What a target is judged by: the contract and its requirements, and what a verdict rests on."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rocketchat_contract import __version__
from rocketchat_contract.contract.catalogue import load_catalogue
from rocketchat_contract.contract.requirements import Requirements
from rocketchat_contract.contract.suite_hash import suite_sha256
from rocketchat_contract.contract.vendored import Contract, load_contract
from rocketchat_contract.judge.judge import Judge
from rocketchat_contract.judge.observation import COMPLETE, Observation
from rocketchat_contract.judge.operation_profile import OperationProfile, operation_profile_of
from rocketchat_contract.record.header import ContractMark, SuiteMark


@dataclass(frozen=True)
class JudgedBy:
    """What a target is judged by."""

    contract: Contract
    requirements: Requirements

    def judge(self, observation: Observation = COMPLETE) -> Judge:
        """A judge who has seen nothing yet."""
        contract = self.contract
        return Judge(
            self.requirements, contract.published_bodies, contract.full_bodies, observation, self.operation_profile
        )

    @property
    def operation_profile(self) -> OperationProfile:
        """What the judge knows of the operation under contract."""
        return operation_profile_of(self.contract)


def load_judged_by(overlay: Path | None = None, folder: Path | None = None) -> JudgedBy:
    """The vendored contract, or the one in a folder, with the user's own overlay on top."""
    return _vendored() if overlay is None and folder is None else _loaded(overlay, folder)


@cache
def _vendored() -> JudgedBy:
    """What most runs are judged by; a process that makes or judges many of them reads it once."""
    return _loaded(None, None)


def _loaded(overlay: Path | None, folder: Path | None) -> JudgedBy:
    contract = load_contract(overlay, folder)
    return JudgedBy(contract, load_catalogue(contract))


def provenance(promises: JudgedBy) -> dict[str, Any]:
    """What a verdict rests on, as members of ``RecordHeader``: the suite, the contract and the libraries."""
    contract = promises.contract
    versions = {name: version(name) for name in ("schemathesis", "hypothesis", "jsonschema")}
    return {
        "suite": SuiteMark(__version__, suite_sha256()),
        "contract": ContractMark(
            str(contract.operation), contract.page_sha256, contract.overlay_sha256, contract.sha256
        ),
        "versions": {"python": platform.python_version(), **versions},
    }
