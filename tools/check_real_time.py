#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that the tests which wait for real are those of tests/real_time.txt.

usage: check_real_time.py [ROOT]      check_real_time.py --self-test

Tests run in virtual time. One that sleeps, or that runs a loop on the system's clock for its own sake, is named there
with the reason and with why a slow machine cannot make it fail:

    tests/loop/signals_test.cpp: the second SIGINT must come later than ...; a slow machine makes it later still

What only waits until something has happened is not meant: that has no time of its own.
"""

import re
import sys
from pathlib import Path

WAITS = re.compile(r"sleep_for\(|sleep_until\(|\busleep\(|\bnanosleep\(|LoopTest\(true\)|\bTEST\w*\(\w*RealTime|settle_for_real\(")
LIST = "tests/real_time.txt"


def problems_of(texts, listed):
    """`texts`: {path: text} of the tests; `listed`: the list's lines."""
    problems, reasons = [], {}
    for number, line in enumerate(listed, 1):
        if not line.strip() or line.startswith("#"):
            continue
        path, _, reason = line.partition(": ")
        if not reason.strip():
            problems.append(f"{LIST}:{number}: no reason")
        if path in reasons:
            problems.append(f"{LIST}:{number}: {path} twice")
        reasons[path] = reason
    waiting = {path: match for path, text in texts.items() if (match := WAITS.search(text))}
    for path, match in sorted(waiting.items()):
        if path not in reasons:
            line = texts[path].count("\n", 0, match.start()) + 1
            problems.append(f"{path}:{line}: waits for real; use the virtual clock, or give the reason in {LIST}")
    problems += [f"{LIST}: {path} does not wait for real" for path in reasons if path not in waiting]
    return problems, len(waiting)


def self_test():
    cases = (
        ({"a": "sleep_for(1s);"}, [], 1),
        ({"a": "sleep_for(1s);"}, ["a: why"], 0),
        ({"a": "sleep_for(1s);"}, ["# a list", "", "a: "], 1),
        ({"a": "sleep_for(1s);"}, ["a: why", "a: again"], 1),
        ({"a": "co_await sleep(1s);"}, ["a: why"], 1),
        ({"a": "TEST(RealTimers, X)"}, [], 1),
        ({"a": "Reuse() : LoopTest(true) {}"}, [], 1),
    )
    failures = sum(len(problems_of(texts, listed)[0]) != wanted for texts, listed, wanted in cases)
    print(f"self-test: {len(cases)} cases, {failures} failures")
    return failures


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    root = Path(sys.argv[1] if sys.argv[1:] else Path(__file__).parent.parent)
    files = [path for path in (root / "tests").rglob("*.?pp") if path.suffix in (".cpp", ".hpp")]
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}
    problems, count = problems_of(texts, (root / LIST).read_text(encoding="utf-8").splitlines())
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"{count} files wait for real, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
