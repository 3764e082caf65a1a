#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that every public header compiles on its own, twice over, and all of them together with each compiler,
without a warning.

usage: check_headers.py [HEADER...]        (default: all; compilers: AIO_COMPILERS, else clang++-19 and g++)

On its own with the first compiler only: what a header forgets to include is the same with both, because both
use libstdc++, and 120 compilations take minutes. Only public headers can be included here, as in an installed
tree, so one that needs a private header fails.
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

        first, *others = compilers.names()
        # Twice: a header without #pragma once fails too.
        jobs = [(first, f"<{header}> on its own", [header, header]) for header in headers]
        jobs += [(compiler, "all headers", headers) for compiler in others]

        def check(job):
            compiler, _, included = job
            source = "".join(f"#include <{header}>\n" for header in included)
            return job, compilers.syntax_errors(compiler, source, Path(folder))

        failures = 0
        with ThreadPoolExecutor(compilers.parallel_jobs()) as pool:
            for (compiler, what, _), errors in pool.map(check, jobs):
                if errors:
                    failures += 1
                    print(f"{what} with {compiler}:\n{errors}".replace(folder + os.sep, ""))
    print(f"{len(headers)} headers on their own with {first}, together with {', '.join(others)}: {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
