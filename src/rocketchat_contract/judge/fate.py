"""Why a requirement was not judged, as values: the kind of reason, and the fate of calls that could have shown it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Why(StrEnum):
    """The kinds of reasons."""

    SETTING = "setting"
    """A setting of the workspace forbids what would show it."""
    LOST = "lost"
    """Calls that could show it were made, and lost."""
    NO_OVERLAP = "no-overlap"
    """Simultaneous calls were sent, and too few of them overlapped."""
    NARROW = "narrow"
    """The limiter lets fewer calls leave together than are to."""
    ENDED = "ended"
    """The run ended, or left something out, before a call could show it."""
    BUDGET = "budget"
    """A hard limit was reached before a call could show it."""
    CAPTURE = "capture"
    """A capture cannot show it."""
    NOT_SHOWN = "not-shown"
    """No call showed it, and nothing is known that kept one from it."""


class Fate(StrEnum):
    """What became of a call that could have shown something."""

    UNSENT = "unsent"
    UNANSWERED = "unanswered"
    FIREWALL = "firewall"
    EITHER = "either"
    """By an error page, of the server itself or of a firewall."""
    ROUTE = "route"
    LIMITER = "limiter"
    LENGTH = "length"
    GATEWAY = "gateway"
    ANSWERED = "answered"
    """By the server, with a status that says nothing."""
    APART = "apart"
    """It left with others, and too few of them were under way at once."""
    NARROW = "narrow"
    """Too few left with it."""
    BROKEN = "broken"
    """It broke another promise, so that this one was not at stake."""


class Cause(NamedTuple):
    """A fate with its detail: how a call failed, status and media type of an answer, or the promise that was broken.

    ``sign`` is how a hostile call was turned away where only other calls tell who did it.
    """

    fate: Fate
    detail: str = ""
    sign: str = ""
