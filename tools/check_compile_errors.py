#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles the wrong programs of tests/compile_fail with each compiler, and holds the first error to the sentence that the
program says it must be. What follows the first error may be little: at most two more.

A file is what its programs share, then the programs: each begins with `// case: NAME` and `// says: SENTENCE`, which goes on
in further comment lines.

usage: check_compile_errors.py [--self-test] [FILE...]     (compilers: AIO_COMPILERS, else clang++-19 and g++)
"""

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compilers

ROOT = Path(__file__).resolve().parent.parent
CASE = re.compile(r"^// case: (?P<name>.+)\n// says: (?P<says>.+(?:\n//(?! case:) .+)*)\n", re.M)
ERROR = re.compile(r"^.*?\b(?:fatal )?error: (.*)$", re.M)
MORE_ERRORS = 2


def cases(text, path):
    """What the programs share, and (name, line, sentence, program) of each. Throws ValueError where a file has none."""
    found = list(CASE.finditer(text))
    if not found:
        raise ValueError(f"{path}: no `// case:` followed by `// says:`")
    ends = [match.start() for match in found[1:]] + [len(text)]
    programs = []
    for match, end in zip(found, ends):
        says = re.sub(r"\n// ?", " ", match["says"])
        line = text.count("\n", 0, match.end()) + 1
        programs.append((match["name"], line, says, text[match.end() : end]))
    return text[: found[0].start()], programs


def errors(output):
    """The texts of a compiler's errors, in order."""
    return ERROR.findall(output)


def judge(status, output, says):
    """What is wrong with what a compiler said; empty if nothing is."""
    found = errors(output)
    if status == 0:
        return "compiles, or gives no more than warnings"
    if not found:
        return f"no error in what the compiler said:\n{output}"
    if says not in found[0]:
        return f"says:   {found[0]}\nwanted: {says}"
    if len(found) > 1 + MORE_ERRORS:
        return "says more than one reads:\n" + "\n".join(found)
    return ""


def compile_source(compiler, flags, source):
    done = subprocess.run(
        [compiler, *compilers.FLAGS, *flags, "-x", "c++", "-"], input=source, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


class Shared:
    """What the programs of a file share, compiled once for each compiler."""

    def __init__(self, folder, path, text):
        self.flags = {}
        include = ["-I", str(ROOT)]
        for compiler in compilers.names():
            header = folder / f"{path.stem}-{Path(compiler).name}.hpp"
            header.write_text(text, encoding="utf-8")
            suffix = ".gch" if "clang" not in compiler else ".pch"
            compiled = header.with_name(header.name + suffix)
            flags = [flag for flag in compilers.FLAGS if flag != "-fsyntax-only"]
            flags += ["-x", "c++-header", str(header), "-o", str(compiled)]
            subprocess.run([compiler, *flags, *include], check=True)
            use = ["-include-pch", str(compiled)] if suffix == ".pch" else ["-include", str(header)]
            self.flags[compiler] = [*include, *use]


def check(paths):
    failures = 0
    count = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(compilers.parallel_jobs()) as pool:
        jobs = []
        for path in paths:
            text, programs = cases(path.read_text(encoding="utf-8"), path)
            shared = Shared(Path(folder), path, text)
            count += len(programs)
            jobs += [(path, shared, compiler, program) for program in programs for compiler in compilers.names()]

        def run(job):
            path, shared, compiler, (_, line, says, source) = job
            status, output = compile_source(compiler, shared.flags[compiler], f'#line {line} "{path.name}"\n{source}')
            return job, judge(status, output, says)

        for (path, _, compiler, (name, line, _, _)), wrong in pool.map(run, jobs):
            if wrong:
                failures += 1
                print(f"{path.relative_to(ROOT)}:{line}: {name}, with {compiler}: {wrong}")
    print(f"{count} wrong programs, {len(compilers.names())} compilers, {failures} failures")
    return 1 if failures else 0


def self_test():
    shared, programs = cases("int a;\n// case: one\n// says: no\n// good\nint b;\n// case: two\n// says: x\nint c;\n", "f")
    assert shared == "int a;\n", shared
    assert programs == [("one", 5, "no good", "int b;\n"), ("two", 8, "x", "int c;\n")], programs
    try:
        cases("int a;\n", "f")
        raise AssertionError("a file without cases is taken")
    except ValueError:
        pass
    said = "x.cpp:1:2: error: static assertion failed: no good\nnote: in\nx.cpp:2:1: error: more\n"
    assert errors(said) == ["static assertion failed: no good", "more"]
    assert judge(1, said, "no good") == ""
    assert "wanted" in judge(1, said, "more")
    assert "compiles" in judge(0, "x.cpp:1:2: warning: no good\n", "no good")
    assert "more than one reads" in judge(1, said * 2, "no good")
    assert "no error" in judge(1, "", "no good")


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    if "--self-test" in sys.argv:
        self_test()
        return 0
    paths = [Path(argument).resolve() for argument in sys.argv[1:]]
    return check(paths or sorted((ROOT / "tests/compile_fail").glob("*.cpp")))


if __name__ == "__main__":
    sys.exit(main())
