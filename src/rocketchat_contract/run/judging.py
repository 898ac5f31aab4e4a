"""One run from Python: ``judge_server`` is what ``rocketchat-contract run`` does, without reports and progress."""

from __future__ import annotations

from typing import Any

from rocketchat_contract.config.loading import load
from rocketchat_contract.config.making import make_config
from rocketchat_contract.errors import UsageError
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.run.drivers import ended_result, run_drivers
from rocketchat_contract.run.engine import Engine


def judge_server(url: str | None = None, **options: Any) -> RunResult:
    """Judge the Rocket.Chat at ``url``; without one, an embedded reference server.

    Options are those of ``rocketchat-contract run`` with underscores, such as ``profile="gate"`` or ``seed=7``. A run
    against ``url`` creates visitors and rooms there and removes them, so it wants ``yes=True``. The record is written
    below ``report_dir``.

    Raises ``UsageError`` for wrong options, ``TargetError`` when the target cannot be judged, ``SuiteError`` when the
    suite itself fails.
    """
    config = make_config(load({**options, "target": url}))
    if url is not None and not config.yes:
        raise UsageError("A run creates visitors and rooms on the server and removes them.", "Agree with yes=True.")
    engine = Engine(config)
    try:
        engine.open()
        run_drivers(engine)
    finally:
        if engine.result is None:
            engine.abandon()
        engine.interruption.remove()
    return ended_result(engine)
