"""The fleet's page and its summary: deployments as columns, requirements as rows, evidence one click away."""

from __future__ import annotations

from rocketchat_contract.fleet import fleet_view
from rocketchat_contract.fleet.column import DeploymentResult
from rocketchat_contract.fleet.merge import WORST_FIRST, Fleet
from rocketchat_contract.judge.verdict import VerdictWord
from rocketchat_contract.report import phrases
from rocketchat_contract.report.page import asset, environment_of, policy
from rocketchat_contract.report.plain import sentence

_PACKAGE = "rocketchat_contract.fleet"


def page(fleet: Fleet) -> str:
    """The fleet as one HTML file; it links to the runs' own reports beside it, and needs neither script nor network."""
    differing, same = fleet_view.fleet_lines(fleet)
    style = asset("style.css") + asset("fleet.css", _PACKAGE)
    return (
        environment_of(_PACKAGE)
        .get_template("fleet.html")
        .render(
            fleet=fleet,
            words=phrases,
            told=fleet_view,
            facts=fleet_view.facts_of(fleet),
            differing=differing,
            same=same,
            style=style,
            policy=policy(style),
        )
    )


def fleet_summary(fleet: Fleet) -> str:
    """The fleet as Markdown, for a job's page: what is wrong first, the conformant only counted."""
    lines = [f"## {_cell(fleet_view.fleet_headline(fleet))}", ""]
    rows = [column for word in WORST_FIRST[:3] for column in fleet.columns if column.word is word]
    if rows:
        lines += ["| verdict | deployment | Rocket.Chat | what |", "|---|---|---|---|"]
    for column in rows:
        sign = phrases.VERDICT_SIGNS[column.word]
        version = column.facts.get("version", "not known")
        lines.append(f"| {sign} {column.word} | {column.name} | {_cell(version)} | {_cell(_what(column))} |")
    return "\n".join([*lines, "", f"{fleet_view.tally(fleet)}.", ""])


def lines(fleet: Fleet) -> list[str]:
    """The end of a fleet run in the terminal: what is wrong, one line each, then the verdict."""
    wrong = [column for column in fleet.columns if column.word is not VerdictWord.CONFORMANT]
    text = [f"{phrases.VERDICT_SIGNS[each.word]} {each.word} {each.name}: {_what(each)}" for each in wrong]
    return [*text, f"fleet: {fleet.word} · {fleet_view.tally(fleet)}"]


def fleet_annotations(fleet: Fleet) -> str:
    """Workflow commands of GitHub, one for each deployment that is not conformant."""
    wrong = [column for column in fleet.columns if column.word is not VerdictWord.CONFORMANT]
    lines = [f"::error title={_escaped(column.name)} {column.word}::{_escaped(_what(column))}" for column in wrong]
    return "".join(f"{line}\n" for line in lines)


def _what(column: DeploymentResult) -> str:
    return sentence(fleet_view.said_in_short(column) or column.sentence)


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\n", "%0A")


def _cell(text: str) -> str:
    escaped = sentence(text).replace("\\", "\\\\").replace("|", "\\|")
    return escaped.replace("<", "&lt;").replace("`", "\\`").replace("*", "\\*").replace("[", "\\[")
