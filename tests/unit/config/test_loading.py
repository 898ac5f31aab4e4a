"""Flags over environment over file over defaults; what nobody understands is refused with a next step."""

from __future__ import annotations

from pathlib import Path

import pytest

from rocketchat_contract.config import PROFILES, Rate, RunConfig
from rocketchat_contract.config.loading import load
from rocketchat_contract.config.making import make_config
from rocketchat_contract.config.options import OPTIONS
from rocketchat_contract.config.reference import option_reference, shown
from rocketchat_contract.errors import UsageError


def config(flags: dict[str, object] | None = None, file: Path | None = None, **environment: str) -> RunConfig:
    variables = {f"ROCKETCHAT_CONTRACT_{name.upper()}": value for name, value in environment.items()}
    return make_config(load(flags or {}, variables, file))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rocketchat-contract.toml"
    path.write_text("timeout = 3\nprofile = 'smoke'\nstrict = true\nheader = ['X-A: 1', 'X-B: 2']\ngive-up-after = 4\n")
    return path


def test_nothing_given_means_the_embedded_server() -> None:
    made = config()

    assert (made.url, made.profile.name, made.timeout, made.shrink) == (None, "full", 30.0, True)


def test_a_url_means_the_gate() -> None:
    made = config({"target": "https://h"})

    assert (made.url, made.profile.name, made.shrink) == ("https://h", "gate", False)


def test_a_live_server_is_asked_more_to_shrink_only_by_choice() -> None:
    assert config({"target": "https://h", "shrink": "true"}).shrink is True


def test_file_wins_over_defaults(file: Path) -> None:
    made = config()

    assert (made.timeout, made.profile.name, made.strict, made.give_up_after) == (3.0, "smoke", True, 4)
    assert made.headers == (("X-A", "1"), ("X-B", "2"))


def test_environment_wins_over_file(file: Path) -> None:
    assert config(timeout="4", header="X-C: 3\nX-D: 4\n").headers == (("X-C", "3"), ("X-D", "4"))


def test_flags_win_over_all(file: Path) -> None:
    assert config({"timeout": "5"}, timeout="4").timeout == 5.0


def test_flags_that_were_not_given_win_over_nothing(file: Path) -> None:
    assert config({"timeout": None, "strict": False, "header": ()}).strict is True


