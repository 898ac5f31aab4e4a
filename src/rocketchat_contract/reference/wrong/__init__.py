"""Servers that break exactly one thing, and servers that differ and keep the contract.

``WRONG_SERVERS`` and ``VARIANTS`` hold them by name; ``find`` is what ``Settings.wrong`` resolves names with.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from rocketchat_contract.errors import UsageError
from rocketchat_contract.reference.wrong import (
    agents,
    circumstances,
    connections,
    crossing,
    disclosure,
    envelopes,
    exchanges,
    forgetting,
    get_or_create,
    identity,
    lasting,
    lives,
    losers,
    races,
    refusals,
    rid,
    robustness,
    schema,
    schema_parts,
    spelled,
    text,
    tokens,
    transient,
    unequal,
    variants,
    wire,
    workspaces,
)
from rocketchat_contract.reference.wrong.catalogue import Deviate, Variant, WrongServer

_MODULES = (
    get_or_create,
    forgetting,
    races,
    losers,
    unequal,
    crossing,
    rid,
    spelled,
    tokens,
    lives,
    identity,
    disclosure,
    lasting,
    exchanges,
    refusals,
    agents,
    envelopes,
    schema,
    schema_parts,
    wire,
    connections,
    text,
    robustness,
)

WRONG_SERVERS: Mapping[str, WrongServer] = {
    server.name: server for module in _MODULES for server in module.family.servers
}
VARIANTS: Mapping[str, Variant] = {
    variant.name: variant
    for module in (workspaces, variants, agents, lives, transient, circumstances)
    for variant in module.variants.variants
}
FAMILIES: tuple[str, ...] = tuple(dict.fromkeys(server.family for server in WRONG_SERVERS.values()))


def find(name: str) -> Deviate:
    """Find what makes a wrong server or a variant out of right parts; raises ``UsageError`` for unknown names."""
    found = WRONG_SERVERS.get(name) or VARIANTS.get(name)
    if found is not None:
        return found.deviate
    near = get_close_matches(name, [*WRONG_SERVERS, *VARIANTS], n=1)
    hint = f"Did you mean {near[0]}?" if near else "See `rocketchat-contract serve --list`."
    raise UsageError(f"There is no wrong server {name!r}.", hint)
