"""What visitors were registered with, as far as accepted registrations tell."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from rocketchat_contract.judge.operation import Operation, member, sent_of


class Registrations:
    """What each token's visitor was registered with; a name counts for good, for a room may keep an earlier one."""

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}
        self._departments: dict[str, str] = {}
        self._fields: dict[str, dict[str, str]] = {}

    def learn(self, op: Operation) -> None:
        """Keep what an accepted registration sent."""
        token, sent = op.token or "", member(sent_of(op.exchange.request), "visitor")
        name, department = sent.get("name"), sent.get("department")
        if isinstance(name, str) and name.strip():
            self._names[token] = (*self._names.get(token, ()), plain_text(name))
        if isinstance(department, str) and department:
            self._departments[token] = department
        for key, value in _fields_of(sent):
            self._fields.setdefault(token, {})[key] = value

    def learn_lost(self, op: Operation) -> None:
        """What a registration sent whose answer was lost counts perhaps: the name as one of several, nothing else."""
        self.learn(op)
        self._departments.pop(op.token or "", None)
        self._fields.pop(op.token or "", None)

    def forget(self, token: str) -> None:
        """Drop what was known of a visitor who was deleted."""
        for kept in (self._names, self._departments, self._fields):
            kept.pop(token, None)

    def names_of(self, token: str) -> tuple[str, ...]:
        """The names of a visitor, the last one last."""
        return self._names.get(token, ())

    def department_of(self, token: str) -> str:
        """The department that a visitor asked for last; empty for none."""
        return self._departments.get(token, "")

    def fields_of(self, token: str) -> Mapping[str, str]:
        """The custom fields of a visitor."""
        return self._fields.get(token, {})


def _fields_of(sent: Mapping[str, Any]) -> list[tuple[str, str]]:
    listed = sent.get("customFields")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    pairs = [(entry.get("key"), entry.get("value")) for entry in entries]
    return [(key, value) for key, value in pairs if isinstance(key, str) and isinstance(value, str)]


def plain_text(text: str) -> str:
    """A text without what servers may normalise: how letters are composed, and white space."""
    return " ".join(unicodedata.normalize("NFC", text).split())
