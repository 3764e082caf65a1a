#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks docs/parity.md, which says where each thing of asyncio is in aio and which tests prove it.

usage: check_parity.py [ROOT]      check_parity.py --self-test

Every area and row of tools/parity_rows.txt must be there, in that order, and nothing else. A row names
- the thing in C++: each identifier that its code spans spell, outside parentheses, must occur in a public header;
- what proves it: tests that exist, named as doc_proofs.py says; or else a reason, "not in C++: ..." or "later: ...".
One test proves at most five rows: what is cited everywhere shows nothing in particular.
"""

import re
import sys

import check_parity_cases
import doc_proofs

HEADER = ["Python", "C++", "Proof"]
REASONS = ["later", "not in C++"]
MOST_ROWS_OF_A_TEST = 5
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
WORDS_OF_THE_LANGUAGE = {"co_await", "co_yield", "auto", "while", "for", "true", "false", "std", "const", "T"}
# Objects that the spellings call methods of.
VARIABLES = {"loop", "future", "aio"}


def plain(text):
    """A cell or a listed name, without Markdown's marks."""
    return text.replace("`", "").replace("\\", "").strip()


def wanted_rows(text):
    """{area: [name, ...]} of the list."""
    areas, area = {}, None
    for line in text.splitlines():
        if line.startswith("# "):
            area = areas.setdefault(line[2:].strip(), [])
        elif line.strip():
            area.append(plain(line))
    return areas


def identifiers(spelling):
    """What must be declared for the code spans of a cell."""
    found = set()
    for span in re.findall(r"`([^`]*)`", spelling):
        while (shorter := re.sub(r"\([^()]*\)|<[^<>]*>|\"[^\"]*\"", "", span)) != span:
            span = shorter
        found |= set(re.findall(r"[A-Za-z_]\w*", span))
    return found - WORDS_OF_THE_LANGUAGE - VARIABLES


def row_problems(row, declared, tests):
    """What is wrong with one row, besides its name."""
    if len(row) != 3:
        return [f"has {len(row)} cells, not 3"]
    _, spelling, proof = row
    problems = [f"no public header has '{name}'" for name in sorted(identifiers(spelling) - declared)]
    problems += doc_proofs.proof_problems(proof, tests, REASONS)
    if doc_proofs.CITATION.search(proof) and not identifiers(spelling) and "co_await" not in spelling:
        problems.append("a test, but no C++ spelling")
    return problems


def overused_tests(rows):
    """A line for each test that is to prove too many rows."""
    proves = {}
    for _, _, row in rows:
        for citation in dict.fromkeys(doc_proofs.CITATION.findall(row[-1]) if row else []):
            proves.setdefault(citation, []).append(plain(row[0]))
    for citation, names in proves.items():
        if len(names) > MOST_ROWS_OF_A_TEST:
            test = ": ".join(filter(None, citation))
            yield f"{test} is to prove {len(names)} rows, at most {MOST_ROWS_OF_A_TEST}: {'; '.join(names)}"


def check(page, listed, declared, tests):
    """The page's problems as lines of text."""
    problems, seen = [], {}
    wanted = wanted_rows(listed)
    rows = list(doc_proofs.page_rows(page, HEADER))
    for number, area, row in rows:
        where = f"docs/parity.md:{number}: "
        if row is None:
            seen.setdefault(area, [])
            continue
        name = plain(row[0])
        if name not in wanted.get(area, []):
            problems.append(f"{where}'{name}' is not in the list for '{area}'")
        elif name in seen[area]:
            problems.append(f"{where}'{name}' is there twice")
        seen[area].append(name)
        problems += [f"{where}{name}: {problem}" for problem in row_problems(row, declared, tests)]
    for area, names in wanted.items():
        problems += [f"missing under '{area}': {name}" for name in names if name not in seen.get(area, [])]
    return problems + list(overused_tests(rows))


def public_words(root):
    headers = (path for path in (root / "aio").rglob("*.hpp") if not path.name.endswith("_impl.hpp"))
    text = "\n".join(COMMENT.sub("", path.read_text(encoding="utf-8")) for path in headers)
    return set(re.findall(r"[A-Za-z_]\w*", text))


def check_root(root):
    page = (root / "docs/parity.md").read_text(encoding="utf-8")
    listed = (root / "tools/parity_rows.txt").read_text(encoding="utf-8")
    problems = check(page, listed, public_words(root), doc_proofs.existing_tests(root))
    return problems, doc_proofs.summary(doc_proofs.page_rows(page, HEADER), REASONS, problems)


if __name__ == "__main__":
    sys.exit(doc_proofs.main(__doc__, lambda: check_parity_cases.run(check), check_root))
