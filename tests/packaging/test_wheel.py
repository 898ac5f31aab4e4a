"""What is installed from the wheel works alone: no checkout in sight, in an empty directory."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.distributions import link, needed_by, requirements_of

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Built:
    """The two distributions, made from a copy of the checkout that is gone again."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("build")
    copy, out = folder / "checkout", folder / "dist"
    skip = shutil.ignore_patterns(".git", ".venv", "reports", "__pycache__", ".*_cache", ".hypothesis", "node_modules")
    shutil.copytree(ROOT, copy, ignore=skip)
    shutil.copytree(ROOT / "reports" / "example", copy / "reports" / "example")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(copy)]
    subprocess.run(build, check=True, capture_output=True, text=True)
    shutil.rmtree(copy)
    return Built(next(out.glob("*.whl")), next(out.glob("*.tar.gz")))


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of an environment with the wheel, and nothing beside it but what its metadata asks for."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    command = [*pip, "install", "-q", "--no-compile", "--no-deps", "--no-index", str(built.wheel)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (site_packages,) = (folder / "lib").glob("python*/site-packages")
    link(needed_by(requirements_of(built.wheel)).values(), site_packages)
    return folder / "bin"


def run(scripts: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    command = [str(scripts / "rocketchat-contract"), *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.fixture(scope="module")
def judged(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The directory that was empty before a run, and how the run ended."""
    folder = tmp_path_factory.mktemp("empty")
    return folder, run(installed, folder, "run", "--profile", "gate", "--seed", "1")


def test_the_wheel_carries_drivers_spec_and_templates(built: Built) -> None:
    names = zipfile.ZipFile(built.wheel).namelist()

    carried = {name.removeprefix("rocketchat_contract/") for name in names}
    assert {"_data/drivers/test_core.py", "_data/spec/requirements.toml", "_data/spec/livechat-room.md"} <= carried
    assert {"report/templates/report.html", "py.typed"} <= carried


def test_the_wheel_holds_nothing_but_the_package(built: Built) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(built.wheel).namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"rocketchat_contract"}


def test_the_wheel_is_small(built: Built) -> None:
    size = built.wheel.stat().st_size

    assert size < 1_000_000, f"{size:,} bytes"


def test_what_only_contributors_need_is_not_asked_for(built: Built) -> None:
    needed = needed_by(requirements_of(built.wheel))

    assert {"click", "schemathesis", "pytest"} <= needed.keys()
    assert needed.keys() & {"mypy", "ruff", "playwright", "pytest-xdist", "redis", "distributed"} == set()


def test_an_index_would_take_both(built: Built) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", str(built.wheel), str(built.sdist)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_links_of_the_description_are_absolute(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        description = archive.read(name).decode("utf-8")

    links = re.findall(r"\]\(([^)\s]+)\)", description)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []


def test_the_sdist_carries_what_its_tests_need(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {"/".join(name.split("/")[1:]) for name in archive.getnames()}

    assert {"pyproject.toml", "conftest.py", "constraints.txt", "spec/requirements.toml"} <= names
    assert {"tests/contract/test_core.py", "tests/packaging/test_wheel.py"} <= names
    assert {"benchmarks/results/kill_score.json", "reports/example/report.json", ".ci/templates/gitlab.yml"} <= names


def test_the_installed_wheel_judges_in_an_empty_directory(
    judged: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, done = judged

    report = json.loads((folder / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert report["verdict"]["word"] == "conformant"


def test_the_installed_wheel_judges_a_record_again(
    installed: Path, judged: tuple[Path, subprocess.CompletedProcess[str]]
) -> None:
    done = run(installed, judged[0], "judge", "reports/latest/record.jsonl")

    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_is_written_beside_the_reports(judged: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    assert {path.name for path in judged[0].iterdir()} <= {"reports", ".hypothesis"}
