#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compiles a precompiled header and leaves a checksum of all that went into it beside it, as <output>.sum.

usage: compile_pch.py SOURCE_DIR COMPILER ARGUMENT...

With CCACHE_PCH_EXTSUM ccache takes this sum for what the precompiled header holds. The file itself would not do: it names
the folder that it was made in. The sum depends on the headers' names below SOURCE_DIR and on their texts.
"""

import hashlib
import os
import re
import subprocess
import sys


def headers(depfile):
    """The files that a depfile in make's language names as prerequisites."""
    with open(depfile, encoding="utf-8") as file:
        rule = file.read().replace("\\\n", " ")
    return [name.replace("\\ ", " ") for name in re.findall(r"(?:\\ |\S)+", rule.partition(":")[2])]


def checksum(names, source_dir):
    texts = {}
    for name in names:
        path = os.path.abspath(name)
        if path.startswith(os.getcwd() + os.sep):
            continue  # the list of headers that CMake wrote
        with open(path, "rb") as file:
            known_as = os.path.relpath(path, source_dir) if path.startswith(source_dir + os.sep) else path
            texts[known_as] = hashlib.sha256(file.read()).hexdigest()
    return hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    source_dir, *command = sys.argv[1:]
    done = subprocess.run(command, check=False)
    if done.returncode == 0 and "-MF" in command:
        output = command[command.index("-o") + 1]
        names = headers(command[command.index("-MF") + 1])
        with open(f"{output}.sum", "w", encoding="utf-8") as file:
            file.write(checksum(names, source_dir) + "\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
