"""All benchmarks by one command; the last results and what they mean are in the README beside this.

    python benchmarks/run.py [--only NAME] [--long]

Parts: startup, traffic, server, judge, reports, history, races, kill_curve, order_search, cross_validation, fleet.
``--long`` takes the sizes of the goals (1,000,000 exchanges and calls, 200 deployments, every wrong server) for the
parts that grow; it needs about half an hour. ``kill_score.py`` and ``mutation.py`` are commands of their own, for
they need a proof and half an hour.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import page
from figures import LONG

FOLDER = Path(__file__).parent
PARTS: dict[str, tuple[list[str], list[str] | None]] = {
    "startup": ([], None),
    "traffic": ([], None),
    "server": ([], ["--long"]),
    "judge": (["--sizes", "10000", "50000", "100000"], ["--sizes", "10000", "100000", "1000000"]),
    "reports": (["--sizes", "10000", "100000"], ["--sizes", "10000", "100000", "1000000"]),
    "history": (["--sizes", "1000"], ["--sizes", "1000", "10000"]),
    "races": (["--runs", "30", "--others", "10"], ["--runs", "100", "--others", "30"]),
    "kill_curve": (["--every", "8", "--st"], ["--every", "1"]),
    "order_search": ([], None),
    "cross_validation": ([], None),
    "fleet": (["--sizes", "50", "--killed", "20"], ["--sizes", "50", "100", "200", "--killed", "200"]),
}
"""Each part's arguments: usual ones, and those for the sizes of the goals where these differ."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    failed = []
    environment = {**os.environ, **({LONG: "1"} if options.long else {})}
    for name in [options.only] if options.only else PARTS:
        arguments = PARTS[name][options.long]
        if arguments is None:
            continue
        print(f"\n## {name}\n", flush=True)
        command = [sys.executable, str(FOLDER / f"{name}.py"), *arguments]
        done = subprocess.run(command, check=False, env=environment)
        if done.returncode:
            failed.append(name)
    page.write()
    print("\n## All figures\n\n" + "\n".join(page.overview()))
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
