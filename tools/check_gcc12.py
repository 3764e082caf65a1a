#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finds coroutine code that g++ 12 miscompiles (the patterns of docs/footguns.md, "g++ 12").

usage: aio-check-gcc12 FILE_OR_FOLDER...
       tools/check_gcc12.py [--self-test] [FILE_OR_FOLDER...]      (in aio's repository)

Of a folder it reads all C++ sources and, in Markdown documents, the C++ blocks; in aio's repository, if nothing is
named, those of the project. It reads the shape of the code, not its types, so it
takes `T{...}` for an aggregate unless T is a well-known type with constructors. A line that is known to be right says so: `// gcc12-ok: reason`. In documents, blocks under
a heading with the word "wrong" are left out, and in a block the lines from `// wrong` to `// right`.

  1  co_await in the condition of if, while, for or switch (declaring a variable there is fine)
  2  a lambda that captures by value, or a std::function made in place, in an expression with co_await
  3  an object made in place with braces in an expression with co_await
  4  ?: whose branches await or make objects, in an expression with co_await
  5  new T(co_await ...), or co_await inside braces
  6  (reported as 3 or 5) a braced list in an expression with co_await
"""

import re
import sys
from pathlib import Path

import cpp_tokens
from cpp_tokens import Group

AWAITS = {"co_await", "co_yield"}  # co_yield is an await, and breaks in the same ways
CONDITIONS = {"if", "while", "switch", "for"}
ADVICE = {
    1: "name it first: `const bool ok = co_await ...; if (ok)`",
    2: "pass `fn, args...`, or name the lambda and std::move() it in",
    3: "use a class with a constructor and round brackets, or name the object first",
    4: "use if/else",
    5: "await into a named local first, then build the object from it",
}
# Types that have constructors or nothing to destroy: T{...} is harmless.
SAFE_BRACES = set(
    "hours minutes seconds milliseconds microseconds nanoseconds Duration TimePoint string string_view span byte "
    "optional unique_ptr shared_ptr pair tuple int unsigned long short char bool float double size_t ptrdiff_t "
    "uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t int64_t exception_ptr source_location".split()
)
# Calls that give numbers: harmless in a branch of ?:.
SAFE_CALLS = set(
    "size length count data time now min max abs hours minutes seconds milliseconds microseconds nanoseconds sizeof "
    "int_cast static_cast".split()
)
SUFFIXES = {".hpp", ".cpp", ".h", ".cc", ".hh", ".cxx", ".hxx", ".ipp", ".md"}
FUNCTION_TYPES = {"function", "UniqueFunction", "move_only_function"}


class Checker:
    def __init__(self):
        self.findings = []  # (line, pattern)

    def block(self, nodes):
        """Checks the statements of a block, a class, a namespace or a file."""
        statement = []
        for node in nodes:
            if node.text == ";" or node.is_block:
                self.statement(statement)
                statement = []
                if node.is_block:
                    self.block(node.children)
            else:
                statement.append(node)
        self.statement(statement)

    def statement(self, nodes):
        """Checks one statement without the blocks that belong to it: `if (...)`, `x = co_await f()`."""
        for index, node in enumerate(nodes):
            if node.text not in CONDITIONS:
                continue
            bracket = next((i for i in (index + 1, index + 2) if i < len(nodes) and nodes[i].text == "("), None)
            if bracket is None:
                continue
            self.expression(nodes[:index])
            self.control(node.text, nodes[bracket])
            self.statement(nodes[bracket + 1 :])
            return
        self.expression(nodes)

    def control(self, keyword, bracket):
        parts = split(bracket.children, ";")
        for part in parts:
            self.expression(part)
        if keyword == "for":
            if len(parts) < 3:  # a range: the loop hides no condition that awaits
                return
            condition = parts[1]
        else:
            condition = parts[-1]
        if has_await(condition) and not declares(condition):
            self.report(1, condition[0])

    def expression(self, nodes):
        """Checks one full expression. Bodies of lambdas in it are statements of their own."""
        for node in walk(nodes, into_blocks=True):
            if node.is_block:
                self.block(node.children)
        if has_await(nodes):
            self.level(nodes)

    def level(self, nodes):
        """Checks one bracket level of an expression that awaits, then the levels inside it."""
        for index, node in enumerate(nodes):
            before = nodes[index - 1] if index else None
            if node.is_block:
                continue
            if node.is_lambda and captures_value(node):
                self.report(2, node)
            elif node.text in FUNCTION_TYPES and called_after_template_list(nodes, index):
                self.report(2, node)
            elif node.text == "?":
                branches = split(nodes[index + 1 :], ",")[0]
                if has_await(branches) or makes_object(branches):
                    self.report(4, node)
            elif node.text == "new" and has_await(split(nodes[index + 1 :], ",")[0]):
                self.report(5, node)
            elif node.text == "{":
                if has_await(node.children):
                    self.report(5, node)
                elif type_before(nodes, index) not in SAFE_BRACES:
                    self.report(3, node)
                continue  # one report for nested braces
            if isinstance(node, Group) and not node.is_lambda and not (node.text == "[" and before is None):
                self.level(node.children)

    def report(self, pattern, node):
        self.findings.append((node.line, pattern))


def walk(nodes, into_blocks=False):
    """All nodes of an expression; blocks are given but not entered."""
    for node in nodes:
        if node.is_block and not into_blocks:
            continue
        yield node
        if isinstance(node, Group) and not node.is_block:
            yield from walk(node.children, into_blocks)


def has_await(nodes):
    return any(node.text in AWAITS for node in walk(nodes))


def split(nodes, separator):
    parts = [[]]
    for node in nodes:
        if node.text == separator:
            parts.append([])
        else:
            parts[-1].append(node)
    return parts


def declares(nodes):
    """Whether a condition declares a variable: `auto line = co_await ...`, not `x = co_await ...`."""
    return any(node.text == "=" and index >= 2 for index, node in enumerate(nodes))


def captures_value(node):
    return any(part and part[0].text not in ("&", "this") for part in split(node.children, ","))


def called_after_template_list(nodes, index):
    """Whether nodes[index] is `function` in `std::function<...>(...)`."""
    depth = 0
    for node in nodes[index + 1 :]:
        if node.text == "<":
            depth += 1
        elif node.text == ">":
            depth -= 1
        elif depth == 0:
            return node.text in ("(", "{")
    return False


def type_before(nodes, index):
    """The last name of the type in `ns::Type<...>{`, or None if nothing stands before the brace."""
    index -= 1
    if index >= 0 and nodes[index].text == ">":
        depth = 0
        while index >= 0:
            depth += {">": 1, "<": -1}.get(nodes[index].text, 0)
            index -= 1
            if depth == 0:
                break
    return nodes[index].text if index >= 0 and nodes[index].is_name else None


def makes_object(nodes):
    """Whether an expression calls something (a constructor or a function) that may give a class object."""
    for index, node in enumerate(nodes):
        if node.text in ("(", "{") and index and (nodes[index - 1].is_name or nodes[index - 1].text == ">"):
            if type_before(nodes, index) not in SAFE_CALLS:
                return True
        if node.text == "(" and makes_object(node.children):
            return True
    return False


def findings_in(source):
    """(line, pattern) of each finding in C++ source, without those that are marked as fine."""
    checker = Checker()
    checker.block(cpp_tokens.parse(source))
    lines = source.splitlines()

    def marked(number):
        if re.search(r"//\s*gcc12-ok:\s*\S", lines[number - 1]):
            return True
        above = lines[number - 2].strip() if number > 1 else ""
        return bool(re.match(r"//\s*gcc12-ok:\s*\S", above))

    return sorted({finding for finding in checker.findings if not marked(finding[0])})


def code_of_document(text):
    """The C++ blocks of a Markdown document that are meant to be right; everything else is blanked."""
    result, heading, in_code, code = [], "", False, False
    for line in text.splitlines():
        fence = re.match(r"\s*```(\w*)", line)
        if fence:
            in_code = not in_code
            code = in_code and fence[1] in ("cpp", "c++", "cc") and "wrong" not in heading.lower()
            result.append(";")  # blocks do not continue each other
            continue
        if not in_code and line.startswith("#"):
            heading = line
        marker = re.search(r"//\s*(wrong|right)\b", line, re.I)
        if in_code and marker:
            code = marker[1].lower() == "right" and "wrong" not in heading.lower()
        result.append(line if in_code and code else "")
    return "\n".join(result)


def project_files(root):
    for folder in ("aio", "cli", "tests", "examples", "bench", "fuzz"):
        for path in sorted((root / folder).rglob("*")):
            # What benchmarks compare with is other people's style, and compiled with a compiler that is right.
            if path.suffix in (".hpp", ".cpp") and not {"peers", "compare"} & set(path.parts):
                yield path
    yield from sorted(path for path in [root / "README.md", *(root / "docs").rglob("*.md")] if path.exists())


def files_in(path):
    """The file itself, or all sources and documents in a folder but hidden ones."""
    if not path.is_dir():
        return [path]
    files = (file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file())
    return sorted(file for file in files if not any(part.startswith(".") for part in file.relative_to(path).parts))


def run_check(usage, self_test, findings, project):
    """The command that a check is: `findings(path, text, source)` gives (line, what is wrong) of each finding of a file;
    `project`: the root of aio's repository, if it is run from there."""
    arguments = sys.argv[1:]
    if "--help" in arguments or not (arguments or project):
        print(usage.strip())
        return 0 if arguments else 2
    if "--self-test" in arguments and project:
        return self_test()

    paths = [file for argument in arguments for file in files_in(Path(argument))] or list(project_files(project))
    count = 0
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            print(f"{path}: {error.strerror}", file=sys.stderr)
            return 2
        lines = text.splitlines()
        for line, mistake in findings(path, text, code_of_document(text) if path.suffix == ".md" else text):
            count += 1
            print(f"{path}:{line}: {mistake}\n    {lines[line - 1].strip()}")
    print(f"{len(paths)} files, {count} findings")
    return 1 if count else 0


def main(project=None):
    def self_test():
        import check_gcc12_cases

        return check_gcc12_cases.run(findings_in, code_of_document)

    def findings(_path, _text, source):
        return [(line, f"g++ 12 pattern {pattern}: {ADVICE[pattern]}") for line, pattern in findings_in(source)]

    return run_check(__doc__, self_test, findings, project)


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
