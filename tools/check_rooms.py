#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that nobody has to search: how much a folder, a file and the beginning of a public header hold.

usage: check_rooms.py [--self-test] [ROOT]

Rules:
  1. A folder of aio, cli, tests, examples, bench, tools or docs holds at most 40 files; what is more gets sub-folders.
  2. A source file has at most 400 lines.
  3. In a public header (not in a folder `detail`, not *_impl.hpp) at most 100 lines of namespace detail stand in one piece
     before a class, function or alias that users meet; what is more moves to detail/.
"""

import re
import sys
import tempfile
from pathlib import Path

FOLDERS = ("aio", "cli", "tests", "examples", "bench", "tools", "docs")
SOURCES = {".hpp", ".cpp", ".h", ".py", ".sh", ".cmake"}
FILES_IN_A_FOLDER = 40
LINES_IN_A_FILE = 400
LINES_OF_DETAIL_FIRST = 100

OPEN = re.compile(r"(?:inline )?namespace ([\w:]*) ?\{$")
# A namespace of one line has no comment at its end (clang-format).
SHORT = re.compile(r"^namespace [\w:]+ \{\n[^\n]*;\n\}$", re.M)
FORWARD = re.compile(r"(?:template <[^>]*>\s*)?(?:class|struct|enum class) [\w:]+;$")


def detail_first(text):
    """How many lines of namespace detail stand at most in one piece before something that users meet."""
    inside, count, most, previous = [], 0, 0, ""
    for line in SHORT.sub("", text).splitlines():
        code = line.partition("//")[0].rstrip()
        opened = OPEN.match(code)
        if line.startswith("}  // namespace"):
            inside.pop()
        elif opened:
            inside.append(opened[1])
        elif any("detail" in name.split("::") for name in inside):
            count += 1
        elif inside and code and not code.startswith("#"):
            # `template <...>` belongs to what follows it.
            if code.startswith("template <") and code.endswith(">"):
                previous = code
            elif not FORWARD.match(f"{previous} {code}".strip()):
                most, count, previous = max(most, count), 0, ""
            else:
                previous = ""
    return most


def problems_of(root):
    for name in FOLDERS:
        top = root / name
        if not top.is_dir():
            continue
        for folder in sorted([top, *(path for path in top.rglob("*") if path.is_dir())]):
            files = sum(path.is_file() for path in folder.iterdir())
            if "__pycache__" not in folder.parts and files > FILES_IN_A_FOLDER:
                yield f"{folder.relative_to(root)}: {files} files, more than {FILES_IN_A_FOLDER} (rule 1)"
        for path in sorted(path for path in top.rglob("*") if path.suffix in SOURCES and path.is_file()):
            text = path.read_text(encoding="utf-8")
            place = path.relative_to(root)
            lines = len(text.splitlines())
            if lines > LINES_IN_A_FILE:
                yield f"{place}: {lines} lines, more than {LINES_IN_A_FILE} (rule 2)"
            public = name == "aio" and path.suffix == ".hpp" and not path.stem.endswith("_impl")
            if public and "detail" not in place.parts:
                first = detail_first(text)
                if first > LINES_OF_DETAIL_FIRST:
                    yield f"{place}: {first} lines of detail stand before what users meet, more than {LINES_OF_DETAIL_FIRST} (rule 3)"


def header(details, before="", after="class Later {\n};\n"):
    lines = "".join(f"void d{i}() {{\n}}\n" for i in range(details // 2)) + "int last;\n" * (details % 2)
    detail = f"namespace detail {{\n{lines}}}  // namespace detail\n"
    return f"namespace aio {{\nclass Later;\nnamespace detail {{\nclass A;\n}}\n{before}{detail}{after}}}  // namespace aio\n"


def self_test():
    """Each rule on a small tree: what is at the limit passes, what is one above does not."""
    cases = [
        ("a full folder", {f"tests/task/{i}.txt": "" for i in range(40)}, 0),
        ("a folder with too many files", {f"tests/task/{i}.txt": "" for i in range(41)}, 1),
        ("sub-folders", {f"tests/{i % 2}/{i}.txt": "" for i in range(80)}, 0),
        ("a long file", {"aio/task/a.cpp": "\n" * 400, "docs/a.md": "\n" * 4000}, 0),
        ("a file that is too long", {"aio/task/a.cpp": "\n" * 401, "tools/a.py": "\n" * 401}, 2),
        ("some detail first", {"aio/task/a.hpp": header(100)}, 0),
        ("too much detail first", {"aio/task/a.hpp": header(101)}, 1),
        ("detail behind the class", {"aio/task/a.hpp": header(300, before="class First {\n};\n", after="")}, 0),
        ("detail between classes", {"aio/task/a.hpp": header(101, before="class First {\n};\n")}, 1),
        ("a forward declaration is not the class", {"aio/task/a.hpp": header(101, before="template <class T>\nclass F;\n")}, 1),
        ("a folder detail", {"aio/task/detail/a.hpp": header(300), "aio/task/a_impl.hpp": header(300)}, 0),
        ("nothing but detail", {"aio/task/a.hpp": "namespace aio::detail {\n" + "int a;\n" * 300 + "}  // namespace aio::detail\n"}, 0),
    ]  # fmt: skip
    failures = 0
    for what, files, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            found = list(problems_of(Path(folder)))
        if len(found) != expected:
            failures += 1
            print(f"self-test: {what}: expected {expected} problems, found {found}")
    print(f"{len(cases)} cases, {failures} failures")
    return 1 if failures else 0


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    if "--self-test" in sys.argv:
        return self_test()
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    problems = list(problems_of(root))
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
