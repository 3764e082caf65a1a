# SPDX-License-Identifier: MIT
"""What the checks of docs/parity.md, docs/faults.md and docs/rules.md share: tables, the tests that their cells name,
self-tests, the command line.

A test is named as `tests/task/sleep_test.cpp: SleepTest.WaitsForItsTime`. Of those that Python runs the function may be
left out: `tests/integration/wget_test.py`, `tests/integration/wget_test.py: test_ctrl_c_ends_it_while_it_waits`.
"""

import re
import sys
from pathlib import Path

CITATION = re.compile(r"`(tests/[\w/]+\.(?:cpp|py))(?:: ([\w.]+))?`")
CPP_TEST = re.compile(r"^\s*(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)
PYTHON_FUNCTION = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.M)
CMAKE_COMMENT = re.compile(r"#[^\n]*")
CMAKE_LOOP = re.compile(r"foreach\(\s*(\w+)\s+(?:IN ITEMS\s+)?([^)]*)\)(.*?)endforeach\(", re.S)
CMAKE_TEST = re.compile(r"add_test\(([^)]*)\)")
SCRIPT_HERE = re.compile(r"\$\{CMAKE_CURRENT_SOURCE_DIR\}/(\w+_test\.py)")


def registered_scripts(cmake):
    """The Python tests that the text of a CMakeLists.txt tells CTest of."""

    def unrolled(loop):
        return "".join(loop[3].replace(f"${{{loop[1]}}}", item) for item in loop[2].split())

    text = CMAKE_LOOP.sub(unrolled, CMAKE_COMMENT.sub("", cmake))
    return {name for arguments in CMAKE_TEST.findall(text) for name in SCRIPT_HERE.findall(arguments)}


def existing_tests(root):
    """{path: names of its tests or functions}; None instead of the names of a script that nothing runs."""
    tests = {}
    for path in (root / "tests").glob("*/*_test.cpp"):
        found = CPP_TEST.findall(path.read_text(encoding="utf-8"))
        tests[path.relative_to(root).as_posix()] = {".".join(names) for names in found}
    for path in (root / "tests").rglob("*_test.py"):
        lists = path.with_name("CMakeLists.txt")
        runs = lists.exists() and path.name in registered_scripts(lists.read_text(encoding="utf-8"))
        functions = set(PYTHON_FUNCTION.findall(path.read_text(encoding="utf-8")))
        tests[path.relative_to(root).as_posix()] = functions if runs else None
    return tests


def citation_problem(path, name, tests):
    if path not in tests:
        return f"there is no {path}"
    if tests[path] is None:
        return f"the CMakeLists.txt beside {path} does not run it"
    if name and name not in tests[path]:
        return f"there is no test {name} in {path}"
    if not name and path.endswith(".cpp"):
        return f"names no test of {path}"
    return None


def proof_problems(cell, tests, reasons):
    """What is wrong with a cell that must name tests, or else begin with one of the reasons, a colon, and more."""
    cited = CITATION.findall(cell)
    if not cited:
        given = re.match(rf"(?:{'|'.join(map(re.escape, reasons))}): \S", cell)
        return [] if given else ["neither a test nor a reason"]
    found = [citation_problem(path, name, tests) for path, name in cited]
    rest = CITATION.sub("", cell).replace("<br>", "").strip()
    return [problem for problem in found if problem] + ([f"neither a test nor a reason: {rest}"] if rest else [])


def plain_row_problems(row, tests, reasons, most_words):
    """Of a row `| number | text | proof |`, besides its number."""
    if len(row) != 3:
        return [f"has {len(row)} cells, not 3"]
    words = len(row[1].split())
    problems = [] if 0 < words <= most_words else [f"{words} words; say it in 1 to {most_words}"]
    return problems + proof_problems(row[2], tests, reasons)


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def page_rows(text, header):
    """(line number, area, cells) of every row of the page's tables; an area's title has no cells."""
    area = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            area = line[3:].strip()
            yield number, area, None
        elif line.startswith("|") and area:
            row = cells(line)
            if row != header and not set(line) <= set("|-: "):
                yield number, area, row


def numbers_of(rows, letter):
    """({number: its area}, [(line, problem)]) of rows that begin with S1, S2 and so on, which have to rise."""
    areas, problems, last = {}, [], 0
    for line, area, row in rows:
        match = re.fullmatch(letter + r"([1-9]\d*)", row[0])
        if not match:
            problems.append((line, f"'{row[0]}' is no number such as {letter}1"))
            continue
        number = int(match[1])
        if number in areas:
            problems.append((line, f"{row[0]} is there twice"))
        elif number < last:
            problems.append((line, f"{row[0]} comes after {letter}{last}"))
        areas.setdefault(number, area)
        last = max(last, number)
    return areas, problems


def summary(rows, reasons, problems):
    """One line: how many rows are proved, and how many are not for which reason."""
    proofs = [row[-1] for _, _, row in rows if row]
    counts = [f"{sum(1 for proof in proofs if CITATION.search(proof))} proved by tests"]
    counts += [f"{sum(1 for proof in proofs if proof.startswith(reason + ':'))} {reason}" for reason in reasons]
    return f"{len(proofs)} rows: {', '.join(counts)}; {len(problems)} problems"


def run_cases(problems_of, good, bad):
    """Self-test: the rows of `good` must pass. Each of `bad` is (which of them is replaced, by what, a part of the
    message). Prints what goes against the cases; exit status 1 if anything does."""
    failures = 0
    found = problems_of(good)
    if found:
        failures += 1
        print(f"must pass, found {found}")
    for index, row, message in bad:
        found = problems_of([row if place == index else kept for place, kept in enumerate(good)])
        if not any(message in problem for problem in found):
            failures += 1
            print(f"must fail with '{message}', found {found or 'nothing'}: {row}")
    print(f"self-test: {len(bad) + 1} cases, {failures} failures")
    return 1 if failures else 0


def main(documentation, self_test, check_root):
    """The command line of a check. check_root(root) gives the problems and a line that sums up; exit status."""
    if "--help" in sys.argv:
        print(documentation.strip())
        return 0
    if "--self-test" in sys.argv:
        return self_test()
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    problems, line = check_root(root)
    for problem in problems:
        print(problem)
    print(line)
    return 1 if problems else 0
