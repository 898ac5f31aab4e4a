"""How far generated traffic came, as all reports say it."""

from __future__ import annotations

from rocketchat_contract.record.generated import Explored
from rocketchat_contract.report.run_result import RunResult


def generated_sentence(result: RunResult) -> str:
    """How much of the planned generated traffic was made, and what it showed; empty when none was planned."""
    explored, findings = result.generated.explored, result.generated.findings
    if not explored:
        return ""
    made = ", ".join(map(_made, explored))
    drivers = dict.fromkeys(each.driver for each in explored)
    calls = sum(result.traffic.by_driver.get(driver, {}).get("exchanges", 0) for driver in drivers)
    broken = f"{findings} distinct violation{'' if findings == 1 else 's'} of required checks"
    return f"Generated traffic: {made}. {calls:,} requests in all, with {broken}."


def _made(each: Explored) -> str:
    return f"{each.made:,} of {each.planned:,} planned {each.what}"
