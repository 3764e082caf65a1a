#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles a precompiled header and leaves a checksum of all that went into it beside it, as <output>.sum.

usage: compile_pch.py SOURCE_DIR COMPILER ARGUMENT...

With CCACHE_PCH_EXTSUM ccache takes this sum for what the precompiled header holds. The file itself would not do: it names
the folder that it was made in.
"""

import hashlib
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path


def headers(depfile):
    """The files that a depfile in make's language names as prerequisites."""
    with open(depfile, encoding="utf-8") as file:
        rule = file.read().replace("\\\n", " ")
    return [name.replace("\\ ", " ") for name in re.findall(r"(?:\\ |\S)+", rule.partition(":")[2])]


def checksum(command, names, source_dir):
    """Of the compiler, its options, and the headers' names and texts; where the project is makes no difference."""
    version = subprocess.run([command[0], "--version"], capture_output=True, check=True).stdout
    total = hashlib.sha256(version)
    for word in command[1:]:
        total.update(word.replace(source_dir, "SOURCE_DIR").encode() + b"\0")
    for name in sorted(os.path.abspath(name).replace(source_dir, "SOURCE_DIR") for name in names):
        with open(name.replace("SOURCE_DIR", source_dir), "rb") as file:
            # The list of headers that CMake wrote names them with their folder.
            total.update(name.encode() + b"\0" + file.read().replace(source_dir.encode(), b"SOURCE_DIR") + b"\0")
    return total.hexdigest()


def newest_change(names):
    return max(os.stat(name).st_mtime_ns for name in names)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    source_dir, *command = sys.argv[1:]
    output = command[command.index("-o") + 1]
    sum_file = Path(f"{output}.sum")
    sum_file.unlink(missing_ok=True)
    begin = time.time_ns()
    done = subprocess.run(command, check=False)
    if done.returncode == 0 and output.endswith(".pch"):
        names = headers(command[command.index("-MF") + 1])
        text = checksum(command, names, source_dir)
        # What was changed while the compiler read it is nobody else's.
        sum_file.write_text((text if newest_change(names) < begin else uuid.uuid4().hex) + "\n", encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
