#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Adds up what several executables ran of the library's lines.

usage: sum_coverage.py LCOV_FILE MISSED_FILE FOLDER...

Prints the share of lines that ran for each folder; the lines that nothing ran go to MISSED_FILE.
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
    if len(sys.argv) < 4 or "--help" in sys.argv:
        print(__doc__.strip())
        return 0 if "--help" in sys.argv else 2
    counts = counts_by_line(Path(sys.argv[1]))
    missed = []
    for folder in sys.argv[3:]:
        before, lines = len(missed), 0
        for path in sorted(path for path in counts if path.is_relative_to(folder)):
            text = (ROOT / path).read_text(encoding="utf-8").splitlines()
            lines += len(counts[path])
            missed += [f"{path}:{number}: {text[number - 1].strip()}"
                       for number, count in sorted(counts[path].items()) if not count]
        if not lines:
            sys.exit(f"{folder}: no line of it is in {sys.argv[1]}")
        print(f"{folder}: {100 * (1 - (len(missed) - before) / lines):.1f} % of {lines} lines")
    Path(sys.argv[2]).write_text("".join(f"{line}\n" for line in missed), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
