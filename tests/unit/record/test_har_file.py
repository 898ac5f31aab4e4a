"""What a HAR comes in, and bodies that it does not hold."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from rocketchat_contract.errors import UsageError
from rocketchat_contract.record import har_file
from rocketchat_contract.record.har import read_har
from rocketchat_contract.record.har_file import is_har
from support.hars import ANNAS, Entry, entries, write_har
from support.histories import ANNA, created, refused, registered


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A HAR with two calls."""
    return write_har(tmp_path / "plain.har", entries(registered(ANNA), created(ANNA, "R1")))


def without_body(found: Entry, name: str = "") -> Entry:
    """The entry as a tool writes it that leaves bodies out, or keeps them in a file of that name."""
    content = {key: value for key, value in found["response"]["content"].items() if key != "text"}
    return {**found, "response": {**found["response"], "content": {**content, **({"_file": name} if name else {})}}}


def test_a_gzipped_capture_is_read(plain: Path) -> None:
    packed = plain.with_name("a.har.gz")
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert is_har(packed)
    assert len(read_har(packed).exchanges) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_capture_in_another_encoding_is_read(encoding: str, plain: Path) -> None:
    other = plain.with_name("other.har")
    other.write_bytes(plain.read_text("utf-8").encode(encoding))

    assert is_har(other)
    assert len(read_har(other).exchanges) == 2


def test_a_zip_brings_its_bodies(tmp_path: Path) -> None:
    (call,) = entries(created(ANNA, "R1"))
    har = write_har(tmp_path / "a.har", [without_body(call, "b.json")])
    zipped(tmp_path / "a.har.zip", {"har.har": har.read_text(), "b.json": call["response"]["content"]["text"]})

    capture = read_har(tmp_path / "a.har.zip")

    assert is_har(tmp_path / "a.har.zip")
    assert capture.bodiless == 0
    assert capture.exchanges[0].response is not None
    assert ANNAS not in str(capture.exchanges)


def test_bodies_in_files_beside_are_read(tmp_path: Path) -> None:
    (call,) = entries(created(ANNA, "R1"))
    (tmp_path / "b.json").write_text(call["response"]["content"]["text"])

    assert read_har(write_har(tmp_path / "a.har", [without_body(call, "b.json")])).bodiless == 0


@pytest.mark.parametrize("name", ["../b.json", "/etc/passwd", "..", "a/b.json", "link.json"])
def test_a_body_elsewhere_is_not_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "b.json").write_text('{"secret": 1}')
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.json").symlink_to(tmp_path / "b.json")
    (call,) = entries(created(ANNA, "R1"))

    assert read_har(write_har(folder / "a.har", [without_body(call, name)])).bodiless == 1


def test_bodies_that_are_missing_are_counted(tmp_path: Path) -> None:
    first, second = entries(created(ANNA, "R1"), refused(ANNA))

    assert read_har(write_har(tmp_path / "a.har", [without_body(first), second])).bodiless == 1


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"\x1f\x8bno", "damaged"),
        (gzip.compress(b'{"log": {}}')[:-9], "cut short"),
        (b"PK\x03\x04no", "cannot be unpacked"),
    ],
    ids=["no gzip", "cut short", "no zip"],
)
def test_a_damaged_pack_is_named_for_what_it_is(content: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "a.har.gz"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=problem):
        read_har(path)


def test_a_zip_without_a_har_is_named_for_what_it_is(tmp_path: Path) -> None:
    zipped(tmp_path / "a.zip", {"report.html": "<html>"})

    with pytest.raises(UsageError, match="holds 0 HAR files"):
        read_har(tmp_path / "a.zip")


@pytest.mark.parametrize("pack", ["gz", "zip"])
def test_what_unpacks_to_too_much_is_refused(pack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(har_file, "_MOST_BYTES", 1024)
    path = tmp_path / f"a.har.{pack}"
    if pack == "gz":
        path.write_bytes(gzip.compress(b" " * 100_000))
    else:
        zipped(path, {"a.har": " " * 100_000}, zipfile.ZIP_DEFLATED)

    with pytest.raises(UsageError, match="than 0 MiB"):
        read_har(path)


@pytest.mark.parametrize("levels", [1500, 9000])
def test_a_body_of_thousands_of_levels_is_read(levels: int, tmp_path: Path) -> None:
    (call,) = entries(created(ANNA, "R1"))
    call["response"]["content"]["text"] = '{"room":' * levels + "1" + "}" * levels

    assert len(read_har(write_har(tmp_path / "a.har", [call])).exchanges) == 1


def zipped(path: Path, files: dict[str, str], how: int = zipfile.ZIP_STORED) -> None:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, text in files.items():
            archive.writestr(name, text)


def test_personal_data_is_masked_unless_it_is_to_be_kept(tmp_path: Path) -> None:
    call, room = entries(registered(ANNA), created(ANNA, "R1"))
    call["request"]["postData"] = {"text": json.dumps({"visitor": {"token": ANNAS, "name": "Zoe Example"}})}
    har = write_har(tmp_path / "a.har", [call, room])

    assert "Zoe Example" not in str(read_har(har).exchanges)
    assert read_har(har).masked["names"] >= 1
    assert "Zoe Example" in str(read_har(har, keep_personal=True).exchanges)
    assert not read_har(har, keep_personal=True).masked
