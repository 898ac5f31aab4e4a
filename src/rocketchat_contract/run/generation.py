"""Queries that schemathesis generates, ahead of the driver that sends them, in a process of their own.

    python -m rocketchat_contract.run.generation SEED POSITIVE NEGATIVE

Generating a query costs several times what sending it does, and needs nothing of what the target answers. The process
writes each as a line of JSON: the query, and a number; a line of ``null`` ends those of a mode.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from rocketchat_contract.config import Profile
from rocketchat_contract.contract.vendored import Contract, load_contract
from rocketchat_contract.run.exploration import CutShortError
from rocketchat_contract.run.hypothesis_settings import Memory

CHOICES = 4
"""With each query comes a number below this one."""

MODES = ("positive", "negative")

_SILENCE, _TICK = 30.0, 0.1
"""Seconds without a line after which the process is given up, and between looks whether the run is to end."""

_COLLECT_AFTER = 20_000
"""Objects after which the collector looks: drawing a query makes thousands that go by themselves."""

Example = tuple[dict[str, Any], int]
Play = Callable[[dict[str, Any], int], None]


def planned_queries(profile: Profile, mode: str) -> int:
    """How many queries of a mode a profile wants: a negative one costs more."""
    return profile.queries // (1 if mode == "positive" else 2)


def schemathesis_operation(contract: Contract) -> Any:
    """schemathesis' view of the operation, from the repaired document."""
    import schemathesis  # noqa: PLC0415 - only who generates pays for it

    config = schemathesis.Config.from_dict({"generation": {"codec": "ascii"}})
    schema = schemathesis.openapi.from_dict(contract.published, config=config)
    return schema[contract.operation.path][contract.operation.method.upper()]


def query_test(operation: Any, mode: str, play: Play) -> Any:
    """A test of Hypothesis that hands on each query that is generated, with its number."""
    from hypothesis import given  # noqa: PLC0415
    from hypothesis import strategies as st  # noqa: PLC0415
    from schemathesis import GenerationMode  # noqa: PLC0415

    def plays(case: Any, number: int) -> None:
        play(dict(case.query or {}), number)

    return given(operation.as_strategy(generation_mode=GenerationMode(mode)), st.integers(0, CHOICES - 1))(plays)


def query_name(mode: str) -> str:
    """The name under which Hypothesis keeps failing queries of a mode."""
    return f"livechat/room {mode}"


@dataclass
class QueriesAhead:
    """The process that generates queries for a run, and how many of each mode that is still to come.

    A thread reads its lines, so that who waits for one can be interrupted.
    """

    process: subprocess.Popen[bytes]
    planned: dict[str, int]
    _lines: SimpleQueue[bytes] = field(default_factory=SimpleQueue)
    _reader: Thread = field(init=False)

    def __post_init__(self) -> None:
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def of(self, mode: str, planned: int, check: Callable[[], None]) -> Iterator[Example]:
        """The queries of the next mode as they come; raises ``CutShortError`` where they are not all those planned.

        ``check`` raises when the run is to end. Who takes not all of a mode gets none of the next one.
        """
        if next(iter(self.planned.items()), None) != (mode, planned):
            raise CutShortError
        later = {name: number for name, number in self.planned.items() if name != mode}
        self.planned = {}
        while (example := json.loads(self._line(check))) is not None:
            yield tuple(example)
        self.planned = later

    def stop(self) -> None:
        """End the process and wait for its end."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._lines.put(line)
        self._lines.put(b"")

    def _line(self, check: Callable[[], None]) -> bytes:
        ends = time.monotonic() + _SILENCE
        while time.monotonic() < ends:
            check()
            with suppress(Empty):
                line = self._lines.get(timeout=_TICK)
                if line.endswith(b"\n"):
                    return line
                break  # the process ended, perhaps in the middle of a line
        raise CutShortError


@dataclass(frozen=True)
class Queries:
    """The generated queries of a run; ``check`` raises when it is to end."""

    contract: Contract
    generator: QueriesAhead | None
    check: Callable[[], None]

    def test(self, mode: str, play: Play) -> Any:
        """A test of Hypothesis that generates queries here and hands them on."""
        return query_test(schemathesis_operation(self.contract), mode, play)

    def ahead(self, mode: str, planned: int, play: Play) -> Iterator[Callable[[], None]] | None:
        """What hands on each query that is generated elsewhere; None when none are."""
        if self.generator is None:
            return None
        return (partial(play, *example) for example in self.generator.of(mode, planned, self.check))


def generate_ahead(seed: int, profile: Profile) -> QueriesAhead:
    """Begin to generate the queries of a run."""
    planned = {mode: planned_queries(profile, mode) for mode in MODES}
    command = [sys.executable, "-P", "-m", __spec__.name, str(seed), *map(str, planned.values())]
    process = subprocess.Popen(  # noqa: S603 - our own module
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what goes wrong there goes wrong again where the run generates for itself
        start_new_session=os.name == "posix",  # else Ctrl-C would reach it
    )
    return QueriesAhead(process, planned)


def main(seed: str, *planned: str) -> None:
    """Generate queries and write them."""
    operation, memory = schemathesis_operation(load_contract()), Memory(int(seed))
    gc.freeze()  # what is imported stays
    gc.set_threshold(_COLLECT_AFTER)
    for mode, number in zip(MODES, map(int, planned), strict=True):
        test = query_test(operation, mode, lambda *example: print(json.dumps(example), flush=True))
        memory.prepared(memory.settings(max_examples=number)(test), query_name(mode))()
        print("null", flush=True)


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main(*sys.argv[1:])
