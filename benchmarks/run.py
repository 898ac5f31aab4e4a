"""All benchmarks by one command; the last results and what they mean are in the README beside this.

    python benchmarks/run.py [--only NAME] [--long]

Parts: startup, traffic, server, judge, reports, history, races, kill_curve, fleet. ``--long`` takes the sizes of the
goals (1,000,000 exchanges and calls, every wrong server); it needs about an hour.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import page

FOLDER = Path(__file__).parent
PARTS: dict[str, tuple[list[str], list[str]]] = {
    "startup": ([], []),
    "traffic": ([], []),
    "server": ([], ["--long"]),
    "judge": (["--sizes", "10000", "50000", "100000"], ["--sizes", "10000", "100000", "1000000"]),
    "reports": ([], ["--sizes", "10000", "100000", "1000000"]),
    "history": (["--sizes", "1000"], []),
    "races": (["--runs", "30", "--others", "10"], []),
    "kill_curve": (["--every", "8", "--st"], ["--every", "1"]),
    "fleet": (["--sizes", "50", "--killed", "20"], []),
}
"""Each part's arguments: usual ones, and those for the sizes of the goals."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    failed = []
    for name in [options.only] if options.only else PARTS:
        print(f"\n## {name}\n", flush=True)
        arguments = PARTS[name][options.long]
        done = subprocess.run([sys.executable, str(FOLDER / f"{name}.py"), *arguments], check=False)
        if done.returncode:
            failed.append(name)
    page.write()
    print("\n## All figures\n\n" + "\n".join(page.overview()))
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
