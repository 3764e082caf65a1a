#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks docs/parity.md, which says where each thing of asyncio is in aio and which tests prove it.

usage: check_parity.py [ROOT]      check_parity.py --self-test

Every area and row of tools/parity_rows.txt must be there, in that order, and nothing else. A row names
- the thing in C++: each identifier that its code spans spell, outside parentheses, must occur in a public header;
- what proves it: tests as `tests/task/sleep_test.cpp: SleepTest.WaitsForItsTime`, which must exist; or else a reason,
  "not in C++: ..." or "later: ...".
"""

import re
import sys
from pathlib import Path

import check_parity_cases

HEADER = ["Python", "C++", "Proof"]
TEST = re.compile(r"`(tests/[\w/]+\.cpp): (\w+\.\w+)`")
DEFINITION = re.compile(r"^\s*(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)
REASON = re.compile(r"(?:not in C\+\+|later): \S")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
WORDS_OF_THE_LANGUAGE = {"co_await", "co_yield", "auto", "while", "for", "true", "false", "std", "const", "T"}
# Objects that the spellings call methods of.
VARIABLES = {"loop", "future", "aio"}


def plain(text):
    """A cell or a listed name, without Markdown's marks."""
    return text.replace("`", "").replace("\\", "").strip()


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def page_rows(text):
    """(line number, area, cells) of every row of the page's tables; an area's title has no cells."""
    area = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            area = line[3:].strip()
            yield number, area, None
        elif line.startswith("|") and area:
            row = cells(line)
            if row != HEADER and not set(line) <= set("|-: "):
                yield number, area, row


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
    named = TEST.findall(proof)
    problems += [f"there is no test {name} in {path}" for path, name in named if (path, name) not in tests]
    rest = TEST.sub("", proof).replace("<br>", "").strip()
    if named and rest:
        problems.append(f"neither a test nor a reason: {rest}")
    if not named and not REASON.match(proof):
        problems.append("neither a test nor a reason")
    if named and not identifiers(spelling) and "co_await" not in spelling:
        problems.append("a test, but no C++ spelling")
    return problems


def check(page, listed, declared, tests):
    """The page's problems as lines of text."""
    problems, seen = [], {}
    wanted = wanted_rows(listed)
    for number, area, row in page_rows(page):
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
    return problems


def public_words(root):
    headers = (path for path in (root / "aio").rglob("*.hpp") if not path.name.endswith("_impl.hpp"))
    text = "\n".join(COMMENT.sub("", path.read_text(encoding="utf-8")) for path in headers)
    return set(re.findall(r"[A-Za-z_]\w*", text))


def existing_tests(root):
    return {
        (path.relative_to(root).as_posix(), ".".join(match))
        for path in (root / "tests").rglob("*_test.cpp")
        for match in DEFINITION.findall(path.read_text(encoding="utf-8"))
    }


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    if "--self-test" in sys.argv:
        return check_parity_cases.run(check)
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    page = (root / "docs/parity.md").read_text(encoding="utf-8")
    listed = (root / "tools/parity_rows.txt").read_text(encoding="utf-8")
    problems = check(page, listed, public_words(root), existing_tests(root))
    for problem in problems:
        print(problem)
    rows = [row for _, _, row in page_rows(page) if row]
    proved = sum(1 for row in rows if TEST.search(row[-1]))
    later = sum(1 for row in rows if row[-1].startswith("later:"))
    print(f"{len(rows)} rows: {proved} proved by tests, {later} to come; {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
