"""Somebody else's traffic, judged: a HAR file becomes a record, and the record is judged as any other.

The record says that it is a capture, so that ``judge`` of it gives the same verdict again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rocketchat_contract.errors import UsageError
from rocketchat_contract.judge.operation import Operation, read
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.har import Capture, read_har
from rocketchat_contract.record.header import CaptureMark, RecordHeader
from rocketchat_contract.record.journal import RECORD, Journal, Record
from rocketchat_contract.record.ledger import Fact
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.judged_by import JudgedBy, load_judged_by, provenance
from rocketchat_contract.results.result import judge_record
from rocketchat_contract.rocketchat.paths import ROOM_PATH

WITH_BODIES = (
    'Capture again with bodies: in a browser save all as HAR with content, in Playwright record with content "embed", '
    "or judge the .har.zip that it writes."
)
NO_CALL = f"The capture holds no call of GET {ROOM_PATH}"


def judge_har(  # noqa: PLR0913 - one parameter per option
    har: Path,
    folder: Path | None = None,
    *,
    target: str | None = None,
    alone: bool = False,
    overlay: Path | None = None,
    keep_personal: bool = False,
    seen: Callable[[Operation], None] = lambda _: None,
) -> RunResult:
    """The result of a HAR file; sends nothing.

    ``folder`` keeps the record that is made of it. ``target`` chooses a server where several were captured;
    ``alone`` says that nobody acted on the visitors but who is seen; ``keep_personal`` leaves personal data as it is.
    Raises UsageError when it is no such file.
    """
    capture = read_har(har, target, keep_personal=keep_personal)
    header = _header(capture, load_judged_by(overlay), alone=alone)
    if folder is not None:
        return judge_record(_write(capture, header, folder), overlay, seen=seen)
    with TemporaryDirectory() as aside:
        return judge_record(_write(capture, header, Path(aside)), overlay, seen=seen)


def _write(capture: Capture, header: RecordHeader, folder: Path) -> Path:
    path = folder / RECORD
    _refuse_other_records(path)
    try:
        journal = Journal(path, header)
        for exchange in capture.exchanges:
            journal.write(exchange)
        journal.close(_footer(capture))
    except OSError as error:
        raise UsageError(f"The record {path} cannot be written: {error.strerror}.", "Name another folder.") from error
    return path


def _refuse_other_records(path: Path) -> None:
    if path.exists() and Record(path).header.capture is None:
        raise UsageError(f"{path} is the record of a run.", "Name another folder with --report-dir.")


def _header(capture: Capture, promises: JudgedBy, *, alone: bool) -> RecordHeader:
    return RecordHeader(
        run=f"capture-{capture.sha256[:12]}",
        target=capture.base or "the capture",
        profile="capture",
        drivers=("capture",),
        started=capture.started,
        capture=CaptureMark(
            file=capture.name,
            sha256=capture.sha256,
            made_by=capture.creator,
            entries=capture.entries,
            ignored=dict(capture.ignored),
            redacted=capture.redacted,
            bodiless=capture.bodiless,
            masked=dict(capture.masked),
            alone=alone,
        ),
        **provenance(promises),
    )


def _footer(capture: Capture) -> RecordFooter:
    last = max((exchange.ended for exchange in capture.exchanges), default=0)
    operations = [read(exchange) for exchange in capture.exchanges]
    calls = sum(operation.is_room_call for operation in operations)
    return RecordFooter(
        seconds=round(last / 1e9, 3),
        obstacles=tuple(_obstacles(capture, calls)),
        facts=tuple(_facts(operations)),
    )


def _obstacles(capture: Capture, calls: int) -> Iterator[str]:
    if not calls:
        yield f"{NO_CALL} among its {capture.entries} entries."
    elif capture.bodiless == calls:
        yield f"The capture holds {calls} room {'call' if calls == 1 else 'calls'}, and the body of none. {WITH_BODIES}"


def _facts(operations: list[Operation]) -> Iterator[Fact]:
    """What the captured answers tell about the target: each fact with its first exchange."""
    stated: dict[str, Fact] = {}
    for operation in operations:
        if operation.status != 200:
            continue
        config, version = operation.body.get("config"), operation.body.get("version")
        if isinstance(version, str):
            stated.setdefault("version", Fact("version", version, operation.number))
        if isinstance(config, dict):
            for name, member in (("livechat enabled", "enabled"), ("agent online", "online")):
                if member in config:
                    stated.setdefault(name, Fact(name, "yes" if config[member] else "no", operation.number))
    yield from stated.values()
