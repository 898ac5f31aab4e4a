"""An evidence bundle: one zip with a run's record, its report and the contract it was judged by, hashed in a chain.

A stranger verifies it: each file is as it was, and the record, judged again, gives the reported verdict. The chain
runs over the files in their order; its head stands for the whole and can be told by another way, on the phone for
instance. Nothing in the archive is compressed and nothing depends on the clock, so that the same run gives the same
bytes everywhere, and a changed byte is found even where it belongs to no file.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rocketchat_contract import __version__
from rocketchat_contract.contract.vendored import ROOM, spec_folder
from rocketchat_contract.errors import UsageError
from rocketchat_contract.record.journal import Record
from rocketchat_contract.report.account import Account
from rocketchat_contract.report.json_report import report_content
from rocketchat_contract.run import judge_record, load_promises
from rocketchat_contract.suite import suite_sha256

FORMAT = 1
MANIFEST = "manifest.json"
RECORD = "record.jsonl"
REPORT = "report.json"
OVERLAY = "own-overlay.yaml"

COMPARED = ("requirements", "reach", "ledger", "facts", "groups")
"""Parts of a report that a record alone decides, beside the verdict."""

CHANGED = "its bytes were changed"

_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Bundled:
    """A bundle that was written: its path, the names of its files, and the head of its chain."""

    path: Path
    names: tuple[str, ...]
    head: str


@dataclass(frozen=True)
class Verified:
    """What was found out about a bundle; no problems means that it is what it says.

    ``notes`` are sentences about this installation, which do not speak against the bundle.
    """

    head: str
    run: str
    target: str
    word: str
    files: int
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def make_bundle(
    run: Path, out: Path | None = None, overlay: Path | None = None, contract: Path | None = None
) -> Bundled:
    """Write the bundle of a run's folder, ``RUN.zip`` beside it unless told.

    ``overlay`` and ``contract`` are the run's own, where it had such. Raises UsageError when the folder lacks its
    record or report, or was judged by another contract.
    """
    folder = (run if run.is_dir() else run.parent).resolve()
    contents = {name: _read(folder / name) for name in (RECORD, REPORT)}
    header = Record(folder / RECORD).header
    hint = f"Name what the run was given as --overlay or --contract, or use version {header['suite']['version']}."
    _refuse_other_contract(header, overlay, contract, hint)
    contents |= _contract_files(contract)
    if overlay is not None:
        contents[OVERLAY] = overlay.read_bytes()
    manifest = _manifest(header, contents)
    path = out or folder.with_name(f"{folder.name}.zip")
    _write(path, _archive({MANIFEST: _canonical(manifest), **contents}))
    return Bundled(path, tuple(contents), manifest["head"])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        hint = "Name the folder of a run; `judge RECORD --report-dir FOLDER` writes a missing report."
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint) from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"The bundle {path} cannot be written: {error.strerror}.", "Choose another --out.") from error


def _contract_files(folder: Path | None) -> dict[str, bytes]:
    """The files of the contract by their names in a bundle; the requirements are always the suite's own."""
    ours = spec_folder()
    paths = [path for path in (folder or ours).iterdir() if path.is_file()]
    return {f"contract/{path.name}": path.read_bytes() for path in {*paths, ours / "requirements.toml"}}


def _refuse_other_contract(header: Mapping[str, Any], overlay: Path | None, folder: Path | None, hint: str) -> None:
    judged_by, ours = header["contract"]["sha256"], load_promises(overlay, folder).contract.sha256
    if judged_by != ours:
        raise UsageError(
            f"The run was judged by contract {judged_by[:12]}, but this installation has {ours[:12]}.", hint
        )


