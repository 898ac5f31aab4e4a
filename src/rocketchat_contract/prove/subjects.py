"""What a proof tries the suite on: editions, conformant variants, wrong servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from rocketchat_contract.errors import UsageError


class Kind(StrEnum):
    """What a subject is."""

    EDITION = "edition"
    VARIANT = "variant"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Subject:
    """One server to try: ``breaks`` are requirements that must be named, ``allows`` shoulds that may be.

    ``needs`` is what a fault needs to show beside the right calls, as the catalogue has it.
    """

    kind: Kind
    name: str
    family: str
    sentence: str
    breaks: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    needs: str = ""

    @property
    def settings(self) -> tuple[str, ...]:
        """The reference server's settings, as ``NAME=VALUE``."""
        return (f"edition={self.name}",) if self.kind is Kind.EDITION else (f"wrong={self.name}",)


EDITIONS = (
    Subject(Kind.EDITION, "newest", "edition", "One open room per visitor, guaranteed by the store."),
    Subject(
        Kind.EDITION,
        "7.10",
        "edition",
        "A look-up, then an insertion, and nothing that holds them together (Rocket.Chat issue #38148).",
        breaks=("overlapping-calls-open-one-room",),
    ),
    Subject(
        Kind.EDITION,
        "3.7",
        "edition",
        "A call without rid always makes a room (Rocket.Chat issue #17822).",
        breaks=("an-open-room-is-returned",),
    ),
)


def all_subjects() -> Iterator[Subject]:
    """List every subject: editions, variants, then wrong servers by family."""
    from rocketchat_contract.reference.wrong import VARIANTS, WRONG_SERVERS  # noqa: PLC0415 - uvicorn is slow to import

    yield from EDITIONS
    for variant in VARIANTS.values():
        yield Subject(Kind.VARIANT, variant.name, "variant", variant.sentence, allows=variant.warns)
    for server in WRONG_SERVERS.values():
        breaks = (server.breaks,)
        yield Subject(Kind.WRONG, server.name, server.family, server.sentence, breaks, needs=server.needs)


def matching(pattern: str) -> tuple[Subject, ...]:
    """List the subjects whose name or family matches a glob; raises ``UsageError`` when none does."""
    found = tuple(s for s in all_subjects() if fnmatchcase(s.name, pattern) or fnmatchcase(s.family, pattern))
    if not found:
        raise UsageError(f"No server matches --only {pattern}.", "See `rocketchat-contract serve --list`.")
    return found
