#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Builds and runs the programs in README.md and docs/: every ```cpp block with an `int main`. If a ```text block is the
next thing after it, that must be what the program prints. A block after `<!-- not run: reason -->` is built only.

usage: run_docs.py BUILD_FOLDER [FILE...]           (compilers: AIO_COMPILERS, else clang++-19 and g++)
"""

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compilers
from check_readme import BLOCK, PROGRAM, ROOT, documents, with_line

OUTPUT = re.compile(r"\s*^```text\n(.*?)^```", re.M | re.S)
NOT_RUN = re.compile(r"<!-- not run: [^\n]+ -->\s*\Z")
FLAGS = [flag for flag in compilers.FLAGS if flag != "-fsyntax-only"] + ["-O2", "-DAIO_GCC12_NOTICE=0", "-pthread"]
TIMEOUT = 60
# What programs of HTTP are linked with, beside aio itself.
HTTP = re.compile(r"#include <aio/(http|web|client)")
HTTP_LIBRARIES = ["libaiocpp-http.a", "libaiocpp-ssl.a"]
HTTP_SYSTEM = "boost_url boost_json idn2 psl z brotlienc brotlidec zstd ssl crypto".split()


def programs(path):
    """(line, source, whether to run it, what it prints or None) of each program of a document."""
    text = path.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        if PROGRAM.search(match[1]):
            output = OUTPUT.match(text, match.end())
            line, _ = with_line(path, text, match)
            source = f'#line 1 "main.cpp"\n{match[1]}'  # what tracebacks show
            yield line, source, not NOT_RUN.search(text, 0, match.start()), output and output[1]


def run(program, expected):
    """What is wrong with what the program does; empty if nothing is."""
    try:
        done = subprocess.run(
            [program], cwd=Path(program).parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"does not end within {TIMEOUT} s"
    if done.returncode != 0:
        return f"ends with status {done.returncode}\n{done.stdout}{done.stderr}"
    if expected is not None and done.stdout != expected:
        return f"prints\n{done.stdout}and not\n{expected}"
    return ""


def check(compiler, program, build, folder):
    """Builds and runs one program; what is wrong with it."""
    _, source, runs, expected = program
    executable = tempfile.NamedTemporaryFile(dir=folder, delete=False)
    executable.close()
    http = HTTP.search(source) is not None
    libraries = [build / "libaiocpp-testing.a", *(build / name for name in HTTP_LIBRARIES if http), build / "libaiocpp.a",
                 *(f"-l{name}" for name in HTTP_SYSTEM if http)]
    done = subprocess.run(
        [compiler, *FLAGS, "-I", folder / "include", "-x", "c++", "-", "-x", "none", *libraries, "-o", executable.name],
        input=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return done.stderr + done.stdout
    return run(executable.name, expected) if runs else ""


def main():
    if "--help" in sys.argv or len(sys.argv) < 2:
        print(__doc__.strip())
        return 0 if "--help" in sys.argv else 2
    build = Path(sys.argv[1])
    found = [(path, program) for path in documents(sys.argv[2:]) for program in programs(path)]
    failures = 0
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(compilers.parallel_jobs()) as pool:
        folder = Path(name)
        compilers.link_public_headers(ROOT, folder / "include")
        jobs = [(path, program, compiler) for path, program in found for compiler in compilers.names()]
        results = pool.map(lambda job: check(job[2], job[1], build, folder), jobs)
        for (path, program, compiler), mistake in zip(jobs, results):
            if mistake:
                failures += 1
                print(f"{path}:{program[0]}: with {compiler}: {mistake}")
    compared = sum(program[3] is not None for _, program in found)
    print(f"{len(found)} programs, {compared} outputs, {len(compilers.names())} compilers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
