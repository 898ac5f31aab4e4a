"""Why something was not judged, told: one true reason, and the advice that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rocketchat_contract.judge.fate import Cause, Fate, Why
from rocketchat_contract.judge.verdict import Row, decides
from rocketchat_contract.report.phrases import LEVELS, listed
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.rocketchat.paths import ROOM_PATH

NOTHING_SHOWED_IT = "No call of this run showed it."

_FATES = {
    Fate.UNSENT: "not sent ({})",
    Fate.UNANSWERED: "not answered ({})",
    Fate.FIREWALL: "answered by a firewall in the server's place ({})",
    Fate.EITHER: "answered by a page in the server's place, which a firewall wrote, or the server as it broke ({})",
    Fate.ROUTE: "answered as if there were no such route ({})",
    Fate.LIMITER: "turned away by the limiter ({})",
    Fate.LENGTH: "turned away for the length of the request ({})",
    Fate.GATEWAY: "answered by a gateway ({})",
    Fate.ANSWERED: "answered with status {}",
    Fate.APART: "answered while {} were under way together",
    Fate.NARROW: "sent in a burst of {}",
    Fate.BROKEN: "broke another promise instead, {}",
}
"""What became of a call, as the end of a sentence that begins with the call."""

_ADVICE_ON_OVERLAP = "Run again where this machine has less else to do, and from near the server."
_ADVICE_ON_WIDTH = "Lift the limiter: with an administrator's --credentials, or for the time of the run."
_ADVICE = {
    Fate.UNSENT: "Check the way to the target, and run again.",
    Fate.UNANSWERED: "See in the logs of the server, and of what stands in front of it, who ended the connection.",
    Fate.FIREWALL: "Let this machine's calls pass the firewall, or run behind it.",
    Fate.EITHER: "Ask from behind the firewall, or see in the server's log whether it broke on these values.",
    Fate.ROUTE: f"Let the proxy pass {ROOM_PATH} on, or give the base URL of the workspace.",
    Fate.LIMITER: "Name the limit with --limit, or lift it for the time of the run.",
    Fate.LENGTH: "Let the proxy take longer requests, or run behind it.",
    Fate.GATEWAY: "Run again when the server behind the gateway answers.",
    Fate.ANSWERED: "See the server's log.",
    Fate.APART: _ADVICE_ON_OVERLAP,
    Fate.NARROW: _ADVICE_ON_WIDTH,
    Fate.BROKEN: "Fix that first.",
}
_TIMEOUT = "timeout"
_ADVICE_ON_TIMEOUT = "See in the server's log what became of it; --timeout waits longer."
_ADVICE_OF = {
    Why.NO_OVERLAP: _ADVICE_ON_OVERLAP,
    Why.NARROW: _ADVICE_ON_WIDTH,
    Why.BUDGET: "A larger --profile, or --repeat, shows it.",
    Why.NOT_SHOWN: "A larger --profile may show it.",
}


def unjudged_reason_of(row: Row) -> str:
    """Why a row was not judged, and what would change that."""
    if row.why is None:
        return row.reason
    text = causes_sentence(row.causes) if row.why is Why.LOST else row.reason or NOTHING_SHOWED_IT
    return " ".join(filter(None, (text, advice_of(row))))


def advice_of(row: Row) -> str:
    """What would get the row judged; empty where the reason says it."""
    if row.why is Why.LOST:
        cause = row.causes[0][0]
        waits = cause.fate is Fate.UNANSWERED and cause.detail == _TIMEOUT
        return _ADVICE_ON_TIMEOUT if waits else _ADVICE[cause.fate]
    return _ADVICE_OF.get(row.why, "") if row.why else ""


def causes_sentence(causes: Sequence[tuple[Cause, int]]) -> str:
    """One sentence for what became of all calls that could have shown something, the most frequent cause first."""
    total = sum(number for _, number in causes)
    if len(causes) > 1:
        text = ", ".join(f"{number} {_words(cause)}" for cause, number in causes)
        return f"All {total} calls that could show it were lost: {text}."
    cause, number = causes[0]
    calls, verb = ("The call that could show it", "was ") if number == 1 else (f"All {number} such calls", "were ")
    return f"{calls} {'' if cause.fate is Fate.BROKEN else verb}{_words(cause)}."


def _words(cause: Cause) -> str:
    return _FATES[cause.fate].format(cause.detail)


def unjudged_reason(row: Row) -> str:
    """Why a row was not judged or does not apply; never empty."""
    return sentence(unjudged_reason_of(row)) or "no reason was recorded"


def by_reason(rows: Iterable[Row], *, strict: bool) -> dict[str, list[Row]]:
    """Rows that nothing was found out about, by why; what keeps the run from passing comes first."""
    found: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: not decides(row, strict=strict)):
        found.setdefault(unjudged_reason(row), []).append(row)
    return found


def levels(rows: Sequence[Row]) -> str:
    """How many of each level: ``9 required and 2 recommended checks``."""
    names = [LEVELS[row.requirement.level] for row in rows]
    noun = "check" if len(names) == 1 else "checks"
    return f"{listed([f'{names.count(name):,} {name}' for name in dict.fromkeys(names)])} {noun}"
