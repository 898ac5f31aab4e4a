"""The words, signs and counts that every report shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from rocketchat_contract.contract.requirements import Column
from rocketchat_contract.errors import ExitCode
from rocketchat_contract.judge.verdict import Outcome, Row, Verdict, VerdictWord, decides
from rocketchat_contract.record.header import CaptureMark, RecordHeader
from rocketchat_contract.record.ledger import Ledger, sweep_of
from rocketchat_contract.report.explored import generated_sentence
from rocketchat_contract.report.plain import sentence
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.rocketchat.paths import ROOM_PATH

OPERATION = f"GET {ROOM_PATH}"
"""The operation under contract, unless a record's header names another."""

PROVING = "rocketchat-contract prove --json spec/proof.json"
"""How to store what is known of the suite itself."""

_PATH = 4096
"""Characters of a path that is to be pasted."""

_WITNESSED = ("agents", "witness")
"""Facts that credentials show."""

MOST_CAPTURED = 800
"""Characters of what is said of a capture."""

MOST_SPANS = 6
"""Numbers and spans of numbers that a list names."""

WORDS = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.WARN: "warn",
    Outcome.NOT_JUDGED: "not judged",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.ERROR: "error",
}

SIGNS = {
    Outcome.PASS: "✓",
    Outcome.FAIL: "✗",
    Outcome.WARN: "!",
    Outcome.NOT_JUDGED: "?",
    Outcome.NOT_APPLICABLE: "–",
    Outcome.ERROR: "‼",
}

VERDICT_SIGNS = {
    VerdictWord.CONFORMANT: "✓",
    VerdictWord.VIOLATED: "✗",
    VerdictWord.INCOMPLETE: "?",
    VerdictWord.ERROR: "‼",
}

OUTCOME_MEANINGS = {
    Outcome.PASS: "judged, and kept every time",
    Outcome.FAIL: "a required check failed at least once",
    Outcome.WARN: "a recommended check failed at least once; it changes the verdict only with --strict",
    Outcome.NOT_JUDGED: "nothing in the traffic could decide it; a required one makes the run incomplete",
    Outcome.NOT_APPLICABLE: "it does not apply to this target",
    Outcome.ERROR: "the suite failed while judging; nothing follows about the target",
}

LEVELS = {"must": "required", "should": "recommended"}
"""The levels of requirements, for readers."""

COLUMNS: dict[Column, str] = {"published": "published document", "full": "full contract"}

SOURCE_NAMES = {
    "document": "the published OpenAPI document",
    "prose": "the prose of the published page",
    "standard": "a standard",
    "server": "Rocket.Chat's source code",
    "observed": "observation",
}


def counts(rows: Iterable[Row]) -> dict[Outcome, int]:
    """How many requirements had each outcome, all six in the order of the reports."""
    outcomes = [row.outcome for row in rows]
    return {outcome: outcomes.count(outcome) for outcome in WORDS}


def counts_sentence(verdict: Verdict) -> str:
    """Selected, judged and every outcome that occurred, in one line."""
    numbers, outside = counts(verdict.rows), sum(map(is_outside, verdict.rows))
    numbers[Outcome.FAIL] -= outside
    parts = [outcome for outcome in numbers if numbers[outcome] or outcome in (Outcome.PASS, Outcome.FAIL)]
    listed = [f"{numbers[outcome]} {WORDS[outcome]}" for outcome in parts]
    listed[2:2] = [f"{outside} fail in the published document only"] * bool(outside)
    not_asked = f"; {len(verdict.not_asked)} not asked for ({verdict.asked})" if verdict.not_asked else ""
    return f"{count(len(verdict.rows), 'requirement')}, {verdict.judged} judged: {', '.join(listed)}{not_asked}"


def is_outside(row: Row) -> bool:
    """Whether a requirement of the published document alone fails, which decides nothing."""
    return row.outcome is Outcome.FAIL and "full" not in row.requirement.columns


def verdict_sentence(verdict: Verdict) -> str:
    """Both columns in one line, the deciding one first."""
    is_asked = any("published" in row.requirement.columns for row in verdict.rows)
    return f"{verdict.word} (published document: {verdict.word_of('published') if is_asked else 'not asked for'})"


