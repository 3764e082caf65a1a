#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks that each aio/<module>/CMakeLists.txt lists exactly the sources in its folder.

usage: check_sources_listed.py [ROOT]

The lists are explicit so that a build never picks up a stray file; a source that nobody listed would otherwise only
show as undefined symbols, or not at all.
"""

import re
import sys
from pathlib import Path


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    problems, count = [], 0
    for folder in sorted(path for path in (root / "aio").iterdir() if path.is_dir()):
        present = {path.relative_to(folder).as_posix() for path in folder.rglob("*.cpp")}
        count += len(present)
        cmake = folder / "CMakeLists.txt"
        text = cmake.read_text(encoding="utf-8") if cmake.exists() else ""
        text = re.sub(r"#[^\n]*", "", text)
        listed = set(re.findall(r"[\w./-]+\.cpp\b", text))
        name = cmake.relative_to(root)
        problems += [f"{name} does not list {source}" for source in sorted(present - listed)]
        problems += [f"{name} lists {source}, which does not exist" for source in sorted(listed - present)]
    problems += [f"{path.relative_to(root)}: sources belong in a module's folder" for path in (root / "aio").glob("*.cpp")]
    for problem in problems:
        print(problem)
    print(f"{count} sources, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
