"""What a contract and a corpus make of a run: its drivers, its budget, and whether it can be driven at all."""

from __future__ import annotations

from dataclasses import replace

from rocketchat_contract.config import RunConfig
from rocketchat_contract.contract.folder import read_folder
from rocketchat_contract.contract.selection import Selection
from rocketchat_contract.contract.vendored import ROOM, Contract
from rocketchat_contract.corpus.entry import chosen
from rocketchat_contract.errors import UsageError
from rocketchat_contract.judge.operation_profile import OPERATION_PROFILES, needs_credentials, operation_profile_of
from rocketchat_contract.openapi.page import Endpoint


def effective_profile(config: RunConfig) -> RunConfig:
    """The configuration with the drivers that its contract and its corpus call for; doing so twice changes nothing.

    The embedded server forgets nothing with time, so nobody pauses there.
    """
    profile, operation = config.profile, _operation(config)
    if {"corpus", "operation"} & set(profile.drivers):
        return config
    if operation not in OPERATION_PROFILES:
        profile = profile.of_another_operation
    if config.corpus is not None and profile.replays:
        cost = chosen(config.corpus, operation, profile).cost
        profile = profile.with_replays(*(config.repeat * number for number in cost))
    return replace(config, profile=profile if config.url else replace(profile, pause=0.0))


def _operation(config: RunConfig) -> Endpoint:
    return ROOM if config.contract is None else read_folder(config.contract).operation


def selection_of(config: RunConfig) -> Selection:
    """What the run is asked about."""
    return Selection(config.only, config.skip)


def refuse_undrivable(contract: Contract, config: RunConfig) -> None:
    """Raise when no calls of the operation can be generated: nobody would tidy up after them, or may make them."""
    operation = contract.operation
    if operation_profile_of(contract).is_stateful:
        return
    if operation.method != "get":
        raise UsageError(
            f"{operation} changes something on a server, so no calls of it are generated.",
            "Judge a record of such calls with judge --contract.",
        )
    if config.credentials is None and needs_credentials(contract):
        raise UsageError(f"{operation} is for users who have logged in.", "Give --credentials.")
