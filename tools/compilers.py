# SPDX-License-Identifier: MIT
"""The compilers that checks run, and the public headers they see."""

import os
import subprocess

FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-fdiagnostics-color=never"]
# g++ takes what follows a #line for a header, and warns of local types in it.
FLAGS += ["-Wno-subobject-linkage", "-Wno-unknown-warning-option"]


def names():
    return os.environ.get("AIO_COMPILERS", "clang++-19 g++").split()


def parallel_jobs():
    return int(os.environ.get("AIO_JOBS") or os.cpu_count() or 1)


def public_headers(root):
    """Paths as a user includes them, sorted: umbrellas and modules."""
    paths = (path.relative_to(root).as_posix() for path in (root / "aio").rglob("*.hpp"))
    return sorted(path for path in paths if not path.endswith("_impl.hpp"))


def link_public_headers(root, folder):
    """Makes `folder` an include folder like an installed one: public headers only."""
    for header in public_headers(root):
        target = folder / header
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(root / header)


def syntax_errors(compiler, source, include):
    """What the compiler says against `source`; empty if it compiles without a warning."""
    done = subprocess.run(
        [compiler, *FLAGS, "-I", include, "-x", "c++", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else (done.stderr + done.stdout).strip() or f"status {done.returncode}"