def test_another_file_is_read_instead(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text("timeout = 9\n")

    made = config(file=other)

    assert (made.timeout, made.strict) == (9.0, False)


def test_each_value_knows_where_it_came_from(file: Path) -> None:
    loaded = load({"seed": "7"}, {"ROCKETCHAT_CONTRACT_LIMIT": "5/60"})

    assert [loaded.origins[name] for name in ("seed", "limit", "timeout", "ca")] == [
        "flag --seed",
        "environment ROCKETCHAT_CONTRACT_LIMIT",
        "file rocketchat-contract.toml",
        "default",
    ]


def test_embedded_is_a_target_whatever_environment_says() -> None:
    assert config({"target": "embedded"}, target="https://h").url is None


def test_an_empty_variable_is_none() -> None:
    assert config(target="", insecure="", timeout="").url is None


def test_a_limit_is_a_rate() -> None:
    assert config(limit="12/3").limit == Rate(12, 3.0)


def test_credentials_come_from_the_environment() -> None:
    credentials = config(user_id="me", auth_token="secret").credentials

    assert credentials is not None
    assert credentials.headers == (("X-User-Id", "me"), ("X-Auth-Token", "secret"))
    assert "secret" not in repr(credentials)


def test_credentials_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text('user-id = "me"\nauth-token = "secret"\n')

    credentials = config({"credentials": "c.toml"}).credentials

    assert credentials is not None
    assert credentials.user_id == "me"


REFUSED = [
    (
        {"timeout": "soon"},
        {},
        "Expected a number of at least 0.05 and at most 3600 for timeout, got 'soon' (flag --timeout).",
    ),
    ({"timeout": "0"}, {}, "Expected a number of at least 0.05"),
    ({"timeout": "nan"}, {}, "Expected a number of at least 0.05"),
    ({"seed": "-1"}, {}, "Expected a whole number of at least 0 for seed"),
    ({"limit": "5"}, {}, "Expected calls/seconds for limit, got '5'"),
    ({"profile": "gaet"}, {}, "There is no profile 'gaet' (flag --profile). Did you mean gate?"),
    ({}, {"insecure": "perhaps"}, "(environment ROCKETCHAT_CONTRACT_INSECURE)"),
    ({}, {"timout": "3"}, "ROCKETCHAT_CONTRACT_TIMOUT. Did you mean ROCKETCHAT_CONTRACT_TIMEOUT?"),
    ({"ca": "nowhere.pem"}, {}, "There is no file for ca=nowhere.pem (flag --ca)."),
    ({"key": __file__}, {}, "A key without its certificate"),
    ({"host": "a b"}, {}, "Expected a host name"),
    ({"header": ("nonsense",)}, {}, "not of the form 'Name: value' (flag --header)"),
    ({"header": ("X: a\r\nY: b",)}, {}, "not of the form 'Name: value'"),
    ({"header": ("Host: h",)}, {}, "has an option of its own (flag --header). Give it with --host."),
    ({"header": ("X-Auth-Token: t",)}, {}, "Give it as ROCKETCHAT_CONTRACT_AUTH_TOKEN"),
    ({"header": ("Content-Length: 1",)}, {}, "the suite's own business"),
    ({"target": "https://h", "edition": "3.7"}, {}, "edition=3.7 (flag --edition) is for the embedded server"),
    ({"edition": "3.7"}, {"target": "https://h"}, "but the target is https://h (environment"),
    ({"token": "canary"}, {}, "the profile readonly, and this run has the profile full. Pass --profile readonly, or"),
    ({"token": "canary", "target": "https://h"}, {"profile": "smoke"}, "and this run has the profile smoke."),
    ({}, {"user_id": "me"}, "Credentials without auth-token."),
    ({}, {"auth_token": "a b", "user_id": "me"}, "The auth-token cannot stand in a header."),
    ({"credentials": "nowhere.toml"}, {}, "cannot be read"),
]


@pytest.mark.parametrize(("flags", "environment", "sentence"), REFUSED)
def test_what_makes_no_sense_is_refused(flags: dict[str, object], environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(UsageError) as refused:
        config(flags, **environment)

    assert sentence in str(refused.value)


def test_a_visitors_token_may_stay_in_the_environment_of_every_profile() -> None:
    assert config({"profile": "readonly", "token": "T"}).token == "T"
    assert config({"profile": "gate"}, token="T").token == "T"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("timeout = ", "is not TOML"),
        ("timout = 3", "unknown key 'timout'. Did you mean timeout?"),
        ("timeout = 'soon'", "(file rocketchat-contract.toml)"),
        ("yes = true", "unknown key 'yes'"),
        ("header = ['X-A']", "not of the form"),
        ("[timeout]\na = 1", "Expected a number"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "rocketchat-contract.toml").write_text(text)

    with pytest.raises(UsageError) as refused:
        config()

    assert sentence in str(refused.value)


@pytest.mark.parametrize("text", ["user-id = canary", 'auth-token = 5\nuser-id = "canary"', 'token = "canary"'])
def test_a_credentials_file_that_makes_no_sense_is_refused_without_quoting_it(text: str, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(text)

    with pytest.raises(UsageError) as refused:
        config({"credentials": "c.toml"})

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("value", ["canary\x01", "canary secret"])
def test_a_refused_secret_is_not_quoted(value: str) -> None:
    with pytest.raises(UsageError) as refused:
        config(auth_token=value, user_id="me")

    assert "canary" not in str(refused.value)


def test_what_is_in_effect_shows_no_secret() -> None:
    loaded = load(
        {"header": ("X-A: canary",), "proxy": "http://me:canary@proxy:1", "token": "canary"},
        {"ROCKETCHAT_CONTRACT_AUTH_TOKEN": "canary"},
    )

    assert "canary" not in "\n".join(shown(loaded))


def test_the_reference_names_every_option() -> None:
    text = option_reference()

    assert [option.name for option in OPTIONS if f"`{option.variable}`" not in text] == []


@pytest.mark.generated
def test_the_reference_is_as_written() -> None:
    written = (Path(__file__).parents[3] / "docs" / "options.md").read_text(encoding="utf-8")

    assert written == option_reference()


def test_every_profile_has_a_wall_in_every_direction() -> None:
    limited = {name: profile for name, profile in PROFILES.items() if name != "full"}

    assert all(profile.room_calls <= 2_000 and profile.rooms <= 1_000 for profile in limited.values())
    assert (PROFILES["smoke"].room_calls, PROFILES["gate"].room_calls) == (15, 60)
    assert PROFILES["readonly"].visitors == 0
