"""What a reader should know beside the verdict: who else acted, and what would decide more."""

from __future__ import annotations

from collections.abc import Mapping

from rocketchat_contract.contract.requirements import Requirement
from rocketchat_contract.judge.blocked import BLOCKED_FACT as BLOCKED
from rocketchat_contract.judge.observation import ALONE
from rocketchat_contract.judge.repeated import REPEATED_FACT as REPEATED
from rocketchat_contract.record.ledger import CLOSED_BY_OTHERS, SENT_TWICE, Fact
from rocketchat_contract.report.phrases import listed
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.run_result import RunResult

_MOST_NAMED = 3
"""Requirements that a sentence names."""


_ACTORS: Mapping[str, frozenset[str]] = {
    CLOSED_BY_OTHERS: frozenset({"get-or-create", "rid", "room", "refusals"}),
    SENT_TWICE: frozenset({"get-or-create", "rid"}),
    REPEATED: frozenset(),
    BLOCKED: frozenset(),
}
"""Facts about others who act, each with the groups of requirements whose findings it may explain; the findings that
repeated or blocked calls explain say so themselves."""


def circumstances(result: RunResult) -> tuple[str, ...]:
    """Who else acted, in a sentence each; what the run itself saw comes before what the judge concludes."""
    text = {fact.name: _sentence(fact) for fact in result.facts if fact.name in _ACTORS}
    if SENT_TWICE in text:
        text.pop(REPEATED, None)
    return tuple(text[name] for name in _ACTORS if name in text)


def explaining(result: RunResult, requirement: Requirement) -> tuple[str, ...]:
    """The circumstances that may explain a finding about a requirement."""
    groups = (_ACTORS.get(fact.name, frozenset()) for fact in result.facts)
    pairs = zip(result.facts, groups, strict=True)
    return tuple(_sentence(fact) for fact, explained in pairs if requirement.group in explained)


def _sentence(fact: Fact) -> str:
    return sentence(f"{fact.name.capitalize()}: {fact.value.rstrip('.')}.")


def alone_sentence(result: RunResult) -> str:
    """The option that would decide what a capture leaves open; empty where it would decide nothing."""
    names = result.suspected
    if not names:
        return ""
    more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    text = listed([*names[:_MOST_NAMED], *more])
    are = "is" if len(names) == 1 else "are"
    return f"If nobody else acted on these visitors, {text} {are} broken: judge it so with {ALONE}."
