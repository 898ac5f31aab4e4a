"""Leaves the target as it was: rooms closed by id, then visitors deleted, which also erases the rooms."""

from __future__ import annotations

from rocketchat_contract.record.ledger import Ledger
from rocketchat_contract.target.client import Client, Purpose
from rocketchat_contract.target.keeper import Keeper
from rocketchat_contract.target.visitors import close_call, delete_call

FAILURES_TO_GIVE_UP = 3


def clean_up(client: Client, keeper: Keeper) -> Ledger:
    """Close and delete all that is left; gives up when the target is gone, and says what is left."""
    secrets = {f"${name}": token for name, token in client.mask.variables().items()}
    failures = 0
    for room, name in keeper.open_rooms():
        op = client.send(close_call(secrets[name], room), Purpose("cleanup", "close", name), free=True)
        failures = failures + 1 if op.exchange.response is None else 0
        if failures >= FAILURES_TO_GIVE_UP:
            return keeper.ledger()
    for name in keeper.present_visitors():
        op = client.send(delete_call(secrets[name]), Purpose("cleanup", "delete", name), free=True)
        failures = failures + 1 if op.exchange.response is None else 0
        if failures >= FAILURES_TO_GIVE_UP:
            break
    return keeper.ledger()
