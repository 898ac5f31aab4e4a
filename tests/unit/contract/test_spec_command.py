"""``spec audit`` and ``spec vendor`` as a user sees them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.contract.vendored import SOURCE, STEM, spec_folder

PAGE = spec_folder() / f"{STEM}.md"

TABLE = """\
livechat-room.md: OpenAPI 3.0.0, GET /api/v1/livechat/room

Strings that stand for a boolean or a number: 20
line          is  means     where                                        by
 114      "true"  true      /parameters/0/required                       keyword
 412     "false"  false     /responses/200/…/value/room/default          schema
 413     "false"  false     /responses/200/…/value/room/ro               schema
 414      "true"  true      /responses/200/…/value/room/sysMes           schema
 415      "true"  true      /responses/200/…/value/room/open             schema
 416         "7"  7         /responses/200/…/value/room/msgs             schema
 423         "2"  2         /responses/200/…/value/room/usersCount       schema
 424     "false"  false     /responses/200/…/value/room/cl               schema
 455     "false"  false     /responses/200/…/lastMessage/newRoom         schema
 456      "true"  true      /responses/200/…/lastMessage/showConnecting  schema
 461    "23.821"  23.821    /responses/200/…/metrics/reaction/ft         schema
 462    "24.006"  24.006    /responses/200/…/metrics/reaction/tt         schema
 465  "226.4365"  226.4365  /responses/200/…/metrics/response/avg        schema
 467   "452.688"  452.688   /responses/200/…/metrics/response/ft         schema
 468         "2"  2         /responses/200/…/metrics/response/total      schema
 469   "452.873"  452.873   /responses/200/…/metrics/response/tt         schema
 483      "true"  true      /responses/200/…/room/waitingResponse        schema
 485     "false"  false     /responses/200/…/value/newRoom               schema
 486      "true"  true      /responses/200/…/value/success               schema
 511     "false"  false     /responses/400/…/Example 1/value/success     schema

What a repair cannot fix: 4
line  level    what
  12  note     The document has no securitySchemes and no security.
 118  note     The example of token is "iNKE8a6k6cjbqWhWd"; the example answer
               has "8s7e9ony6ctl27e1qf8kue".
 139  warning  No response member is required at GET /api/v1/livechat/room: {}
               is a valid 200 and 400.
 139  note     Refusals documented at GET /api/v1/livechat/room: only 400, with
               one example.

20 errors, 1 warning, 3 notes: the page cannot be used as it is.
"""


def test_the_audit_fits_a_terminal(run_spec: Any) -> None:
    outcome = run_spec("audit", PAGE)

    assert "\n".join(line.rstrip() for line in outcome.out.split("\n")) == TABLE
    assert max(map(len, outcome.out.split("\n"))) <= 80
    assert outcome.code == 1


def test_a_page_without_errors_ends_with_zero(run_spec: Any, write: Callable[..., Path], smallest: Any) -> None:
    outcome = run_spec("audit", write("a.json", smallest))

    assert outcome.code == 0
    assert outcome.out.endswith("0 errors, 0 warnings, 2 notes: nothing stands in the way of its use.\n")


def test_json_carries_every_finding(run_spec: Any) -> None:
    outcome = run_spec("audit", PAGE, "--format", "json")

    told = json.loads(outcome.out)
    assert told["counts"] == {"repairs": 20, "error": 20, "warning": 1, "note": 3}
    assert told["findings"][1] == {
        "code": "keyword-is-a-string",
        "level": "error",
        "pointer": "/paths/~1api~1v1~1livechat~1room/get/parameters/0/required",
        "line": 114,
        "message": 'required is the string "true"; it stands for true.',
        "old": "true",
        "new": True,
        "rule": "OpenAPI, Parameter Object: required is of type boolean",
    }
    assert outcome.code == 1


def test_sarif_points_at_lines_of_the_page(run_spec: Any) -> None:
    outcome = run_spec("audit", PAGE, "--format", "sarif")

    log = json.loads(outcome.out)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert (log["version"], len(run["results"]), outcome.code) == ("2.1.0", 24, 1)
    for result in run["results"]:
        location = result["locations"][0]["physicalLocation"]
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in {"error", "warning", "note"}
        assert location["artifactLocation"]["uri"].endswith("spec/livechat-room.md")
        assert location["region"]["startLine"] >= 1


def test_sarif_uris_are_encoded(run_spec: Any, write: Any, smallest: Any) -> None:
    log = json.loads(run_spec("audit", write("a page.json", smallest), "--format", "sarif").out)

    assert log["runs"][0]["artifacts"][0]["location"]["uri"].endswith("/a%20page.json")


def test_vendoring_writes_three_files(run_spec: Any, tmp_path: Path) -> None:
    outcome = run_spec("vendor", PAGE, "--out", tmp_path / "new" / "spec", "--source", SOURCE)

    written = {path.name: path.read_bytes() for path in (tmp_path / "new" / "spec").iterdir()}
    findings = json.loads(written["livechat-room.findings.json"])
    assert outcome.code == 0
    assert written.keys() == {"livechat-room.md", "livechat-room.openapi.json", "livechat-room.findings.json"}
    assert written["livechat-room.md"] == PAGE.read_bytes()
    assert findings["page"]["sha256"] == hashlib.sha256(PAGE.read_bytes()).hexdigest()
    assert findings["page"]["source"] == SOURCE


@pytest.mark.parametrize(("method", "command"), [("get", "run URL"), ("post", "judge RECORD")])
def test_vendoring_says_what_can_be_done_with_it(
    method: str, command: str, run_spec: Any, tmp_path: Path, write: Callable[..., Path]
) -> None:
    answers = {"responses": {"200": {"description": "ok"}}}
    info = {"title": "x", "version": "1"}
    document = {"openapi": "3.0.0", "info": info, "paths": {"/api/v1/x": {method: answers}}}

    outcome = run_spec("vendor", write("x.json", document), "--out", tmp_path / "out")

    assert f"requirements for {method.upper()} /api/v1/x: {command} --contract {tmp_path}/out" in outcome.out


def test_vendoring_again_writes_over(run_spec: Any, tmp_path: Path) -> None:
    first = run_spec("vendor", PAGE, "--out", tmp_path)

    assert run_spec("vendor", tmp_path / PAGE.name, "--out", tmp_path) == first
    assert len(list(tmp_path.iterdir())) == 3


def test_a_vendored_document_is_sound(run_spec: Any, tmp_path: Path) -> None:
    run_spec("vendor", PAGE, "--out", tmp_path)

    assert run_spec("audit", tmp_path / "livechat-room.openapi.json").code == 0


def test_an_audit_imports_no_test_tool() -> None:
    code = (
        "import sys; from pathlib import Path; from rocketchat_contract.openapi.audit import audit;"
        "audit(Path(sys.argv[1])); print(sorted({'schemathesis', 'hypothesis', 'pytest'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code, PAGE], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_the_command_group_imports_nothing_heavy() -> None:
    code = (
        "import sys; import rocketchat_contract.cli.spec;"
        "print([name for name in ('rich.table', 'yaml', 'jsonschema', 'jsonschema_rs') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
