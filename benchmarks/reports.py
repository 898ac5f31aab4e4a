"""HTML and JUnit of a long run, beyond judging it: seconds, megabytes, how they grow.

    python benchmarks/reports.py [--sizes 10000 100000 1000000]

The record is made up (``judge.py``) and judged first; then its evidence is looked up in the file and the reports are
written. One exchange in a thousand breaks something, or the reports would have nothing to show.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from figures import Figure, Row, store
from judge import exchanges

from rocketchat_contract.record.exchange import Exchange
from rocketchat_contract.record.footer import RecordFooter
from rocketchat_contract.record.header import ContractMark, RecordHeader, SuiteMark
from rocketchat_contract.record.journal import Journal, Record
from rocketchat_contract.record.ledger import Fact
from rocketchat_contract.report.html import html
from rocketchat_contract.report.junit import junit
from rocketchat_contract.report.run_result import RunResult
from rocketchat_contract.results.judged_by import load_judged_by
from rocketchat_contract.results.result import run_result_of, with_evidence


def broken_here_and_there(count: int) -> Iterator[Exchange]:
    """Every thousandth answer says that it is text."""
    for exchange in exchanges(count):
        if exchange.number % 1000 or exchange.response is None:
            yield exchange
        else:
            headers = (("content-type", "text/plain"), *exchange.response.headers[1:])
            yield replace(exchange, response=replace(exchange.response, headers=headers))


def judged(path: Path, count: int) -> RunResult:
    promises = load_judged_by()
    suite, contract = SuiteMark("0", ""), ContractMark(str(promises.contract.operation), "", None, "")
    header = RecordHeader("made up", "nowhere", ("life",), suite, contract, started="2026-11-22T00:00:00.000Z")
    footer = RecordFooter(seconds=1.5, facts=(Fact("version", "7.10.0", count),))
    journal = Journal(path, header)
    for exchange in broken_here_and_there(count):
        journal.write(exchange)
    journal.close(footer)
    judge = promises.judge()
    for exchange in Record(path).exchanges():
        judge.feed(judge.read(exchange))
    return run_result_of(header, footer, judge, promises)


def measure(count: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.jsonl"
        result = judged(path, count)
        begin = time.perf_counter()
        whole = with_evidence(result, path)
        looked_up = time.perf_counter()
        page = html(whole)
        table = junit(whole)
        end = time.perf_counter()
    row = {"exchanges": count, "evidence s": looked_up - begin, "reports s": end - looked_up, "seconds": end - begin}
    return {**row, "HTML MB": len(page.encode()) / 1e6, "JUnit MB": len(table.encode()) / 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    rows: list[Row] = []
    for size in parser.parse_args().sizes:
        row = measure(size)
        if rows:
            row["exponent"] = math.log(row["seconds"] / rows[-1]["seconds"]) / math.log(size / rows[-1]["exchanges"])
        rows.append(row)
    last = rows[-1]
    size = f"{last['exchanges']:,} exchanges"
    figures = [
        Figure(f"HTML and JUnit of {size}, beyond judging", last["seconds"], 10, "s", at_most=True),
        Figure(f"the larger file of {size}", max(last["HTML MB"], last["JUnit MB"]), 2, "MB", at_most=True),
    ]
    store("reports", rows, figures)


if __name__ == "__main__":
    main()
