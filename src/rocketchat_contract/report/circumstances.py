"""What a reader should know beside the verdict: who else acted, and what would decide more."""

from __future__ import annotations

from rocketchat_contract.judge.repeated import FACT as REPEATED
from rocketchat_contract.judge.sight import ALONE
from rocketchat_contract.report.account import Account
from rocketchat_contract.report.wording import listed

MOST_NAMED = 3
"""Requirements that a sentence names."""


def alone_sentence(account: Account) -> str:
    """The option that would decide what a capture leaves open; empty where it would decide nothing."""
    names = account.suspected
    if not names:
        return ""
    more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
    told = listed([*names[:MOST_NAMED], *more])
    are = "is" if len(names) == 1 else "are"
    return f"If nobody else acted on these visitors, {told} {are} broken: judge it so with {ALONE}."


def repeats_sentence(account: Account) -> str:
    """That something in front repeats calls, or somebody else closes chats; empty without a sign of it."""
    return next((fact.value for fact in account.facts if fact.name == REPEATED), "")
