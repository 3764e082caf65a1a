#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that every public header compiles on its own, twice over, with each compiler and without a warning.

usage: check_headers.py [HEADER...]        (default: all; compilers: AIO_COMPILERS, else clang++-19 and g++)

Only public headers can be included here, as in an installed tree, so one that needs a private header fails.
"""

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compilers


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    root = Path(__file__).resolve().parent.parent
    headers = [Path(argument).resolve().relative_to(root).as_posix() for argument in sys.argv[1:]]
    headers = headers or compilers.public_headers(root)
    with tempfile.TemporaryDirectory() as folder:
        compilers.link_public_headers(root, Path(folder))

        def check(job):
            compiler, header = job
            # Twice: a header without #pragma once fails too.
            source = f"#include <{header}>\n#include <{header}>\n"
            return job, compilers.syntax_errors(compiler, source, Path(folder))

        jobs = [(compiler, header) for header in headers for compiler in compilers.names()]
        failures = 0
        with ThreadPoolExecutor(compilers.parallel_jobs()) as pool:
            for (compiler, header), errors in pool.map(check, jobs):
                if errors:
                    failures += 1
                    print(f"<{header}> on its own with {compiler}:\n{errors}".replace(folder + os.sep, ""))
    print(f"{len(headers)} headers, {len(compilers.names())} compilers, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