def is_broken(row: Row) -> bool:
    """Whether a promise was seen broken."""
    return row.outcome in (Outcome.FAIL, Outcome.WARN)


def broken_sentence(row: Row) -> str:
    """How often it was judged and broken: ``broken 2 of 310``."""
    if not row.judged:
        return "never judged"
    return f"broken {row.broken:,} of {row.judged:,}" if row.broken else f"kept {row.judged:,} of {row.judged:,}"


def bound_sentence(row: Row) -> str:
    """How often a promise that was always kept may be broken all the same; empty for any other."""
    if row.rate_below is None:
        return ""
    rate = f"{100 * row.rate_below:.2g} %"
    return f"Kept in all {row.judged:,}: if these chances are independent, the true rate is below {rate} (95 %)."


def certainty(row: Row) -> str:
    """How far a broken promise is proven, for a reader who was not there."""
    often = f"Broken in {row.broken:,} of {count(row.judged, 'judgement')}; what follows can be checked by hand."
    seen = " It rests on observation alone, so it only warns." if row.requirement.source == "observed" else ""
    once = (
        " Seen once, which is proof enough; --repeat shows how often it comes back."
        if row.broken == 1 and row.judged > 1
        else ""
    )
    return often + once + seen


def target_name(result: RunResult) -> str:
    """The target as text, without credentials in its address."""
    address = sentence(result.header.target or "an unnamed target")
    scheme, separator, rest = address.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if "@" in rest.partition("/")[0] else address


def embedded(result: RunResult) -> str:
    """That the target is the suite's own reference server, and how it was set; empty for a deployment."""
    settings = result.header.embedded
    return sentence(f"embedded reference server, {settings}", 120) if settings else ""


def host_name(result: RunResult) -> str:
    """The target's host and port; the whole name when it is no address, and in words when it is our own server."""
    if result.header.embedded:
        return "the embedded reference server"
    name = target_name(result)
    try:
        return urlsplit(name).netloc or name
    except ValueError:
        return name


def server_version(result: RunResult) -> str:
    """The version that the target told, or that it told none."""
    parts = (fact.value for fact in result.facts if "version" in fact.name.lower())
    return sentence(next(parts, "version not reported"), 60)


def operation_of(result: RunResult) -> str:
    """The operation under contract, as method and path."""
    return sentence(result.header.contract.operation) or OPERATION


def credentials_sentence(result: RunResult) -> str:
    """That the witness was not let in, or not far enough; empty when it was, or when there was none."""
    seen = [result.evidence.get(fact.exchange) for fact in result.facts if fact.name in _WITNESSED]
    statuses = {each.response.status for each in seen if each is not None and each.response is not None}
    if 401 in statuses:
        return "The credentials were refused (401), so nothing was seen through an agent's eyes."
    if 403 in statuses:
        return "The credentials do not show the rooms (403): give those of a livechat manager, not of an agent."
    return ""


def sweep_command(result: RunResult) -> str:
    """What removes later what is left; empty when nothing is, or nothing of it outlives the run."""
    header = result.header
    if result.ledger.is_clean or header.embedded or header.capture:
        return ""
    where = recorded(header, "folder" if header.folder else "run", limit=_PATH)
    return sweep_of(where)


def headline(result: RunResult) -> str:
    """The first line of every report: what was found, in plain words."""
    verdict, host = result.verdict, host_name(result)
    start = f"The {host[4:]}" if host.startswith("the ") else host
    broken = sum(decides(row, strict=verdict.strict) and is_broken(row) for row in verdict.rows)
    match verdict.word:
        case VerdictWord.CONFORMANT:
            part = "what was asked of " if verdict.not_asked else ""
            return f"{start} keeps {part}the contract of {operation_of(result)}."
        case VerdictWord.VIOLATED:
            return f"{start} breaks the contract of {operation_of(result)}: {count(broken, 'requirement')} failed."
        case VerdictWord.INCOMPLETE:
            return f"{start} could not be judged{' in full' if verdict.judged else ''}{_short_of(result)}"
        case VerdictWord.ERROR:
            return f"The suite itself failed, so nothing follows about {host}."


