"""The first line of a record: which run it was, and what judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from rocketchat_contract.contract.selection import ALL_ASKED, Selection
from rocketchat_contract.record.published_schema import wrong_member


@dataclass(frozen=True, slots=True)
class SuiteMark:
    """Which suite made the record."""

    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ContractMark:
    """What is judged by; ``operation`` is empty in records of versions that knew one operation only."""

    operation: str
    page_sha256: str
    overlay_sha256: str | None
    sha256: str


@dataclass(frozen=True, slots=True)
class CaptureMark:
    """The HAR file that the exchanges come from, somebody else's traffic.

    ``ignored`` counts the entries left out by reason, ``redacted`` the calls whose token was hidden, ``bodiless`` the
    room calls without their body, ``masked`` personal texts by kind. ``alone`` says that nobody acted on the visitors
    but who is seen.
    """

    file: str
    sha256: str
    made_by: str
    entries: int
    ignored: Mapping[str, int]
    redacted: int
    bodiless: int = 0
    masked: Mapping[str, int] = field(default_factory=dict)
    alone: bool = False


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """Which run it was; ``to_json`` and ``from_json`` are the line in the file.

    ``folder`` is where a deployment's run kept its record, ``embedded`` how the reference server was set, ``started`` a
    moment in UTC (ISO 8601), ``width`` how many calls have to be under way at once. What a run of an older version did
    not write is empty.
    """

    run: str
    target: str
    drivers: tuple[str, ...]
    suite: SuiteMark
    contract: ContractMark
    folder: str = ""
    embedded: str = ""
    profile: str = ""
    width: int = 0
    seed: int | None = None
    repeat: int = 1
    asked: Selection = ALL_ASKED
    started: str = ""
    capture: CaptureMark | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The members in the order of the file; what is not known is left out."""
        members = {name: getattr(self, name) for name in _ORDER}
        plain = {name: value for name, value in members.items() if name in _ALWAYS or value not in _EMPTY[name]}
        plain |= {name: asdict(plain[name]) for name in ("capture", "suite", "contract") if name in plain}
        if "asked" in plain:
            plain["asked"] = self.asked.to_json()
        if not self.contract.operation:
            del plain["contract"]["operation"]
        return {**plain, "drivers": list(self.drivers)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> RecordHeader:
        """Read a header; raises ``ValueError`` with the name of the first member that is missing or wrong."""
        if (wrong := wrong_member("header", content)) is not None:
            raise ValueError(wrong)
        if not _is_in_time(content.get("started", "")):
            raise ValueError("started")
        known = {name: content[name] for name in _ORDER if name in content}
        capture = content.get("capture")
        return cls(
            **{
                **known,
                "drivers": tuple(content["drivers"]),
                "suite": _of(SuiteMark, content["suite"]),
                "contract": _of(ContractMark, {"operation": "", **content["contract"]}),
                "asked": Selection.from_json(content.get("asked")),
                "capture": None if capture is None else _of(CaptureMark, capture),
            }
        )


_ORDER = (
    "run", "folder", "target", "embedded", "profile", "drivers", "width", "seed", "repeat", "asked", "started",
    "capture", "suite", "contract", "versions",
)  # fmt: skip
_ALWAYS = frozenset({"run", "target", "drivers", "suite", "contract"})
_EMPTY: Mapping[str, tuple[object, ...]] = {
    **dict.fromkeys(_ORDER, ("", None, {})),
    "width": (0,),
    "repeat": (1,),
    "asked": (ALL_ASKED,),
    "embedded": (None,),
    "seed": (None,),
}


def _of(kind: Any, content: Mapping[str, Any]) -> Any:
    return kind(**{each.name: content[each.name] for each in fields(kind) if each.name in content})


def _is_in_time(text: str) -> bool:
    """Whether a moment can be said in every time zone; a text that is no moment is only shown."""
    try:
        datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        return False
    except ValueError:
        return True
    return True
