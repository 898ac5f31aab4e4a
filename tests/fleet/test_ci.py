"""The action and the templates: valid by their public schemas, and their shell steps run as they stand."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from rocketchat_contract.fleet.matrix import github_matrix, gitlab_matrix
from rocketchat_contract.fleet.plan import FleetPlan, read_plan
from support.again import unlike
from support.live import rocket
from support.needs import module

module("check_jsonschema")
kubernetes_validate = module("kubernetes_validate")

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / ".ci" / "templates"
FLEET = """
[[deployment]]
name = "one"
server = []
profile = "smoke"

[[deployment]]
name = "two"
server = ["wrong=forgets_the_room"]
profile = "smoke"

[[deployment]]
name = "three"
url = "https://chat.example.com/a"

[[deployment]]
name = "four"
url = "https://chat.example.com/b"
"""


def complaints(schema: str, *paths: Path) -> str:
    """What the public schema that check-jsonschema carries has to say."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    transform = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
    done = subprocess.run([*command, *transform, *map(str, paths)], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def load(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    return content


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("github-actions", ROOT / "action.yml"),
        ("github-workflows", TEMPLATES / "github-workflow.yml"),
        ("gitlab-ci", TEMPLATES / "gitlab.yml"),
        ("gitlab-ci", TEMPLATES / "gitlab-example.yml"),
        ("compose-spec", TEMPLATES / "compose.yml"),
        ("github-workflows", ROOT / ".github" / "workflows" / "ci.yml"),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_the_public_schema_accepts_it(schema: str, path: Path) -> None:
    assert complaints(schema, path) == ""


def test_the_public_schema_refuses_a_broken_action(tmp_path: Path) -> None:
    (tmp_path / "action.yml").write_text("name: x\nruns: {using: composite}\n", encoding="utf-8")

    assert "'description' is a required property" in complaints("github-actions", tmp_path / "action.yml")


@pytest.mark.parametrize("number", [0, 1])
def test_kubernetes_accepts_the_cron_job(number: int) -> None:
    resource = list(yaml.safe_load_all((TEMPLATES / "kubernetes-cronjob.yml").read_text("utf-8")))[number]

    kubernetes_validate.validate(resource, "1.34", strict=True)


def test_the_linter_accepts_the_container_file() -> None:
    linter = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([linter, ROOT / "Containerfile"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


PINNED = [ROOT / "action.yml", ROOT / ".github" / "workflows" / "ci.yml", TEMPLATES / "github-workflow.yml"]


@pytest.mark.parametrize("path", PINNED, ids=lambda path: path.name)
def test_actions_of_others_are_pinned_by_their_hash(path: Path) -> None:
    used = re.findall(r"uses: ((?:actions|github)/\S+)(.*)", path.read_text("utf-8"))

    assert used
    assert all(re.search(r"@[0-9a-f]{40}$", name) and re.fullmatch(r" # v\d+\.\d+\.\d+", tag) for name, tag in used)


def test_no_input_is_pasted_into_a_script() -> None:
    scripts = [step["run"] for step in load(ROOT / "action.yml")["runs"]["steps"] if "run" in step]

    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)


def test_ledgers_never_reach_an_artifact() -> None:
    kept = [path for path in (ROOT / "action.yml", *TEMPLATES.iterdir()) if "artifact" in path.read_text("utf-8")]

    assert {path.name for path in kept if "ledger.jsonl" not in path.read_text("utf-8")} <= {
        "github-workflow.yml",  # its parts come from artifacts of the action
        "gitlab-example.yml",  # its jobs are those of the template
    }


@pytest.fixture
def plan(tmp_path: Path) -> FleetPlan:
    (tmp_path / "fleet.toml").write_text(FLEET, encoding="utf-8")
    return read_plan(tmp_path / "fleet.toml")


def test_a_github_matrix_fits_into_a_workflow(plan: FleetPlan, tmp_path: Path) -> None:
    job = {"runs-on": "ubuntu-latest", "strategy": {"matrix": json.loads(github_matrix(plan))}, "steps": [{"run": ":"}]}
    (tmp_path / "w.yml").write_text(json.dumps({"on": "push", "jobs": {"fleet": job}}), encoding="utf-8")

    assert complaints("github-workflows", tmp_path / "w.yml") == ""


def test_a_gitlab_matrix_is_a_pipeline_of_the_templates_jobs(plan: FleetPlan, tmp_path: Path) -> None:
    (tmp_path / "p.yml").write_text(gitlab_matrix(plan), encoding="utf-8")

    assert complaints("gitlab-ci", tmp_path / "p.yml") == ""
    assert {job["extends"] for job in load(tmp_path / "p.yml").values()} <= set(load(TEMPLATES / "gitlab.yml"))


def test_deployments_of_one_host_stay_in_one_job(plan: FleetPlan) -> None:
    rows = json.loads(github_matrix(plan))["include"]

    assert sorted(row["deployments"] for row in rows) == ["one", "three,four", "two"]


def test_a_matrix_has_no_more_jobs_than_asked(plan: FleetPlan) -> None:
    assert len(json.loads(github_matrix(plan, 2))["include"]) == 2


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A runner's environment, where pip finds everything beside the interpreter of these tests."""
    offline = {
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    runner = {"RUNNER_TEMP": str(folder), "GITHUB_OUTPUT": str(folder / "output"), "GITHUB_ACTIONS": "true"}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **offline, **runner, "GITHUB_STEP_SUMMARY": str(folder / "page.md"), "PATH": path, **more}


def shell(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a runner does."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    told = environment(folder, **more)
    return subprocess.run(command, cwd=folder, env=told, capture_output=True, text=True, check=False, timeout=300)


def step_of_the_action(name: str, folder: Path, home: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run a shell step of the action, with the defaults of its inputs; ``home`` is the runner's own folder."""
    action = load(ROOT / "action.yml")
    values = {f"inputs.{name}": told["default"] for name, told in action["inputs"].items()}
    values |= {"github.action_path": str(ROOT), **{f"inputs.{name}": value for name, value in inputs.items()}}
    (step,) = (step for step in action["runs"]["steps"] if step.get("name") == name)
    given = {name: values[value.removeprefix("${{ ").removesuffix(" }}")] for name, value in step["env"].items()}
    return shell(step["run"], folder, RUNNER_TEMP=str(home), **given)


def job_of(template: dict[str, Any], name: str) -> tuple[str, str, dict[str, str]]:
    """A GitLab job's setup, script and variables, with what it extends laid below."""
    job = template[name]
    setup, script, variables = job_of(template, job["extends"]) if "extends" in job else ("", "", {})
    lines = ("\n".join(job.get(part, [])) for part in ("before_script", "script"))
    setup, script = (f"{below}\n{own}".strip() for below, own in zip((setup, script), lines, strict=True))
    return setup, script, {**variables, **job.get("variables", {})}


def steps_of_the_example(job: str) -> dict[str, str]:
    """The named shell steps of a job."""
    steps = load(TEMPLATES / "github-workflow.yml")["jobs"][job]["steps"]
    return {step.get("name", step["run"]): step["run"] for step in steps if "run" in step}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where the action, the example's jobs and GitLab's jobs have installed the suite, all at once."""
    folder, template = tmp_path_factory.mktemp("home"), load(TEMPLATES / "gitlab.yml")
    (of_gitlab,) = {job_of(template, name)[0] for name in template if "extends" in template[name]}
    (of_the_example,) = {next(iter(steps_of_the_example(job).values())) for job in ("split", "history")}
    constraints = str(ROOT / "constraints.txt")
    told = {
        "SUITE": str(ROOT),
        "CONTRACT_SUITE": str(ROOT),
        "CONSTRAINTS": constraints,
        "CONTRACT_CONSTRAINTS": constraints,
    }
    with ThreadPoolExecutor() as pool:
        by_action = pool.submit(step_of_the_action, "Install the suite", folder, folder)
        by_jobs = [pool.submit(shell, script, folder, **told) for script in (of_gitlab, of_the_example)]
    assert [each.result().returncode for each in (by_action, *by_jobs)] == [0, 0, 0]
    return folder


def move_in(folder: Path, home: Path) -> None:
    """Have the suite in another folder, as the setup of a job would."""
    for name in (".suite", ".rocketchat-contract"):
        (folder / name).symlink_to(home / name)


def verdict(folder: Path) -> int:
    """The exit code in the report of the only run, which its record gives too."""
    assert unlike(folder / "reports") == []
    (report,) = folder.glob("reports/2*/report.json")
    return int(json.loads(report.read_text("utf-8"))["verdict"]["exit_code"])


def test_the_action_judges_annotates_and_ends_with_the_exit_code(home: Path, tmp_path: Path) -> None:
    inputs = {"profile": "smoke", "arguments": "--wrong=forgets_the_room\n--seed=1\n"}
    done = step_of_the_action("Judge", tmp_path, home, **inputs)

    assert done.returncode == verdict(tmp_path) == 1, done.stdout + done.stderr
    assert (tmp_path / "output").read_text() == "exit-code=1\n"
    assert "::error title=an-open-room-is-returned" in done.stdout
    assert "an-open-room-is-returned" in (tmp_path / "page.md").read_text("utf-8")


def test_the_action_judges_a_fleet(home: Path, tmp_path: Path) -> None:
    (tmp_path / "fleet.toml").write_text(FLEET, encoding="utf-8")

    done = step_of_the_action("Judge", tmp_path, home, fleet="fleet.toml", arguments="--only=one,two")

    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error title=two violated::broken: an-open-room-is-returned" in done.stdout
    assert "| ✗ violated | two |" in (tmp_path / "page.md").read_text("utf-8")


def test_the_gitlab_gate_judges(home: Path, tmp_path: Path) -> None:
    move_in(tmp_path, home)
    _, script, variables = job_of(load(TEMPLATES / "gitlab.yml"), ".rocketchat-contract")

    done = shell(script, tmp_path, **{**variables, "CONTRACT_PROFILE": "smoke"})

    assert done.returncode == verdict(tmp_path), done.stdout + done.stderr


@pytest.fixture(scope="module")
def gitlab_night(home: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int], str]:
    """The folder of a project after two nights, the exit codes of the second, and what its last job said."""
    template, folder = load(TEMPLATES / "gitlab.yml"), tmp_path_factory.mktemp("project")
    move_in(folder, home)
    (folder / "fleet.toml").write_text(f'[defaults]\ncorpus = "reports/corpus"\n{FLEET}', encoding="utf-8")
    for night in ("7", "8"):
        codes = []
        for left in folder.glob("reports/fleet-*"):  # a runner brings back only what is in the cache
            shutil.rmtree(left)
        for name in ("plan", "fleet", "merge"):
            _, script, variables = job_of(template, f".rocketchat-contract-{name}")
            told = {**variables, "FLEET_DEPLOYMENTS": "one,two", "CI_PIPELINE_ID": night}
            done = shell(script, folder, **told)
            codes.append(done.returncode)
    return folder, codes, done.stdout


def test_the_gitlab_jobs_of_a_fleet_split_judge_and_merge(gitlab_night: tuple[Path, list[int], str]) -> None:
    folder, codes, _ = gitlab_night

    assert codes == [0, 1, 1]
    assert "FLEET_DEPLOYMENTS: three,four" in (folder / "fleet-pipeline.yml").read_text()
    assert (folder / "history" / "night-8" / "fleet.html").is_file()


def test_gitlab_knows_since_when(gitlab_night: tuple[Path, list[int], str]) -> None:
    folder, _, said = gitlab_night

    assert "two · embedded: wrong=forgets_the_room · 2 runs, the last violated" in said
    assert list(folder.glob("history/*.html"))


def test_gitlab_keeps_what_its_jobs_remember(gitlab_night: tuple[Path, list[int], str]) -> None:
    folder, _, _ = gitlab_night
    cache = load(TEMPLATES / "gitlab.yml")[".rocketchat-contract-setup"]["cache"]

    assert all(any((folder / path).iterdir()) for path in cache["paths"])


def test_the_line_for_any_ci_judges(tmp_path: Path) -> None:
    script = (TEMPLATES / "any-ci.sh").read_text("utf-8")

    constraints = str(ROOT / "constraints.txt")
    named = {"CONTRACT_SUITE": str(ROOT), "CONTRACT_CONSTRAINTS": constraints}
    done = shell(script, tmp_path, **named, CONTRACT_PROFILE="smoke", CONTRACT_URL="")

    assert done.returncode == verdict(tmp_path), done.stdout + done.stderr


@pytest.mark.parametrize(("server", "code"), [((), 3), (("wrong=forgets_the_room",), 1)], ids=["right", "wrong"])
def test_the_cron_job_ends_with_the_exit_code(home: Path, tmp_path: Path, server: tuple[str, ...], code: int) -> None:
    _, job = yaml.safe_load_all((TEMPLATES / "kubernetes-cronjob.yml").read_text("utf-8"))
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    script = (
        container["args"][0]
        .replace("/suite/", f"{home}/.rocketchat-contract/")
        .replace("/reports", f"{tmp_path}/reports")
    )

    with rocket(*server) as target:
        told = environment(tmp_path, CONTRACT_URL=target.url)
        command = [*container["command"], script.replace("nightly", "smoke")]
        done = subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, text=True, check=False, timeout=300)

    assert done.returncode == code, done.stdout + done.stderr
    assert "There is no webhook to notify." in done.stderr
    assert "rocketchat_contract_verdict" in (tmp_path / "reports" / "contract.prom").read_text("utf-8")


def test_jenkins_runs_the_same_line() -> None:
    line = (TEMPLATES / "any-ci.sh").read_text("utf-8").splitlines()[-1]

    assert f"sh '''{line}'''" in (TEMPLATES / "Jenkinsfile").read_text("utf-8")


GH = """#!/bin/sh
# a stand-in: two earlier runs, the newer without artifacts
[ "$2" = list ] && { echo 42; echo 41; exit; }
[ "$3" = 41 ] || exit 1
mkdir -p "$7"
cp -R "$GH_ARTIFACTS/$5/." "$7"
"""


@pytest.fixture
def runner(tmp_path: Path) -> dict[str, str]:
    """The environment of a job whose `gh` gives out the artifacts of an earlier night."""
    gh = tmp_path / "bin" / "gh"
    gh.parent.mkdir()
    gh.write_text(GH, encoding="utf-8")
    gh.chmod(0o755)
    for name in ("contract-history/night-41", "contract-corpus"):
        (tmp_path / "artifacts" / name).mkdir(parents=True)
    (tmp_path / "artifacts" / "contract-corpus" / "earlier.json").write_text("{}", encoding="utf-8")
    (tmp_path / "fleet.toml").write_text(f'[defaults]\ncorpus = "parts/night-1/corpus"\n{FLEET}', encoding="utf-8")
    path = f"{gh.parent}:{environment(tmp_path)['PATH']}"
    return {
        "GITHUB_RUN_ID": "43",
        "GITHUB_WORKFLOW": "contract",
        "GH_ARTIFACTS": str(tmp_path / "artifacts"),
        "PATH": path,
    }


def test_the_example_splits_the_night(home: Path, runner: dict[str, str], tmp_path: Path) -> None:
    move_in(tmp_path, home)
    _, plan = steps_of_the_example("split").values()

    assert shell(plan, tmp_path, **runner).returncode == 0
    assert '"deployments":"three,four"' in (tmp_path / "output").read_text()


def test_the_example_joins_the_night_with_history(home: Path, runner: dict[str, str], tmp_path: Path) -> None:
    move_in(tmp_path, home)
    inputs = {"fleet": "fleet.toml", "arguments": "--only=two", "report-dir": "parts/night-1"}
    _, *steps = steps_of_the_example("history").items()

    night = step_of_the_action("Judge", tmp_path, home, **inputs)
    history = {name: shell(step, tmp_path, **runner) for name, step in steps}
    reports = tmp_path / "reports"

    assert night.returncode == 1, night.stdout + night.stderr
    codes = {name: step.returncode for name, step in history.items()}
    assert {name for name, code in codes.items() if code} == {"One report of all jobs"}, history
    assert "two · embedded: wrong=forgets_the_room · 1 run, the last violated" in history["Since when"].stdout
    assert {path.name for path in reports.iterdir() if path.is_dir()} == {"corpus", "night-41", "night-43"}
    assert list((reports / "corpus").glob("an-open-room-is-returned*.json"))


@pytest.mark.parametrize("job", ["gate", "night"])
def test_the_example_replays_what_earlier_nights_found(job: str, runner: dict[str, str], tmp_path: Path) -> None:
    done = shell(steps_of_the_example(job)["What earlier nights found"], tmp_path, **runner)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reports" / "corpus" / "earlier.json").is_file()


def test_the_first_night_has_no_history(runner: dict[str, str], tmp_path: Path) -> None:
    gone = {**runner, "GH_ARTIFACTS": str(tmp_path / "none")}

    assert shell(steps_of_the_example("night")["What earlier nights found"], tmp_path, **gone).returncode == 0


def test_each_product_gets_the_findings() -> None:
    (found,) = load(TEMPLATES / "gitlab.yml")[".rocketchat-contract-sarif"]["artifacts"]["reports"].values()

    assert all(path.endswith("/report.sarif") for path in found)
    assert "sarif(pattern: 'reports/20*/report.sarif'" in (TEMPLATES / "Jenkinsfile").read_text("utf-8")
    assert "sarif_file: reports/latest/report.sarif" in (TEMPLATES / "github-workflow.yml").read_text("utf-8")
