"""Release lines of Rocket.Chat that the reference server can behave like.

``newest`` keeps the contract: one open room per visitor, guaranteed by the store. ``7.10``: a look-up, then an
insertion, and nothing that holds them together (Rocket.Chat issue #38148); its limiter is silently off (PR #36313).
``3.7``: a call without ``rid`` always makes a room (issue #17822), and refusals are serialised exceptions.

``3.4``, ``6.5``, ``7.2`` and ``8.6`` are releases as their own code was measured, held to the named calls by the
command ``replay``. ``7.2`` is the whole application, which never answers malformed encodings; ``7.2-rest`` is its REST
stack alone, behind a front that answers them with 500, and paths that are no route with a page.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace

from rocketchat_contract.config import did_you_mean
from rocketchat_contract.errors import UsageError
from rocketchat_contract.reference.app import App, Parts
from rocketchat_contract.reference.releases.line_3_4 import Line34
from rocketchat_contract.reference.releases.line_3_7 import OldOmnichannel
from rocketchat_contract.reference.releases.line_6_5 import Line65, SeveralVisitors
from rocketchat_contract.reference.releases.line_7_2 import Line72
from rocketchat_contract.reference.releases.line_8_6 import Hono, Line86
from rocketchat_contract.reference.releases.restivus import CalledRestivus, OldRestivus, Restivus
from rocketchat_contract.reference.service import Edition
from rocketchat_contract.reference.settings import Settings

NEWEST = Edition("newest", "8.8", one_open_room=True)
LINE_7_10 = Edition("7.10", "7.10", one_open_room=False, database=(0.001, 0.003), limiter=False, strict_query=False)
LINE_3_7 = Edition("3.7", "3.7", one_open_room=False, database=(0.001, 0.003), own_limits=False, strict_query=False)


_UNGUARDED = Edition("", "", one_open_room=False, database=(0.004, 0.008), strict_query=False)
RELEASE_3_4 = replace(_UNGUARDED, name="3.4", version="3.4.0", own_limits=False)
RELEASE_6_5 = replace(_UNGUARDED, name="6.5", version="6.5", own_limits=False)
RELEASE_7_2 = replace(_UNGUARDED, name="7.2", version="7.2")
RELEASE_8_6 = Edition("8.6", "8.6", one_open_room=True, database=(0.008, 0.016))

_PARTS: dict[str, Parts] = {
    parts.edition.name: parts
    for parts in (
        Parts(Settings(), NEWEST),
        Parts(Settings(), LINE_7_10),
        Parts(Settings(), LINE_3_7, OldOmnichannel),
        Parts(Settings(), RELEASE_8_6, Line86, front=Hono),
        Parts(Settings(), RELEASE_7_2, Line72, front=Restivus),
        Parts(Settings(), replace(RELEASE_7_2, name="7.2-rest"), Line72, front=CalledRestivus),
        Parts(Settings(), RELEASE_6_5, Line65, front=Restivus, store=SeveralVisitors),
        Parts(Settings(), RELEASE_3_4, Line34, front=OldRestivus, store=SeveralVisitors),
    )
}
REFERENCE_EDITIONS: tuple[str, ...] = tuple(_PARTS)


def parts_of(settings: Settings) -> Parts:
    """Put together what the settings name: an edition, then the deviation laid over it."""
    if settings.edition not in REFERENCE_EDITIONS:
        hint = did_you_mean(settings.edition, REFERENCE_EDITIONS, "The editions are")
        raise UsageError(f"There is no edition {settings.edition!r}.", hint)
    parts = replace(_PARTS[settings.edition], settings=settings)
    return _deviation(settings.wrong)(parts) if settings.wrong else parts


def _deviation(name: str) -> Callable[[Parts], Parts]:
    """Find a wrong server by its name in the catalogue, or by ``module:attribute``."""
    module, colon, attribute = name.partition(":")
    if not colon:
        module, attribute = "rocketchat_contract.reference.wrong", "find"
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"There is no wrong server {name!r}: {error}.", "Check the name.") from error
    deviate: Callable[[Parts], Parts] = found if colon else found(name)
    return deviate


def limit_notice(settings: Settings) -> str:
    """What a limit does not do in an edition, as in that release; empty where it holds on the room call."""
    edition, limit = parts_of(settings).edition, settings.limit
    if limit is None or (edition.limiter and edition.own_limits):
        return ""
    if not edition.limiter:
        return f"The limit has no effect: the limiter of {edition.name} is off, as in that release."
    return f"Release {edition.name} allows twice as many room calls: {2 * limit.calls} per {limit.seconds:g} s."


def make_app(settings: Settings | None = None) -> App:
    """Make the server that the settings name."""
    return App(parts_of(settings or Settings()))
