"""A vendored page of another operation, and a judge of answers to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from rocketchat_contract.openapi.audit import audit
from rocketchat_contract.openapi.vendor import vendor_files, write_files
from rocketchat_contract.record.exchange import Exchange, Request, Response
from rocketchat_contract.results.judged_by import JudgedBy, load_judged_by

PAGE = Path(__file__).parents[1] / "data" / "livechat-config.md"
SOURCE = "https://developer.rocket.chat/apidocs/get-livechat-configuration.md"

Judged = Callable[..., dict[str, bool]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``spec vendor`` writes for the page."""
    folder = tmp_path_factory.mktemp("config-spec")
    write_files(vendor_files(audit(PAGE), SOURCE), folder)
    return folder


@pytest.fixture(scope="session")
def promises(folder: Path) -> JudgedBy:
    """The contract in that folder with its requirements."""
    return load_judged_by(folder=folder)


@pytest.fixture
def judged(promises: JudgedBy) -> Judged:
    """Judges one answer; says of each requirement that spoke whether it was kept."""

    def judge_answer(body: object, status: int = 200, query: str = "", path: str = "config") -> dict[str, bool]:
        text = body if isinstance(body, str) else json.dumps(body)
        request = Request("GET", f"/api/v1/livechat/{path}?{query}", (("Accept-Encoding", "identity"),))
        response = Response(status, (("content-type", "application/json"),), text, length=len(text))
        judge = promises.judge()
        judge.feed(judge.read(Exchange(1, "operation", "", None, 0, 1, request, response)))
        return {row.requirement.id: not row.broken for row in judge.tally.rows() if row.judged}

    return judge_answer
