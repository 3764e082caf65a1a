#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks docs/faults.md, which says of each fault that people met in comparable libraries how aio is kept from it.

usage: check_faults.py [ROOT]      check_faults.py --self-test

F1 to F120 must be there in this order, each in its section, and nothing else. A row has the kind of fault in at most
twelve words, and what shows that aio has not got it: tests that exist, named as doc_proofs.py says; or else a reason,
"cannot happen: ...", "not in C++: ..." or "later: ..." with the part of aio that it waits for. The section about attacks
has rows without a number.
"""

import sys

import check_faults_cases
import doc_proofs

HEADER = ["id", "fault", "proof"]
REASONS = ["later", "cannot happen", "not in C++"]
MOST_WORDS = 12
ATTACKS = "Attacks on HTTP"
ATTACKS_HEADER = ["attack", "proof"]
# (section, its last number)
SECTIONS = (
    ("Loop, tasks, synchronisation, TCP streams", 27),
    ("Name resolution and connecting", 33),
    ("UDP", 37),
    ("Unix sockets and pipes", 43),
    ("TLS", 52),
    ("Subprocesses", 59),
    ("Signals", 62),
    ("HTTP/1 parsing", 70),
    ("HTTP server", 80),
    ("HTTP client", 93),
    ("WebSocket", 99),
    ("MySQL", 106),
    ("Process pools", 111),
    ("Greenlets", 116),
    ("Embedding in Python", 120),
)


def section_of(number, sections):
    return next((title for title, last in sections if number <= last), None)


def check(page, tests, sections=SECTIONS):
    """The page's problems as lines of text."""
    all_rows = [row for row in doc_proofs.page_rows(page, HEADER) if row[2]]
    rows = [row for row in all_rows if row[1] != ATTACKS]
    areas, found = doc_proofs.numbers_of(rows, "F")
    attacks = [row for row in all_rows if row[1] == ATTACKS and row[2] != ATTACKS_HEADER]
    for line, _, row in rows + [(line, area, ["attack", *row]) for line, area, row in attacks]:
        wrong = doc_proofs.plain_row_problems(row, tests, REASONS, MOST_WORDS)
        found += [(line, f"{row[0]}: {problem}") for problem in wrong]
    problems = [f"docs/faults.md:{line}: {problem}" for line, problem in sorted(found)]
    for number in range(1, sections[-1][1] + 1):
        wanted = section_of(number, sections)
        if areas.get(number) != wanted:
            problems.append(f"missing under '{wanted}': F{number}")
    problems += [f"F{number} is not known" for number in areas if section_of(number, sections) is None]
    return problems


def check_root(root):
    page = (root / "docs/faults.md").read_text(encoding="utf-8")
    problems = check(page, doc_proofs.existing_tests(root))
    return problems, doc_proofs.summary(doc_proofs.page_rows(page, HEADER), REASONS, problems)


if __name__ == "__main__":
    sys.exit(doc_proofs.main(__doc__, lambda: check_faults_cases.run(check), check_root))
