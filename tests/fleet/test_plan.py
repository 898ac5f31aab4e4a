"""A fleet file is read whole, or refused with one sentence and a next step."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.fleet.duration import duration, longest
from rocketchat_contract.fleet.plan import FleetPlan, read_plan
from rocketchat_contract.fleet.queues import queues_of

WHOLE = """
[defaults]
profile = "nightly"
timeout = 10
strict = true
overlay = "house.yaml"

[[deployment]]
name = "eu-1"
url = "https://Chat.example.com/sub"
credentials = { user-id = "EU1_ID", auth-token = "EU1_TOKEN" }
version = ">=7.10,<9"
baseline = "baselines/eu-1.toml"
header = ["X-Team: chat", "X-More: yes"]
strict = false

[[deployment]]
name = "old"
server = ["edition=7.10", "wrong=forgets_the_room"]
profile = "gate"
"""
RIGHT = '[[deployment]]\nname = "eu-1"\nurl = "https://chat.example.com"\n'


def read(folder: Path, text: str) -> FleetPlan:
    path = folder / "fleet.toml"
    path.write_text(text, encoding="utf-8")
    return read_plan(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read(folder, text)
    return str(caught.value)


def test_a_deployment_knows_its_target_host_and_secrets(tmp_path: Path) -> None:
    eu = read(tmp_path, WHOLE).deployments[0]

    assert (eu.url, eu.host, eu.version) == ("https://Chat.example.com/sub", "chat.example.com", ">=7.10,<9")
    assert eu.secrets == (("user-id", "EU1_ID"), ("auth-token", "EU1_TOKEN"))
    assert eu.profile.name == "nightly"


def test_defaults_and_own_options_become_variables_of_run(tmp_path: Path) -> None:
    eu = read(tmp_path, WHOLE).deployments[0]

    assert eu.variables("run") == {
        "ROCKETCHAT_CONTRACT_PROFILE": "nightly",
        "ROCKETCHAT_CONTRACT_TIMEOUT": "10",
        "ROCKETCHAT_CONTRACT_OVERLAY": str(tmp_path / "house.yaml"),
        "ROCKETCHAT_CONTRACT_BASELINE": str(tmp_path / "baselines/eu-1.toml"),
        "ROCKETCHAT_CONTRACT_HEADER": "X-Team: chat\nX-More: yes",
    }


def test_sweeping_gets_only_the_options_that_it_knows(tmp_path: Path) -> None:
    eu = read(tmp_path, WHOLE).deployments[0]

    assert eu.variables("sweep") == {
        "ROCKETCHAT_CONTRACT_TIMEOUT": "10",
        "ROCKETCHAT_CONTRACT_HEADER": "X-Team: chat\nX-More: yes",
    }


def test_an_embedded_deployment_is_a_host_of_its_own(tmp_path: Path) -> None:
    old = read(tmp_path, WHOLE).deployments[1]

    assert (old.url, old.host, old.target) == (None, "embedded old", "embedded edition=7.10 wrong=forgets_the_room")
    assert old.variables("run")["ROCKETCHAT_CONTRACT_STRICT"] == "true"


def test_options_do_not_show_in_what_a_worker_logs(tmp_path: Path) -> None:
    assert "X-Team" not in repr(read(tmp_path, WHOLE).deployments[0])


@pytest.mark.parametrize("names", [("a", "a"), ("a", "A"), ("eu-1", "EU-1")])
def test_two_deployments_of_one_name_are_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    tables = [f'[[deployment]]\nname = "{name}"\nserver = ["edition=newest"]\n' for name in names]

    assert "two deployments of the name" in refusal(tmp_path, "".join(tables))


def sharing(folder: Path, *pairs: tuple[str, str]) -> list[list[int]]:
    """Places of deployments that are judged one after another, for pairs of host and limiter."""
    tables = (
        f'[[deployment]]\nname = "d{n}"\nurl = "https://{host}.example.com"\n'
        + (f'limiter = "{name}"\n' if name else "")
        for n, (host, name) in enumerate(pairs)
    )
    lanes = queues_of(read(folder, "".join(tables)).deployments)
    return [[each.position - 1 for each in lane] for lane in lanes]


def test_names_behind_one_ingress_share_its_limiter(tmp_path: Path) -> None:
    assert sharing(tmp_path, ("a", "eu"), ("b", ""), ("c", "eu")) == [[0, 2], [1]]


def test_those_who_share_a_limiter_are_known_by_the_first_of_them(tmp_path: Path) -> None:
    other = RIGHT.replace("eu-1", "eu-2").replace("chat.", "other.")

    plan = read(tmp_path, f'{RIGHT}limiter = "x"\n{other}limiter = "x"\n')

    assert [each.host for each in plan.deployments] == ["chat.example.com", "chat.example.com"]


def test_a_limiter_is_shared_through_others_too(tmp_path: Path) -> None:
    assert sharing(tmp_path, ("a", ""), ("b", "x"), ("a", "x"), ("c", "y"), ("b", "y")) == [[0, 1, 2, 3, 4]]


def test_a_limiter_is_no_host(tmp_path: Path) -> None:
    assert sharing(tmp_path, ("a", "b.example.com"), ("b", "")) == [[0], [1]]


def test_a_selection_keeps_the_order_of_the_file(tmp_path: Path) -> None:
    plan = read(tmp_path, WHOLE).only(["old", "eu-1"])

    assert [each.name for each in plan.deployments] == ["eu-1", "old"]


def test_a_selection_of_an_unknown_name_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no deployment 'eu1'. Did you mean eu-1\?"):
        read(tmp_path, WHOLE).only(["eu1"])


def test_environment_and_file_of_single_runs_have_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROCKETCHAT_CONTRACT_PROFILE", "full")
    (tmp_path / "rocketchat-contract.toml").write_text('edition = "3.7"\n', encoding="utf-8")

    assert read(tmp_path, RIGHT).deployments[0].profile.name == "gate"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no deployments"),
        ("x = ", "is not TOML"),
        ("defaults = 1\n" + RIGHT, "defaults is not a table"),
        ("[default]\n" + RIGHT, "unknown key 'default'. Did you mean defaults?"),
        ("[defaults]\nprofil = 'gate'\n" + RIGHT, "unknown key 'profil'. Did you mean profile?"),
        ("[defaults]\ntoken = 'secret'\n" + RIGHT, "unknown key 'token'"),
        (RIGHT + RIGHT, "two deployments of the name 'eu-1'"),
        (RIGHT + RIGHT.replace("eu-1", "EU-1"), "two deployments of the name 'EU-1'"),
        (RIGHT.replace("eu-1", "../x"), "deployment 1: expected a name"),
        (RIGHT.replace('"eu-1"', "1"), "deployment 1: expected a name"),
        ('[[deployment]]\nname = "a"\n', "deployment a: expected either url or server"),
        (RIGHT + "limiter = 1\n", "deployment eu-1: limiter is not a text"),
        (RIGHT + "server = []\n", "deployment eu-1: expected either url or server"),
        (RIGHT.replace("https://chat.example.com", "chat"), "is not an http or https URL"),
        (RIGHT + 'profile = "gat"\n', "deployment eu-1: There is no profile 'gat'. Did you mean gate?"),
        (RIGHT + "timeout = 'soon'\n", "deployment eu-1: Expected a number"),
        (RIGHT + 'version = "about 8"\n', "Expected a version range, got 'about 8'"),
        (RIGHT + "version = 8\n", "Expected a version range, got 8"),
        (RIGHT + 'overlay = "x.yaml"\n', "unknown key 'overlay'"),
        (RIGHT + 'credentials = "me"\n', "credentials is not a table"),
        (RIGHT + 'credentials = { user = "ME" }\n', "credentials: unknown key 'user'. Did you mean user-id?"),
        ('[[deployment]]\nname = "a"\nserver = ["editon=3.7"]\n', "no setting 'editon'. Did you mean edition?"),
        ('[[deployment]]\nname = "a"\nserver = ["edition=5"]\n', "There is no edition '5'"),
        ('[[deployment]]\nname = "a"\nserver = "edition=5"\n', "server is not a list of texts"),
    ],
)
def test_what_nobody_understands_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_a_secret_in_the_place_of_a_variable_is_not_repeated(tmp_path: Path) -> None:
    text = refusal(tmp_path, RIGHT + 'credentials = { auth-token = "Zq7-canary/8h==" }\n')

    assert "does not name an environment variable" in text
    assert "canary" not in text


def test_all_names_of_this_machine_share_its_limiter(tmp_path: Path) -> None:
    urls = ("http://localhost:3000", "http://127.0.0.1:3000", "http://127.0.0.2:3001", "http://[::1]:3000")
    tables = [f'[[deployment]]\nname = "d{n}"\nurl = "{url}"\n' for n, url in enumerate(urls)]

    assert len(queues_of(read(tmp_path, "".join(tables)).deployments)) == 1


def test_a_plan_says_how_long_with_and_without_a_limiter(tmp_path: Path) -> None:
    gates = [f'[[deployment]]\nname = "d{n}"\nurl = "https://d{n % 2}.example.com"\n' for n in range(3)]
    queues = queues_of(read(tmp_path, "".join(gates)).deployments)

    assert re.fullmatch(r"about \d+ min at the stock rate limit, \d+ s without one", duration(queues[1]))
    assert longest(queues) == duration(queues[0])


def test_an_embedded_deployment_takes_what_it_usually_takes(tmp_path: Path) -> None:
    deployments = read(tmp_path, '[[deployment]]\nname = "a"\nserver = []\n').deployments

    assert re.fullmatch(r"about \d+ (s|min)", duration(deployments))
