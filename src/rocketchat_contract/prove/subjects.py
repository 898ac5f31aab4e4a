"""What a proof tries the suite on: editions, conformant variants, wrong servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from rocketchat_contract.errors import UsageError


class SubjectKind(StrEnum):
    """What a subject is."""

    EDITION = "edition"
    VARIANT = "variant"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Subject:
    """One server to try: ``breaks`` are requirements that must be named, ``allows`` those that may be.

    ``needs`` is what a fault needs to show beside the right calls, as the catalogue has it. ``verdict`` is what a
    server that breaks nothing ends with: one where nobody may open a room cannot be judged in full. ``edition`` stands
    for the name where several have one, ``more`` are settings beside it. A ``measured`` server is a release as its own
    code was measured: nothing may be named that its own code was not found to break.
    """

    kind: SubjectKind
    name: str
    family: str
    sentence: str
    breaks: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    needs: str = ""
    verdict: str = "conformant"
    edition: str = ""
    more: tuple[str, ...] = ()
    measured: bool = False

    @property
    def settings(self) -> tuple[str, ...]:
        """The reference server's settings, as ``NAME=VALUE``."""
        named = f"edition={self.edition or self.name}" if self.kind is SubjectKind.EDITION else f"wrong={self.name}"
        return (named, *self.more)


_RACES = (
    "overlapping-calls-report-one-creation",
    "calls-beside-a-close-agree",
    "calls-beside-a-neighbour-agree",
)
"""What may be seen broken, too, where each overlapping call opens a room."""

_WIDER_MARKUP = ("a-200-fits-the-published-schema",)
_LOST_RACE = ("a-racing-call-is-not-refused", "nothing-internal-leaks")
_SERVER_ERROR = ("no-call-ends-in-a-server-error", "a-status-is-published")


EDITION_SUBJECTS = (
    Subject(SubjectKind.EDITION, "newest", "edition", "One open room per visitor, guaranteed by the store."),
    Subject(
        SubjectKind.EDITION,
        "8.6",
        "edition",
        "Rocket.Chat 8.6 as measured: the message that a chat begins with names its author null (PR #31497).",
        breaks=("a-200-fits-the-full-schema",),
        allows=(*_WIDER_MARKUP, *_LOST_RACE),
        measured=True,
    ),
    Subject(
        SubjectKind.EDITION,
        "8.6-ignore-undefined",
        "edition",
        "Rocket.Chat 8.6 as measured, its database told to ignore what has no value: a loser of a race is refused.",
        allows=(*_WIDER_MARKUP, *_LOST_RACE),
        edition="8.6",
        more=("ignore_undefined=true",),
        measured=True,
    ),
    Subject(
        SubjectKind.EDITION,
        "7.10",
        "edition",
        "A look-up, then an insertion, and nothing that holds them together (Rocket.Chat issue #38148).",
        breaks=("overlapping-calls-open-one-room",),
    ),
    Subject(
        SubjectKind.EDITION,
        "7.2",
        "edition",
        "Rocket.Chat 7.2 as measured, the whole application: malformed encodings are never answered.",
        breaks=("overlapping-calls-open-one-room",),
        allows=(*_RACES, *_WIDER_MARKUP, "a-call-is-answered"),
        measured=True,
    ),
    Subject(
        SubjectKind.EDITION,
        "7.2-rest",
        "edition",
        "Rocket.Chat 7.2 as measured, its REST stack alone: malformed encodings are answered with 500.",
        breaks=("overlapping-calls-open-one-room", "no-call-ends-in-a-server-error"),
        allows=(*_RACES, *_WIDER_MARKUP, *_SERVER_ERROR),
        measured=True,
    ),
    Subject(
        SubjectKind.EDITION,
        "6.5",
        "edition",
        "Rocket.Chat 6.5 as measured: each overlapping first call opens a room.",
        breaks=("overlapping-calls-open-one-room",),
        allows=(*_RACES, *_WIDER_MARKUP, "a-call-is-answered"),
        measured=True,
    ),
    Subject(
        SubjectKind.EDITION,
        "3.7",
        "edition",
        "A call without rid always makes a room (Rocket.Chat issue #17822).",
        breaks=("an-open-room-is-returned",),
    ),
    Subject(
        SubjectKind.EDITION,
        "3.4",
        "edition",
        "Rocket.Chat 3.4 as measured: each call makes a room, and refusals are exceptions.",
        breaks=(
            "an-open-room-is-returned",
            "overlapping-calls-open-one-room",
            "a-closed-rid-is-refused",
            "an-unknown-rid-is-refused",
            "an-agent-id-changes-no-open-room",
            "a-refusal-names-its-error",
            "a-400-fits-the-full-schema",
        ),
        allows=(
            *_RACES,
            "a-foreign-rid-is-refused",
            "a-refused-call-changes-nothing",
            "a-rid-is-matched-exactly",
            "the-missing-token-is-named",
            "a-call-is-answered",
        ),
        measured=True,
    ),
)


def all_subjects() -> Iterator[Subject]:
    """List every subject: editions, variants, then wrong servers by family."""
    from rocketchat_contract.reference.wrong import VARIANTS, WRONG_SERVERS  # noqa: PLC0415 - uvicorn is slow to import

    yield from EDITION_SUBJECTS
    for variant in VARIANTS.values():
        verdict = variant.verdict
        yield Subject(
            SubjectKind.VARIANT, variant.name, "variant", variant.sentence, allows=variant.warns, verdict=verdict
        )
    for server in WRONG_SERVERS.values():
        breaks = (server.breaks,)
        yield Subject(SubjectKind.WRONG, server.name, server.family, server.sentence, breaks, needs=server.needs)


def matching(pattern: str) -> tuple[Subject, ...]:
    """List the subjects whose name or family matches a glob; raises ``UsageError`` when none does."""
    found = tuple(s for s in all_subjects() if fnmatchcase(s.name, pattern) or fnmatchcase(s.family, pattern))
    if not found:
        raise UsageError(f"No server matches --only {pattern}.", "See `rocketchat-contract serve --list`.")
    return found