def _short_of(result: RunResult) -> str:
    if result.exit_code is not ExitCode.CONFORMANT:
        return ", so this is not a pass."
    return ": none of what was judged failed, which is accepted here."


def proof_sentence(result: RunResult) -> str:
    """What is known of the suite itself, or how to find it out."""
    return result.proof.sentence if result.proof else f"no proof stored ({PROVING} makes one)"


def changes_sentence(result: RunResult) -> str:
    """What the run made, closed and deleted on the server; of a capture, that nothing was sent."""
    return "sent nothing, as this is a capture" if result.header.capture else result.ledger.sentence


def left_by_kind(ledger: Ledger, most: int = 20) -> list[str]:
    """What is left by name, ``rooms A, B`` and ``visitors C``, and why; of each kind the first ``most``."""
    parts = []
    for noun, names, about in _left_alike(ledger):
        nouns = noun if len(names) == 1 else f"{noun}s"
        more = f" and {len(names) - most:,} more" if len(names) > most else ""
        parts.append(f"{nouns}{about} {', '.join(sentence(name, 60) for name in names[:most])}{more}")
    return parts


def _left_alike(ledger: Ledger) -> Iterator[tuple[str, list[str], str]]:
    """Rooms and visitors that are left for the same reason, and what is to be said about them."""
    kinds = (
        ("room", ledger.rooms_left, ""),
        ("visitor", ledger.visitors_left, ""),
        ("room", ledger.rooms_unconfirmed, ", not confirmed to be closed"),
        ("visitor", ledger.visitors_unconfirmed, ", not confirmed to be gone"),
    )
    for noun, names, doubt in kinds:
        for why in dict.fromkeys(ledger.reasons.get(name, "") for name in names):
            about = f"{doubt} ({sentence(why, 200)}):" if why else f"{doubt}:" if doubt else ""
            yield noun, [name for name in names if ledger.reasons.get(name, "") == why], about


def doubt_about(ledger: Ledger, name: str) -> str:
    """What is to be said about something that is left; empty for nothing."""
    doubtful = name in ledger.rooms_unconfirmed or name in ledger.visitors_unconfirmed
    parts = (", not confirmed to be gone" if doubtful else "", sentence(ledger.reasons.get(name, ""), 200))
    return ": ".join(filter(None, parts)) if parts[0] or not parts[1] else f": {parts[1]}"


def left_in_numbers(ledger: Ledger) -> str:
    """How much is left and why, in one line: ``2 rooms, 10 visitors (something in front …)``."""
    return (
        ", ".join(f"{count(len(names), noun)}{about.rstrip(':')}" for noun, names, about in _left_alike(ledger))
        or "perhaps a room"
    )


def search_sentence(result: RunResult) -> str:
    """How an administrator finds what is left, by the name that visitors and their rooms go by."""
    return f"in Omnichannel, search for the visitors named contract suite {recorded(result.header, 'run')[-8:]}"


def scope(result: RunResult) -> str:
    """What was done, in one sentence with numbers."""
    if result.header.capture is not None:
        return _captured(result, result.header.capture)
    traffic = result.traffic
    calls = f"{count(traffic.room_calls, 'call')} of {operation_of(result)} among {count(traffic.exchanges, 'request')}"
    ok = f"{traffic.ok:,} of them answered 200"
    overlap = f", {traffic.overlapping:,} overlapped another" if traffic.overlapping and not traffic.volleys else ""
    spent = f" in {result.seconds:.1f} s" if result.seconds else ""
    done = f"The suite made {calls}{spent}, {ok}{overlap}, and judged every answer against {_asked(result)}."
    if not result.verdict.judged:
        done = f"The suite made {calls}{spent}, and got no answer that it could judge against {_asked(result)}."
    return " ".join(filter(None, (done, rounds_sentence(result), volleys_sentence(result), generated_sentence(result))))


def rounds_sentence(result: RunResult) -> str:
    """How often the whole traffic was made; empty when once."""
    rounds = result.header.repeat
    return f"The whole traffic was made {rounds:,} times." if rounds > 1 else ""


