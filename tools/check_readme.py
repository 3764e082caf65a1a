#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles the programs in README.md and docs/: every ```cpp block with an `int main`, with each compiler, against the
public headers alone; checks that their links lead to files and headings, that README.md names every example, and that
neither the documents nor the examples do what docs/footguns.md advises against and check_gcc12.py does not look for.

usage: check_readme.py [FILE...]           (compilers: AIO_COMPILERS, else clang++-19 and g++)
"""

import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import check_gcc12
import compilers

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(?:cpp|c\+\+)[^\n]*\n(.*?)^```", re.M | re.S)
PROGRAM = re.compile(r"\bint main\b")


def documents(arguments):
    """The files that were named, or README.md and all of docs/."""
    return [Path(argument) for argument in arguments] or [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def with_line(path, text, block):
    """(line of the document, source) of a block; #line makes errors point into the document."""
    line = text.count("\n", 0, block.start(1)) + 1
    return line, f'#line {line} "{path.name}"\n{block[1]}'


def programs(path):
    """with_line() of each program."""
    text = path.read_text(encoding="utf-8")
    return [with_line(path, text, block) for block in BLOCK.finditer(text) if PROGRAM.search(block[1])]


LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"^```.*?^```", re.M | re.S)


def anchors(path):
    """What a link into a document may name: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.*)$", CODE.sub("", path.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path):
    """A line for each link to a file or a heading that is not there."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for target, anchor in LINK.findall(line):
            file = path.parent / target if target else path
            if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
                yield f"{path}:{number}: there is no {target}{'#' + anchor if anchor else ''}"


def unnamed_examples(readme):
    """A line for each example that the README has no link to."""
    linked = {target for target, _ in LINK.findall(readme.read_text(encoding="utf-8"))}
    for example in sorted((readme.parent / "examples").rglob("*.cpp")):
        name = example.relative_to(readme.parent).as_posix()
        if name not in linked:
            yield f"{readme}: no link to {name}"


HABITS = [
    (re.compile(r"\bauto(?:&&)? \[[^\]]*\] = .*\bco_await\b"), "`auto r = co_await ...; auto& [a, b] = r;`"),
    (re.compile(r"<<.*\bco_await\b"), "await into a variable, then print"),
]


def bad_habits(path):
    """A line for each line of code that does what the guide advises against."""
    text = path.read_text(encoding="utf-8")
    code = check_gcc12.code_of_document(text) if path.suffix == ".md" else text
    for number, line in enumerate(code.splitlines(), 1):
        for habit, remedy in HABITS:
            if habit.search(line.split("//")[0]):
                yield f"{path}:{number}: {remedy}"


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    paths = documents(sys.argv[1:])
    found = [(path, line, source) for path in paths for line, source in programs(path)]
    with tempfile.TemporaryDirectory() as folder:
        compilers.link_public_headers(ROOT, Path(folder))

        def check(job):
            (path, line, source), compiler = job
            return job, compilers.syntax_errors(compiler, source, Path(folder))

        mistakes = [line for path in paths for line in broken_links(path)]
        mistakes += [line for path in paths if path.resolve() == ROOT / "README.md" for line in unnamed_examples(path)]
        examples = [] if sys.argv[1:] else sorted((ROOT / "examples").rglob("*.[ch]pp"))
        mistakes += [line for path in [*paths, *examples] for line in bad_habits(path)]
        if mistakes:
            print("\n".join(mistakes))
        failures = len(mistakes)
        with ThreadPoolExecutor(compilers.parallel_jobs()) as pool:
            for ((path, line, _), compiler), errors in pool.map(
                check, [(program, compiler) for program in found for compiler in compilers.names()]
            ):
                if errors:
                    failures += 1
                    print(f"{path}:{line}: with {compiler}:\n{errors}")
    print(f"{len(found)} programs, {len(compilers.names())} compilers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
