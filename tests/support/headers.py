"""Headers and footers for records of runs that never happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.header import ContractMark, RecordHeader, SuiteMark


@dataclass(frozen=True)
class Raw:
    """Whatever members a line shall have, right or wrong."""

    content: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> Mapping[str, Any]:
        """The members."""
        return self.content


def raw_header(content: Mapping[str, Any]) -> RecordHeader:
    """A header of just these members."""
    return cast("RecordHeader", Raw(content))


def raw_footer(content: Mapping[str, Any]) -> RecordFooter:
    """A footer of just these members."""
    return cast("RecordFooter", Raw(content))


def header_of(**members: Any) -> RecordHeader:
    """The header of a run on loopback."""
    marks = {"suite": SuiteMark("0", ""), "contract": ContractMark("", "", None, "")}
    return RecordHeader(**{"run": "r", "target": "http://127.0.0.1:1", "drivers": ("core",), **marks, **members})
