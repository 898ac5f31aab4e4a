"""What somebody accepted beforehand, told: by a baseline, or since releases of Rocket.Chat are known for it."""

from __future__ import annotations

from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.verdict import Outcome, decides
from rocketchat_contract.report.accepted import STANDING_MEANINGS
from rocketchat_contract.report.known import ACCEPT, Knowledge
from rocketchat_contract.report.phrases import count, listed
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.run_result import RunResult

_MOST_NAMED = 3
"""Requirements that a sentence names."""

_LONG = 800
"""Characters of what is said of what is accepted."""


def baseline_sentence(result: RunResult) -> str:
    """What became of the baseline's entries, and what the run ends with for it."""
    code = int(result.exit_code)
    hidden = [row.requirement.id for row in result.hidden if row.requirement.level == "must"]
    hides = f" It hides {listed(hidden)}, which no call can show there." if hidden else ""
    text = f"{result.acceptance.sentence}{hides} It changes the exit code, which is {code}, and never the verdict."
    return sentence(" ".join(filter(None, (text, unaccepted_sentence(result)))), _LONG)


def unaccepted_sentence(result: RunResult) -> str:
    """Why a run whose every broken promise is accepted is no pass all the same; empty when that is not so.

    An accepted fault may keep the traffic from what would show other promises; an obstacle speaks for itself.
    """
    accepted = sorted({*result.acceptance.accepted, *(row.requirement.id for row in result.let_pass)})
    rows = [row for row in result.verdict.rows if row.outcome is Outcome.NOT_JUDGED and decides(row, strict=False)]
    if not (accepted and rows and result.exit_code is ExitCode.INCOMPLETE):
        return ""
    were = "was" if len(rows) == 1 else "were"
    text = f"{count(len(rows), 'required check')} {were} not judged, which no baseline accepts"
    if result.verdict.obstacles or result.header.capture:
        return f"{text}."
    named = listed(
        [*accepted[:_MOST_NAMED], *([f"{len(accepted) - _MOST_NAMED} more"] * (len(accepted) > _MOST_NAMED))]
    )
    way = f"what is accepted may stand in the way: {named}"
    return f"{text}; {way}. Fix that, look longer with a larger --profile or --repeat, or pass --accept-incomplete."


def baseline_problems(result: RunResult) -> list[str]:
    """A sentence for each entry of the baseline that fails the run by itself."""
    return [
        sentence(f"{result.acceptance.path}:{entry.line}: {entry.requirement} is {entry.standing}; {meaning}.")
        for entry in result.acceptance.problems
        for meaning in [STANDING_MEANINGS[entry.standing]]
    ]


def known_sentence(result: RunResult) -> str:
    """What is let pass since it is known of such releases, and what the run ends with for it; empty unless asked."""
    known = result.known
    if not known.is_accepting:
        return ""
    names = [row.requirement.id for row in result.let_pass]
    if not names:
        return f"Nothing that is broken is known of {_release(known)}, so {ACCEPT} lets nothing pass."
    hidden = [row.requirement.id for row in result.hidden if row.requirement.level == "must"]
    text = f"Accepted as known of {_release(known)} ({ACCEPT}): {listed(names)}."
    text += f" It hides {listed(hidden)}, which no call can show there." if hidden else ""
    return sentence(f"{text} It changes the exit code, which is {int(result.exit_code)}, and never the verdict.", _LONG)


def _release(known: Knowledge) -> str:
    return f"Rocket.Chat {known.version}" if known.version else "a release of unknown version"
