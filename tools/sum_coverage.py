#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds up what several executables ran of the library's lines.

usage: sum_coverage.py LCOV_FILE FOLDER...

Prints the lines that nothing ran, then the share of lines that ran for each folder.
"""

import collections
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def counts_by_line(lcov):
    """How often each line ran: {path: {line number: count}}."""
    counts = collections.defaultdict(collections.Counter)
    path = None
    for line in lcov.read_text(encoding="utf-8").splitlines():
        kind, _, value = line.partition(":")
        if kind == "SF":
            path = Path(value).resolve().relative_to(ROOT)
        elif kind == "DA":
            number, count = value.split(",")[:2]
            counts[path][int(number)] += int(count)
    return counts


def main():
    if len(sys.argv) < 3 or "--help" in sys.argv:
        print(__doc__.strip())
        return 0 if "--help" in sys.argv else 2
    counts = counts_by_line(Path(sys.argv[1]))
    totals = []
    for folder in sys.argv[2:]:
        lines = ran = 0
        for path in sorted(path for path in counts if path.is_relative_to(folder)):
            text = (ROOT / path).read_text(encoding="utf-8").splitlines()
            for number, count in sorted(counts[path].items()):
                lines += 1
                ran += count > 0
                if not count:
                    print(f"{path}:{number}: {text[number - 1].strip()}")
        if not lines:
            sys.exit(f"{folder}: no line of it is in {sys.argv[1]}")
        totals.append(f"{folder}: {100 * ran / lines:.1f} % of {lines} lines")
    print("\n".join(totals))
    return 0


if __name__ == "__main__":
    sys.exit(main())
