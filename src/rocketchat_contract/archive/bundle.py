"""An evidence bundle: one zip with a run's record, its report and the contract it was judged by, hashed in a chain.

A stranger verifies it: each file is as it was, and the record, judged again, gives the reported verdict. The chain
runs over the files in their order; its head stands for the whole and can be told by another way, on the phone for
instance. Nothing in the archive is compressed and nothing depends on the clock, so that the same run gives the same
bytes everywhere, and a changed byte is found even where it belongs to no file. An archive that somebody packed anew,
compressed, is verified file by file. Files are read in blocks: a bundle may be larger than the memory, and none is
unpacked further than its size allows.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rocketchat_contract import __version__
from rocketchat_contract.archive.zipped import (
    CHANGED,
    CONTRACT,
    is_ambiguous,
    is_archive_of,
    is_contract_file,
    no_bundle,
    opened_zip,
    strange_entries,
    unzipped,
    write_archive,
)
from rocketchat_contract.contract.folder import FINDINGS, read_folder
from rocketchat_contract.contract.suite_hash import suite_sha256
from rocketchat_contract.contract.vendored import ROOM, spec_folder
from rocketchat_contract.errors import UsageError
from rocketchat_contract.inputs.bounded import FileKind, InputError, read_json
from rocketchat_contract.record.header import RecordHeader
from rocketchat_contract.record.journal import RECORD, Record
from rocketchat_contract.report.json_report import report_content
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.report.stored import read_content, read_report
from rocketchat_contract.results.interrupted import refuse_cut
from rocketchat_contract.results.judged_by import load_judged_by
from rocketchat_contract.results.result import judge_record

_FORMAT = 1
MANIFEST = "manifest.json"
REPORT = "report.json"
OVERLAY = "own-overlay.yaml"

COMPARED = ("requirements", "reach", "ledger", "facts", "groups")
"""Parts of a report that a record alone decides, beside the verdict."""

_NAMES = frozenset({MANIFEST, RECORD, REPORT, OVERLAY})
_MANIFEST = FileKind("The manifest", "Make the bundle again.")
_STRAY = "the archive itself: bytes that belong to no file were changed or added"
_PACKED_ANEW = "The archive was packed anew, compressed; each file in it is as it was."


@dataclass(frozen=True)
class Bundled:
    """A bundle that was written: its path, the names of its files, and the head of its chain."""

    path: Path
    names: tuple[str, ...]
    head: str


@dataclass(frozen=True)
class Verified:
    """What was found out about a bundle; no problems means that it is what it says.

    ``notes`` are sentences about this installation, which do not speak against the bundle. ``run`` is empty, and so
    are ``head``, ``target`` and ``word``, when its files were not read because of their names.
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
    if not run.exists():
        raise UsageError(f"There is no run at {run}.", "Name the folder of a run, such as reports/latest.")
    folder = (run if run.is_dir() else run.parent).resolve()
    if not (folder / REPORT).exists() and (folder / RECORD).exists():
        refuse_cut(folder / RECORD)
    sources = {name: _readable(folder / name) for name in (RECORD, REPORT)}
    header = Record(folder / RECORD).header
    hint = f"Name what the run was given as --overlay or --contract, or use version {header.suite.version}."
    _refuse_other_contract(header, overlay, contract, hint)
    sources |= _contract_files(contract)
    if overlay is not None:
        sources[OVERLAY] = overlay
    path = out or folder.with_name(f"{folder.name}.zip")
    return Bundled(path, tuple(sources), _write(path, header, sources))


def _readable(path: Path) -> Path:
    try:
        path.open("rb").close()
    except OSError as error:
        hint = "Name the folder of a run; `judge RECORD --report-dir FOLDER` writes a missing report."
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint) from error
    return path


def _write(path: Path, header: RecordHeader, sources: Mapping[str, Path]) -> str:
    """Write the archive; answers the head of its chain."""
    manifest = _manifest(header, sources)
    try:
        with TemporaryDirectory() as aside, path.open("wb") as file:
            listed = Path(aside, MANIFEST)
            listed.write_bytes(_canonical(manifest))
            write_archive(file, {MANIFEST: listed, **sources})
    except OSError as error:
        raise UsageError(f"The bundle {path} cannot be written: {error.strerror}.", "Choose another --out.") from error
    return str(manifest["head"])


def _contract_files(folder: Path | None) -> dict[str, Path]:
    """The files of the contract by their names in a bundle; the requirements are always the suite's own."""
    ours = spec_folder()
    paths = _own_files(ours) if folder is None else _vendored_files(folder)
    named = {f"{CONTRACT}{path.name}": path for path in {*paths, ours / "requirements.toml"}}
    for name, path in named.items():
        if not is_contract_file(name):
            raise UsageError(f"{path} has a name that no bundle can hold.", "Rename it, with letters and digits.")
    return named


def _own_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]


def _vendored_files(folder: Path) -> list[Path]:
    """What ``spec vendor`` wrote, and the overlay beside it; nothing else in the folder has a part in a verdict."""
    found = read_folder(folder)
    (findings,) = folder.glob(f"*{FINDINGS}")
    document = findings.with_name(f"{findings.name.removesuffix(FINDINGS)}.openapi.json")
    return [found.page, document, findings, *filter(None, [found.overlay])]


def _refuse_other_contract(header: RecordHeader, overlay: Path | None, folder: Path | None, hint: str) -> None:
    judged_by, ours = header.contract.sha256, load_judged_by(overlay, folder).contract.sha256
    if judged_by != ours:
        raise UsageError(
            f"The run was judged by contract {judged_by[:12]}, but this installation has {ours[:12]}.", hint
        )


