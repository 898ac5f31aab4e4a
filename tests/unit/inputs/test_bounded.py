"""What somebody else may have written is read within bounds, or refused by name."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rocketchat_contract.inputs.bounded import (
    DEEPEST,
    MOST_TOML,
    ContentError,
    FileKind,
    InputError,
    parse_json,
    parse_toml,
    read_json,
    read_toml,
)

KIND = FileKind("The file", "Write another.")
SECONDS = 5.0


def test_what_json_has_is_read() -> None:
    assert parse_json(b'{"a": [1, -2.5, "x", null, true]}') == {"a": [1, -2.5, "x", None, True]}


def test_what_toml_has_is_read() -> None:
    assert parse_toml('a.b = 1\nc = ["x"] # "') == {"a": {"b": 1}, "c": ["x"]}


@pytest.mark.parametrize("text", ["[" * DEEPEST + "]" * DEEPEST, '{"a":' * DEEPEST + "1" + "}" * DEEPEST])
def test_json_may_be_nested_to_the_limit(text: str) -> None:
    assert parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2),
        '{"a":' * 900 + "1" + "}" * 900,
        "[" * 5_000 + "]" * 5_000,
        "[" * 200_000,
        "NaN",
        "-Infinity",
        "1e999",
        "9" * 30,
        "9" * 5_000,
        '{"a": 1',
        "",
        "\udc80",
    ],
)
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(ContentError):
        parse_json(text)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * (DEEPEST + 2) + "]" * (DEEPEST + 2),
        "x = " + "[" * 5_000,
        "x = " + "{a=" * 5_000,
        ".".join("a" * 50_000) + " = 1",
        " . ".join("a" * 50_000) + " = 1",
        ".".join(['"a"'] * 50_000) + " = 1",
        ".".join(["'a'"] * 50_000) + " = 1",
        "[" + ".".join("a" * 50_000) + "]",
        "x = { " + ".".join("a" * 50_000) + " = 1 }",
        "x = 0x" + "f" * 5_000,
        "x = " + "9" * 5_000,
        'x = """' + '\\"""' * 100_000,
        "x = '''" + "'" * 200_000,
        '"' * 300_000,
        "a" * 900_000,
    ],
)
def test_other_toml_is_refused_soon(text: str) -> None:
    begin = time.process_time()

    with pytest.raises(ContentError):
        parse_toml(text)

    assert time.process_time() - begin < SECONDS


def test_a_text_with_many_dots_is_no_long_key() -> None:
    name = ".".join("a" * 200)

    assert parse_toml(f'x = "{name}" # {name}\ny = """\n{name} = 1\n"""') == {"x": name, "y": f"{name} = 1\n"}


@pytest.mark.parametrize("name", ["", "missing.json", "a\0b", "n" * 300, "folder", "fifo", "loop"])
def test_what_is_no_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(InputError, match="cannot be read"):
        read_json(tmp_path / name, KIND)


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    path.write_text("#" * (MOST_TOML + 1), encoding="ascii")

    with pytest.raises(InputError, match="larger than 1 MiB"):
        read_toml(path, KIND)


def test_a_device_is_read_to_the_limit_only() -> None:
    with pytest.raises(InputError, match="larger than 1 MiB"):
        read_toml(Path("/dev/zero"), KIND)


def test_an_empty_device_is_an_empty_file() -> None:
    assert read_toml(Path(os.devnull), KIND) == {}


def test_the_reason_of_a_secret_file_is_not_told(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text("auth-token = CANARY", encoding="ascii")

    with pytest.raises(InputError) as refused:
        read_toml(path, FileKind("The file", "Write another.", secret=True))

    assert "CANARY" not in str(refused.value)


def test_a_name_of_a_file_holds_no_nul_character(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text('overlay = "a\\u0000b"', encoding="ascii")

    assert read_toml(path, KIND) == {"overlay": "a\0b"}
    with pytest.raises(InputError, match="NUL"):
        read_toml(path, FileKind("The file", "Write another.", names_files=True))
