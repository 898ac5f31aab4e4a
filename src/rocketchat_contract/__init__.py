"""A contract test suite for Rocket.Chat's ``GET /api/v1/livechat/room``.

The names in ``__all__`` are the public API; everything else may change without notice.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rocketchat_contract.errors import ContractError, ExitCode
    from rocketchat_contract.report.run_result import RunResult
    from rocketchat_contract.results.har_import import judge_har
    from rocketchat_contract.results.result import judge_record
    from rocketchat_contract.run.judging import judge_server

__all__ = ["ContractError", "ExitCode", "RunResult", "__version__", "judge_har", "judge_record", "judge_server"]
__version__ = "0.1.0"

_HOMES = {
    "ContractError": "errors",
    "ExitCode": "errors",
    "RunResult": "report.run_result",
    "judge_har": "results.har_import",
    "judge_record": "results.result",
    "judge_server": "run.judging",
}
"""Where each name is defined: imported when it is asked for, as pytest and Hypothesis are slow to import."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
