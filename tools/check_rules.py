#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks docs/rules.md, which explains the numbered rules of behaviour, S1 and so on, that comments and tests name.

usage: check_rules.py [ROOT]      check_rules.py --self-test

Every number that a source, a test or a page names must be there, in rising order, and none that nobody names. A row
says the rule in at most twenty words, and has the tests that hold it, which must exist, named as doc_proofs.py says; or
else a reason, "later: ..." or "not in C++: ...".
"""

import re
import sys

import check_rules_cases
import doc_proofs

HEADER = ["rule", "what it says", "tests"]
REASONS = ["later", "not in C++"]
MOST_WORDS = 20
FOLDERS = ("aio", "tests", "bench", "examples", "docs")
SUFFIXES = {".hpp", ".cpp", ".py", ".md"}
# In a comment as S7, in the name of a test as S07_cancel_works.
NAMED = re.compile(r"(?<!\w)S0*([1-9]\d{0,2})(?![A-Za-z0-9])")


def named_numbers(texts):
    """{number: the first place that names it}, of (place, text)."""
    named = {}
    for place, text in texts:
        for number in NAMED.findall(text):
            named.setdefault(int(number), place)
    return named


def check(page, named, tests):
    """The page's problems as lines of text."""
    rows = [row for row in doc_proofs.page_rows(page, HEADER) if row[2]]
    explained, found = doc_proofs.numbers_of(rows, "S")
    for line, _, row in rows:
        wrong = doc_proofs.plain_row_problems(row, tests, REASONS, MOST_WORDS)
        found += [(line, f"{row[0]}: {problem}") for problem in wrong]
    problems = [f"docs/rules.md:{line}: {problem}" for line, problem in sorted(found)]
    missing = sorted(named.keys() - explained.keys())
    problems += [f"{named[number]} names S{number}, which docs/rules.md does not explain" for number in missing]
    unused = sorted(explained.keys() - named.keys())
    problems += [f"docs/rules.md explains S{number}, which nobody names" for number in unused]
    return problems


def texts(root):
    """Everything that may name a rule, besides the page itself."""
    files = [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.suffix in SUFFIXES]
    for path in sorted([*files, *root.glob("*.md")]):
        if path != root / "docs/rules.md":
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def check_root(root):
    page = (root / "docs/rules.md").read_text(encoding="utf-8")
    problems = check(page, named_numbers(texts(root)), doc_proofs.existing_tests(root))
    return problems, doc_proofs.summary(doc_proofs.page_rows(page, HEADER), REASONS, problems)


def self_test():
    return check_rules_cases.run(check, named_numbers)


if __name__ == "__main__":
    sys.exit(doc_proofs.main(__doc__, self_test, check_root))