def _manifest(header: Mapping[str, Any], contents: Mapping[str, bytes]) -> dict[str, Any]:
    about = {
        "format": FORMAT,
        "run": header["run"],
        "target": header["target"],
        "judged_by": {"suite": header["suite"], "contract": header["contract"]},
        "bundled_by": {"version": __version__, "sha256": suite_sha256()},
    }
    lines = [
        {"path": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(contents.items())
    ]
    return _chained(about, lines)


def _chained(about: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The manifest: each line with the hash of itself and the hash before it; the first stands on what it is about."""
    head = _link("", _canonical(about))
    files = []
    for line in lines:
        head = _link(head, _canonical(line))
        files.append({**line, "chain": head})
    return {**about, "files": files, "head": head}


def _link(before: str, content: bytes) -> str:
    return hashlib.sha256(before.encode() + b"\n" + content).hexdigest()


def _canonical(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode("ascii") + b"\n"


def _archive(contents: Mapping[str, bytes]) -> bytes:
    """A zip whose bytes depend on nothing but names and contents."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.create_system, info.external_attr = 3, 0o644 << 16
            archive.writestr(info, contents[name])
    return stream.getvalue()


def verify_bundle(path: Path, head: str | None = None) -> Verified:
    """What a stranger finds out about a bundle; ``head`` is the chain's head as told by another way.

    Raises UsageError when the file is no bundle, or this installation cannot judge its record.
    """
    raw = _read(path)
    archive = _opened(path, raw)
    contents = _contents(archive, len(raw))
    manifest = _read_manifest(path, contents)
    times = Counter(archive.namelist())
    problems = [f"{name}: is in the archive {number} times" for name, number in times.items() if number > 1]
    problems += _chain_problems(manifest, contents, head)
    if not problems and _archive(contents) != raw:
        problems.append("the archive itself: bytes that belong to no file were changed or added")
    notes: list[str] = []
    if not problems:
        problems += _judged_again(contents, notes)
    return Verified(
        head=manifest["head"],
        run=manifest["run"],
        target=manifest["target"],
        word=_reported_word(contents),
        files=len(manifest["files"]),
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _opened(path: Path, raw: bytes) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise _no_bundle(path, f"it is not a whole zip archive ({error})") from error


def _contents(archive: zipfile.ZipFile, most: int) -> dict[str, bytes]:
    """The files by name; one that cannot be read, or is larger than the archive, counts as empty."""
    contents: dict[str, bytes] = {}
    for info in archive.infolist():
        is_ours = info.compress_type == zipfile.ZIP_STORED and info.file_size <= most
        try:
            contents[info.filename] = archive.read(info) if is_ours else b""
        except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError):
            contents[info.filename] = b""
    return contents


def _read_manifest(path: Path, contents: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(contents[MANIFEST])
        told = [manifest[name] for name in ("run", "target", "head")]
        told += [line[name] for line in manifest["files"] for name in ("path", "sha256", "chain")]
        if manifest["format"] != FORMAT or not all(isinstance(text, str) for text in told):
            raise _no_bundle(path, f"its {MANIFEST} is not of format {FORMAT}")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_bundle(path, f"it has no readable {MANIFEST}") from error
    return manifest


def _chain_problems(manifest: Mapping[str, Any], contents: Mapping[str, bytes], head: str | None) -> Iterator[str]:
    if _canonical(_rechained(manifest)) != contents[MANIFEST]:
        yield f"{MANIFEST}: {CHANGED}, for its chain does not hold"
    if head is not None and head.lower() != manifest["head"]:
        yield f"{MANIFEST}: the head of its chain is {manifest['head']}, not {head}"
    listed = {line["path"]: line["sha256"] for line in manifest["files"]}
    present = contents.keys() - {MANIFEST}
    for name in sorted(listed.keys() | present):
        if name not in present:
            yield f"{name}: is missing"
        elif name not in listed:
            yield f"{name}: was added"
        elif hashlib.sha256(contents[name]).hexdigest() != listed[name]:
            yield f"{name}: {CHANGED}"


def _rechained(manifest: Mapping[str, Any]) -> dict[str, Any]:
    about = {name: value for name, value in manifest.items() if name not in ("files", "head")}
    lines = [{name: value for name, value in line.items() if name != "chain"} for line in manifest["files"]]
    return _chained(about, lines)


def _judged_again(contents: Mapping[str, bytes], notes: list[str]) -> Iterator[str]:
    """What speaks against the bundle once its files are known to be as they were."""
    with TemporaryDirectory() as aside:
        for name in contents.keys() - {MANIFEST, REPORT}:
            place = Path(aside, name.replace("\\", "/"))
            if not place.resolve().is_relative_to(Path(aside).resolve()):
                yield f"{name}: is no name that a bundle has"
                return
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(contents[name])
        record = Path(aside, RECORD)
        header = Record(record).header
        overlay = Path(aside, OVERLAY) if OVERLAY in contents else None
        folder = None if header["contract"].get("operation", str(ROOM)) == str(ROOM) else Path(aside, "contract")
        hint = (
            f"Verify it with rocketchat-contract {header['suite']['version']}, suite {header['suite']['sha256'][:12]}."
        )
        _refuse_other_contract(header, overlay, folder, hint)
        ours = _contract_files(folder)
        yield from (f"{name}: is not the contract's own" for name in sorted(ours) if contents.get(name) != ours[name])
        account = judge_record(record, overlay, folder)
    suite = header["suite"]
    if suite["sha256"] != suite_sha256():
        notes.append(f"Judged again by another suite than the run's own, {suite['version']} {suite['sha256'][:12]}.")
    yield from _differences(json.loads(contents[REPORT]), account)


def _differences(reported: Mapping[str, Any], account: Account) -> Iterator[str]:
    """Where the report says something else than the record, judged again."""
    judged = json.loads(json.dumps(report_content(account)))
    for name in ("word", "published", "counts", "judged", "obstacles"):
        was, now = reported["verdict"].get(name), judged["verdict"][name]
        if was != now:
            yield f"{REPORT}: its verdict says {name} {was}, but its record, judged again, gives {now}"
    for name in COMPARED:
        if reported.get(name) != judged[name]:
            yield f"{REPORT}: its {name} are not those of its record, judged again"


def _reported_word(contents: Mapping[str, bytes]) -> str:
    try:
        return str(json.loads(contents[REPORT])["verdict"]["word"])
    except (KeyError, ValueError, TypeError):
        return "unknown"


def _no_bundle(path: Path, reason: str) -> UsageError:
    return UsageError(f"{path} is not a bundle: {reason}.", "Make one with: rocketchat-contract bundle RUN.")