def volleys_sentence(result: RunResult) -> str:
    """How many calls that were fired together really overlapped; empty when none were fired."""
    traffic = result.traffic
    if not traffic.volleys:
        return ""
    fired = f"{count(traffic.volleys, 'burst')} of simultaneous calls, {count(traffic.volley_calls, 'call')}"
    together = f", up to {traffic.volley_together} at once" if traffic.volley_overlapped else ""
    return f"The suite sent {fired} in all, of which {traffic.volley_overlapped:,} really overlapped{together}."


def _captured(result: RunResult, capture: CaptureMark) -> str:
    """What a capture held, and what of it was left out."""
    traffic = result.traffic
    left_out = "; ".join(f"{reason}: {number:,}" for reason, number in capture.ignored.items())
    alone = ", as if nobody else had acted" if capture.alone else ""
    return sentence(
        f"The capture {capture.file} (by {capture.made_by}) holds {count(traffic.room_calls, 'call')} of "
        f"{operation_of(result)} among {capture.entries:,} entries, {traffic.ok:,} of them answered 200; every "
        f"answer was judged against {_asked(result)}{alone}. Left out: {left_out or 'nothing'}.",
        MOST_CAPTURED,
    ) + _hidden(capture)


def _hidden(capture: CaptureMark) -> str:
    """What the record holds of it no more: bodies that are missing, personal data that was masked."""
    bodiless = capture.bodiless
    masked = listed([f"{kind} ({number:,})" for kind, number in capture.masked.items()])
    missing = f" The bodies of {count(bodiless, 'room call')} are not in the capture." if bodiless else ""
    return f"{missing}{f' Masked: {masked}; --keep-personal keeps them.' if masked else ''}"


def consequence(result: RunResult) -> str:
    """What a reader may conclude, in a few sentences."""
    baseline = f" {result.acceptance.sentence}" if result.acceptance.path else ""
    allowed = result.allowance.sentence(result.verdict)
    return _conclusion(result) + (f" {allowed}" if allowed else "") + sentence(baseline)


def _conclusion(result: RunResult) -> str:
    match result.verdict.word:
        case VerdictWord.CONFORMANT:
            return (
                "Every required check that applies was judged and passed: a client written against this contract "
                "can rely on this deployment, as far as this traffic shows." + _outside(result.verdict)
            )
        case VerdictWord.VIOLATED:
            return (
                "A client written against this contract meets the broken promises below. "
                "Each names the exchanges that show it and a command that repeats it."
            )
        case VerdictWord.INCOMPLETE:
            advice = "" if result.header.capture else "; fix them and run again"
            return f"What was not judged may be kept or broken. The reasons are below{advice}."
        case VerdictWord.ERROR:
            return "The error is below. Please report it together with record.jsonl."


def _outside(verdict: Verdict) -> str:
    """That something is broken all the same, where only the published document promises it."""
    if verdict.word_of("published") is not VerdictWord.VIOLATED:
        return ""
    return " What is broken below is promised by the published document alone, and does not decide the verdict."


def share(part: int, whole: int) -> str:
    """A part with its denominator and percentage: ``142 of 367 (39 %)``."""
    percent = f" ({100 * part / whole:.0f} %)" if whole else ""
    return f"{part:,} of {whole:,}{percent}"


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 room``, ``1,200 rooms``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(parts: Sequence[str]) -> str:
    """Parts of a sentence as one: ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def spans(numbers: Sequence[int]) -> str:
    """Ascending numbers with those in a row drawn together: ``2, 7–12``; the middle of many is left out."""
    parts: list[str] = []
    for _, members in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in members]
        parts += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else [str(number) for number in run]
    return ", ".join(parts if len(parts) <= MOST_SPANS else [*parts[: MOST_SPANS - 2], "…", parts[-1]])


def recorded(header: RecordHeader, *names: str, limit: int = 80) -> str:
    """A member of a header, or of an object in it, as text, or ``not recorded``."""
    value: Any = header
    for name in names:
        value = getattr(value, name, None)
    return "not recorded" if value is None or value == "" else sentence(str(value), limit)


def _asked(result: RunResult) -> str:
    return count(len(result.verdict.rows), "requirement")
