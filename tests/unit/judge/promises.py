"""The promises that a history breaks when no order of its calls explains the answers."""

from __future__ import annotations

from rocketchat_contract.record.exchange import Exchange
from support.histories import broken

OF_A_HISTORY = frozenset(
    {
        "a-known-visitor-gets-a-room",
        "an-open-room-is-returned",
        "newroom-is-true-for-a-created-room",
        "newroom-is-false-for-a-returned-room",
        "a-closed-room-is-not-returned",
        "a-created-room-has-a-new-id",
        "overlapping-calls-open-one-room",
        "overlapping-calls-report-one-creation",
        "calls-beside-a-close-agree",
        "calls-beside-a-neighbour-agree",
        "an-own-open-rid-is-returned",
        "a-closed-rid-is-refused",
        "an-unknown-rid-is-refused",
        "a-foreign-rid-is-refused",
        "a-rid-is-matched-exactly",
        "a-token-is-matched-exactly",
        "an-unknown-token-is-refused",
        "a-deleted-visitor-is-refused",
        "an-agent-id-changes-no-open-room",
        "a-refused-call-changes-nothing",
    }
)


def broken_in_order(*calls: Exchange) -> set[str]:
    """Those of them that the calls break."""
    return broken(*calls) & OF_A_HISTORY