def _manifest(header: RecordHeader, sources: Mapping[str, Path]) -> dict[str, Any]:
    about = {
        "format": _FORMAT,
        "run": header.run,
        "target": header.target,
        "judged_by": {name: header.to_json()[name] for name in ("suite", "contract")},
        "bundled_by": {"version": __version__, "sha256": suite_sha256()},
    }
    lines = [
        {"path": name, "size": source.stat().st_size, "sha256": _sha256(source)}
        for name, source in sorted(sources.items())
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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify_bundle(path: Path, head: str | None = None) -> Verified:
    """What a stranger finds out about a bundle; ``head`` is the chain's head as told by another way.

    Raises UsageError when the file is no bundle, or this installation cannot judge its record.
    """
    with TemporaryDirectory() as aside, opened_zip(path) as archive:
        strange = tuple(strange_entries(archive, _NAMES))
        if MANIFEST not in archive.namelist():
            raise no_bundle(path, f"it has no {MANIFEST}")
        if strange:
            return Verified("", "", "", "", len(archive.infolist()), strange)
        try:
            contents = unzipped(archive, Path(aside))
        except OSError as error:
            hint = "Make room where temporary files lie (TMPDIR)."
            raise UsageError(f"The bundle {path} cannot be unpacked: {error.strerror}.", hint) from error
        return _verified(path, archive, contents, head)


def _verified(path: Path, archive: zipfile.ZipFile, contents: Mapping[str, Path], head: str | None) -> Verified:
    manifest = _read_manifest(path, contents)
    problems = list(_chain_problems(manifest, contents, head))
    notes: list[str] = []
    if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
        notes.append(_PACKED_ANEW)
        problems += [_STRAY] if not problems and is_ambiguous(archive) else []
    elif not problems and not is_archive_of(path, contents):
        problems.append(_STRAY)
    if not problems:
        problems += _judged_again(contents, notes)
    return Verified(
        head=manifest["head"],
        run=manifest["run"],
        target=manifest["target"],
        word=_reported_word(contents),
        files=len(manifest["files"]),
        problems=tuple(problems),
        notes=() if problems else tuple(notes),
    )


def _read_manifest(path: Path, contents: Mapping[str, Path]) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = read_json(contents[MANIFEST], _MANIFEST)
        texts = [manifest[name] for name in ("run", "target", "head")]
        texts += [line[name] for line in manifest["files"] for name in ("path", "sha256", "chain")]
        if manifest["format"] != _FORMAT or not all(isinstance(text, str) for text in texts):
            raise no_bundle(path, f"its {MANIFEST} is not of format {_FORMAT}")
    except (InputError, KeyError, TypeError) as error:
        raise no_bundle(path, f"it has no readable {MANIFEST}") from error
    return manifest


def _chain_problems(manifest: Mapping[str, Any], contents: Mapping[str, Path], head: str | None) -> Iterator[str]:
    if _canonical(_rechained(manifest)) != contents[MANIFEST].read_bytes():
        yield f"{MANIFEST}: {CHANGED}, for its chain does not hold"
    if head is not None and head.lower() != manifest["head"]:
        yield f"{MANIFEST}: the head of its chain is {manifest['head']}, not {head}"
    listed = {line["path"]: line["sha256"] for line in manifest["files"]}
    present = contents.keys() - {MANIFEST}
    for name in sorted({RECORD, REPORT, *listed, *present}):
        if name not in present:
            yield f"{name}: is missing"
        elif name not in listed:
            yield f"{name}: was added"
        elif _sha256(contents[name]) != listed[name]:
            yield f"{name}: {CHANGED}"


def _rechained(manifest: Mapping[str, Any]) -> dict[str, Any]:
    about = {name: value for name, value in manifest.items() if name not in ("files", "head")}
    lines = [{name: value for name, value in line.items() if name != "chain"} for line in manifest["files"]]
    return _chained(about, lines)


def _judged_again(contents: Mapping[str, Path], notes: list[str]) -> Iterator[str]:
    """What speaks against the bundle once its files are known to be as they were."""
    record = contents[RECORD]
    header = Record(record).header
    overlay = contents.get(OVERLAY)
    folder = None if header.contract.operation in ("", str(ROOM)) else record.parent / CONTRACT
    hint = f"Verify it with rocketchat-contract {header.suite.version}, suite {header.suite.sha256[:12]}."
    _refuse_other_contract(header, overlay, folder, hint)
    ours = _contract_files(folder)
    for name in sorted(ours):
        if name not in contents or _sha256(contents[name]) != _sha256(ours[name]):
            yield f"{name}: is not the contract's own"
    for name in sorted(contents):
        if name.startswith(CONTRACT) and name not in ours:
            yield f"{name}: is not a file of the contract"
    result = judge_record(record, overlay, folder)
    suite = header.suite
    if suite.sha256 != suite_sha256():
        notes.append(f"Judged again by another suite than the run's own, {suite.version} {suite.sha256[:12]}.")
    try:
        yield from list(_differences(read_content(contents[REPORT])[1], result))
    except InputError:
        yield f"{REPORT}: is no report of a run"


def _differences(reported: Mapping[str, Any], result: RunResult) -> Iterator[str]:
    """Where the report says something else than the record, judged again."""
    judged = json.loads(json.dumps(report_content(result)))
    for name in ("word", "published", "counts", "judged", "obstacles"):
        was, now = reported["verdict"].get(name), judged["verdict"][name]
        if was != now:
            yield f"{REPORT}: its verdict says {name} {was}, but its record, judged again, gives {now}"
    for name in COMPARED:
        if reported.get(name) != judged[name]:
            yield f"{REPORT}: its {name} are not those of its record, judged again"


def _reported_word(contents: Mapping[str, Path]) -> str:
    try:
        return read_report(contents[REPORT]).verdict.word or "unknown"
    except (InputError, KeyError):
        return "unknown"
