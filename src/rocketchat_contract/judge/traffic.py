"""How far the traffic came, in numbers of exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TrafficStats:
    """How far the traffic came: numbers of exchanges.

    ``overlapping`` calls had another of the same visitor under way. Of the ``volley_calls`` that were fired in
    ``volleys``, ``volley_overlapped`` really overlapped another, at most ``volley_together`` at once; the fastest
    answer came ``volley_fastest`` nanoseconds after its call had left.
    """

    exchanges: int = 0
    room_calls: int = 0
    ok: int = 0
    created: int = 0
    returned: int = 0
    refused: int = 0
    limited: int = 0
    failed: int = 0
    overlapping: int = 0
    by_driver: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    volleys: int = 0
    volley_calls: int = 0
    volley_overlapped: int = 0
    volley_together: int = 0
    volley_fastest: int = 0
