"""A bundle is the same for everybody, and every changed byte of it is named."""

from __future__ import annotations

import hashlib
import io
import json
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rocketchat_contract.archive import bundle as bundles
from rocketchat_contract.archive.bundle import MANIFEST, Bundled, make_bundle, verify_bundle
from rocketchat_contract.contract.vendored import spec_folder
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.journal import Record
from rocketchat_contract.report.files import write_reports
from rocketchat_contract.results.har_import import judge_har
from support.hars import entries, write_har
from support.histories import ANNA, closed, created, registered, returned

CONTRACT_FILES = {f"contract/{path.name}" for path in spec_folder().iterdir() if path.is_file()}
CALLS = (registered(ANNA), created(ANNA, "R1"), closed(ANNA, "R1"), returned(ANNA, "R1"))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder: record and reports."""
    return made_run(tmp_path)


def made_run(place: Path) -> Path:
    folder = place / "20261122-153000-3f9a1c7e"
    result = judge_har(write_har(place / "a.har", entries(*CALLS)), folder)
    write_reports(result, folder)
    return folder


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a bundle."""
    return files_of(make_bundle(made_run(tmp_path_factory.mktemp("run"))).path)


@pytest.fixture
def bundle(run: Path) -> Bundled:
    return make_bundle(run)


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewritten(path: Path, contents: dict[str, bytes]) -> Path:
    """The bundle with other contents, in the very form that a bundle has."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(contents):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, contents[name])
    path.write_bytes(stream.getvalue())
    return path


def with_manifest(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Contents whose manifest was made anew, as a forger would."""

    def canonical(value: Any) -> bytes:
        return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"

    manifest = json.loads(contents[MANIFEST])
    about = {name: value for name, value in manifest.items() if name not in ("files", "head")}
    head, lines = hashlib.sha256(b"\n" + canonical(about)).hexdigest(), []
    for name in sorted(contents.keys() - {MANIFEST}):
        content = contents[name]
        line = {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        head = hashlib.sha256(head.encode() + b"\n" + canonical(line)).hexdigest()
        lines.append({**line, "chain": head})
    return {**contents, MANIFEST: canonical({**about, "files": lines, "head": head})}


def test_a_bundle_holds_record_report_and_contract(bundle: Bundled) -> None:
    names = set(files_of(bundle.path))

    assert names == CONTRACT_FILES | {"manifest.json", "record.jsonl", "report.json"}
    assert {"contract/livechat-room.md", "contract/livechat-room.overlay.yaml", "contract/requirements.toml"} < names


def test_the_manifest_names_the_suite_and_the_contract(bundle: Bundled) -> None:
    manifest = json.loads(files_of(bundle.path)[MANIFEST])

    assert set(manifest["judged_by"]) == {"suite", "contract"}
    assert len(manifest["bundled_by"]["sha256"]) == 64
    assert manifest["head"] == manifest["files"][-1]["chain"] == bundle.head


def test_an_untouched_bundle_is_verified(bundle: Bundled) -> None:
    found = verify_bundle(bundle.path, bundle.head)

    assert (found.problems, found.notes) == ((), ())
    assert (found.word, found.files) == ("violated", len(CONTRACT_FILES) + 2)


def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    first, second = make_bundle(run, tmp_path / "1.zip"), make_bundle(run, tmp_path / "2.zip")

    assert first.path.read_bytes() == second.path.read_bytes()


def test_a_bundle_verifies_far_from_its_run(bundle: Bundled, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.zip"
    bundle.path.rename(moved)

    assert verify_bundle(moved).problems == ()


def test_no_single_changed_byte_goes_unnoticed(bundle: Bundled, tmp_path: Path) -> None:
    raw, path = bundle.path.read_bytes(), tmp_path / "changed.zip"
    with zipfile.ZipFile(bundle.path) as archive:
        edges = {place for info in archive.infolist() for place in range(info.header_offset, info.header_offset + 50)}
        edges |= set(range(archive.start_dir, archive.start_dir + 120)) | set(range(len(raw) - 22, len(raw)))
    places = sorted(edges) + random.Random(7).sample(range(len(raw)), 200)

    unnoticed = [place for place in places if place < len(raw) and not _is_noticed(path, raw, place)]

    assert unnoticed == []


def _is_noticed(path: Path, raw: bytes, place: int) -> bool:
    changed = bytearray(raw)
    changed[place] ^= 1 << (place % 8)
    path.write_bytes(changed)
    try:
        return bool(verify_bundle(path).problems)
    except UsageError:
        return True


@pytest.mark.parametrize("name", ["record.jsonl", "report.json", "contract/livechat-room.md"])
def test_a_changed_file_is_named(name: str, bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    contents[name] = contents[name].replace(b"a", b"b", 1)

    assert verify_bundle(rewritten(bundle.path, contents)).problems == (f"{name}: its bytes were changed",)


def test_a_missing_file_is_named(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    del contents["contract/requirements.toml"]

    assert verify_bundle(rewritten(bundle.path, contents)).problems == ("contract/requirements.toml: is missing",)


def test_an_added_file_is_named(bundle: Bundled) -> None:
    contents = {**files_of(bundle.path), "contract/extra.txt": b"hello"}

    assert verify_bundle(rewritten(bundle.path, contents)).problems == ("contract/extra.txt: was added",)


def test_a_changed_manifest_is_named(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    contents[MANIFEST] = contents[MANIFEST].replace(b"https://chat", b"https://that")

    problems = verify_bundle(rewritten(bundle.path, contents)).problems

    assert problems == ("manifest.json: its bytes were changed, for its chain does not hold",)


def test_bytes_that_belong_to_no_file_are_noticed(bundle: Bundled) -> None:
    bundle.path.write_bytes(b"#!/bin/sh\n" + bundle.path.read_bytes())

    assert verify_bundle(bundle.path).problems == (
        "the archive itself: bytes that belong to no file were changed or added",
    )


def test_a_file_that_is_there_twice_is_named(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(bundle.path, "a") as archive:
        archive.writestr("report.json", contents["report.json"])

    assert "report.json: is in the archive 2 times" in verify_bundle(bundle.path).problems


def test_a_forged_bundle_does_not_have_the_head_that_was_told(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    del contents["contract/livechat-room.md"]
    forged = rewritten(bundle.path, with_manifest(contents))

    problems = verify_bundle(forged, bundle.head).problems

    assert problems[0].startswith("manifest.json: the head of its chain is ")


def test_a_forged_report_is_not_what_its_record_gives(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    report = json.loads(contents["report.json"])
    report["verdict"]["word"] = "conformant"
    contents["report.json"] = json.dumps(report).encode()

    problems = verify_bundle(rewritten(bundle.path, with_manifest(contents))).problems

    assert problems == ("report.json: its verdict says word conformant, but its record, judged again, gives violated",)


@pytest.mark.parametrize("report", [b"hello", b"[]", b'{"verdict": 7}', b"[" * 100_000])
def test_what_is_no_report_is_told(report: bytes, bundle: Bundled) -> None:
    contents = {**files_of(bundle.path), "report.json": report}

    problems = verify_bundle(rewritten(bundle.path, with_manifest(contents))).problems

    assert problems == ("report.json: is no report of a run",)


def test_a_forged_bundle_without_report_is_told(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    del contents["report.json"]

    problems = verify_bundle(rewritten(bundle.path, with_manifest(contents))).problems

    assert problems == ("report.json: is missing",)


def test_a_bundle_is_read_in_blocks(run: Path) -> None:
    large = run / "own-overlay.yaml"
    large.write_bytes(b"#" * 64 * 1024**2)
    tracemalloc.start()
    head = bundles._write(run.with_suffix(".zip"), Record(run / "record.jsonl").header, {"own-overlay.yaml": large})
    found = verify_bundle(run.with_suffix(".zip"), head)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.problems == ("record.jsonl: is missing", "report.json: is missing")
    assert peak < 16 * 1024**2


def test_a_plain_name_that_is_no_file_of_the_contract_is_named(bundle: Bundled) -> None:
    forged = rewritten(bundle.path, with_manifest({**files_of(bundle.path), "contract/x.json": b"{}"}))

    assert "contract/x.json: is not a file of the contract" in verify_bundle(forged).problems


def test_a_forged_requirement_is_not_the_contracts_own(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    contents["contract/requirements.toml"] = contents["contract/requirements.toml"].replace(b'"must"', b'"should"')

    problems = verify_bundle(rewritten(bundle.path, with_manifest(contents))).problems

    assert problems == ("contract/requirements.toml: is not the contract's own",)


def test_a_name_that_leads_out_of_the_bundle_is_refused(bundle: Bundled, tmp_path: Path) -> None:
    contents = {**files_of(bundle.path), "../escaped.txt": b"x"}

    problems = verify_bundle(rewritten(bundle.path, with_manifest(contents))).problems

    assert problems == ("../escaped.txt: is no name that a bundle has",)
    assert not (tmp_path.parent / "escaped.txt").exists()


def compressed(path: Path, contents: dict[str, bytes]) -> Path:
    """The bundle as another program packs it: deflated, in another order, with a line for the folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("contract")
        for name in sorted(contents, reverse=True):
            archive.writestr(name, contents[name])
    return path


def test_a_bundle_that_was_packed_anew_is_verified(bundle: Bundled) -> None:
    found = verify_bundle(compressed(bundle.path, files_of(bundle.path)), bundle.head)

    assert (found.problems, found.word, found.files) == ((), "violated", len(CONTRACT_FILES) + 2)
    assert found.notes == ("The archive was packed anew, compressed; each file in it is as it was.",)


@pytest.mark.parametrize("more", [b"", b"more"])
def test_a_changed_record_in_a_compressed_bundle_is_named(more: bytes, bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    contents["record.jsonl"] = contents["record.jsonl"].replace(b"a", b"b", 1) + more

    found = verify_bundle(compressed(bundle.path, contents))

    assert (found.problems, found.notes) == (("record.jsonl: its bytes were changed",), ())


def test_a_damaged_compressed_file_is_named(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    path = compressed(bundle.path, contents)
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("record.jsonl").header_offset + 60
    raw = bytearray(path.read_bytes())
    raw[place : place + 8] = b"\xff" * 8
    path.write_bytes(raw)

    assert verify_bundle(path).problems == ("record.jsonl: its bytes were changed",)


def test_an_archive_that_unpacks_to_too_much_is_refused(bundle: Bundled) -> None:
    contents = {**files_of(bundle.path), "record.jsonl": b"\0" * 300_000_000}

    with pytest.raises(UsageError, match="would unpack to 300,"):
        verify_bundle(compressed(bundle.path, with_manifest(contents)))


def test_a_record_that_was_cut_is_refused(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    contents["record.jsonl"] = contents["record.jsonl"][:-500]

    with pytest.raises(UsageError, match="cannot be judged"):
        verify_bundle(rewritten(bundle.path, with_manifest(contents)))


def test_a_run_of_another_contract_is_refused(run: Path) -> None:
    record = run / "record.jsonl"
    head, _, rest = record.read_text().partition("\n")
    header = json.loads(head)
    header["contract"]["sha256"] = "0" * 64
    record.write_text(json.dumps(header, separators=(",", ":")) + "\n" + rest)

    with pytest.raises(UsageError, match="judged by contract 000000000000"):
        make_bundle(run)


def test_an_own_overlay_travels_with_the_bundle(run: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "house.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: House, version: '1'}\n"
        "actions:\n  - target: $.info\n    update: {x-house: true}\n"
    )
    result = judge_har(tmp_path / "a.har", run, overlay=overlay)
    write_reports(result, run)

    with pytest.raises(UsageError, match="--overlay"):
        make_bundle(run)
    made = make_bundle(run, overlay=overlay)

    assert "own-overlay.yaml" in files_of(made.path)
    assert verify_bundle(made.path).problems == ()


@pytest.mark.parametrize("name", ["record.jsonl", "report.json"])
def test_a_folder_that_lacks_something_is_refused(name: str, run: Path) -> None:
    (run / name).unlink()

    with pytest.raises(UsageError, match="cannot be read"):
        make_bundle(run)


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all"])
def test_what_is_no_bundle_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    path.write_bytes(content)

    with pytest.raises(UsageError, match="is not a bundle"):
        verify_bundle(path)


def test_a_missing_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"The bundle .* cannot be read"):
        verify_bundle(tmp_path / "none.zip")


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")

    with pytest.raises(UsageError, match="it has no manifest"):
        verify_bundle(path)


ODD_NAMES = (
    "./record.jsonl",
    "contract/../record.jsonl",
    "contract/./livechat-room.md",
    "contract//livechat-room.md",
    "/record.jsonl",
    "RECORD.jsonl",
    "record.jsonl ",
    "record.jsonl/x",
    "contract",
    "contract/a/b",
    "contract/a/",
    "record.jsonl/",
    "contract\\x",
    ".",
    "..",
    " ",
    "a" * 300,
    "contract/" + "a" * 300,
    "\u202egnp.exe",
    "contract/\u202egnp.md",
    "contract/a\nb",
    "contract/a.",
    "x",
)


@pytest.mark.parametrize("pack", [rewritten, compressed], ids=["stored", "deflated"])
@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_that_no_bundle_has_is_named(
    contents: dict[str, bytes], name: str, pack: Callable[..., Path], tmp_path: Path
) -> None:
    forged = pack(tmp_path / "forged.zip", with_manifest({**contents, name: contents["record.jsonl"]}))

    problems = verify_bundle(forged).problems

    assert any(problem.endswith(": is no name that a bundle has") for problem in problems)


def test_an_empty_name_is_named(bundle: Bundled) -> None:
    contents = {**files_of(bundle.path), "": b"x"}

    assert verify_bundle(rewritten(bundle.path, contents)).problems == (": is no name that a bundle has",)


@pytest.mark.parametrize("name", ["contract/Livechat-Room.md", "contract/livechat-room.ｍd"])
def test_names_that_a_disk_takes_for_the_same_are_named(bundle: Bundled, name: str) -> None:
    contents = {**files_of(bundle.path), name: b"other"}

    problems = verify_bundle(rewritten(bundle.path, with_manifest(contents))).problems

    assert f"{name}: is in the archive 2 times" in problems


def test_a_link_in_place_of_a_file_is_named(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    with zipfile.ZipFile(bundle.path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name == "record.jsonl" else 0o100644) << 16
            archive.writestr(info, content)

    assert verify_bundle(bundle.path).problems == ("record.jsonl: is no regular file",)


def deflated(name: str, content: bytes, extra: bytes = b"") -> bytes:
    """The bytes of an entry as they stand before the list of files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        info = zipfile.ZipInfo(name)
        info.extra = extra
        archive.writestr(info, content, zipfile.ZIP_DEFLATED)
        end = archive.fp.tell() if archive.fp else 0
    return stream.getvalue()[:end]


def test_an_entry_that_the_list_does_not_name_is_noticed(bundle: Bundled) -> None:
    path = compressed(bundle.path, files_of(bundle.path))
    path.write_bytes(deflated("record.jsonl", b"another record") + path.read_bytes())

    assert verify_bundle(path).problems == ("the archive itself: bytes that belong to no file were changed or added",)


def test_a_second_name_in_an_extra_field_is_noticed(bundle: Bundled) -> None:
    contents = files_of(bundle.path)
    with zipfile.ZipFile(bundle.path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            info = zipfile.ZipInfo(name)
            if name == "contract/clauses.toml":
                info.extra = b"\x75\x70\x11\0\1\0\0\0\0record.jsonl"
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)

    assert len(verify_bundle(bundle.path).problems) == 1


def test_a_list_of_very_many_files_is_refused_soon(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"contract/{number}", b"")

    with pytest.raises(UsageError, match="more files than a bundle has"):
        verify_bundle(path)
