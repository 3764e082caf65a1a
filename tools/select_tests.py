#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names the tests that belong to modules, or to what has changed: CTest's labels, one per line.

usage: select_tests.py --only NAME...      the tests of these modules or folders
       select_tests.py --since REVISION    the tests of what has changed since then, uncommitted too, and of all above it
       select_tests.py --all-but NAME...   the others
       select_tests.py --self-test

Above a module stand the modules of higher layers (tools/layers.txt), the tests that include it, and those of the whole
library.
"""

import re
import subprocess
import sys
from pathlib import Path

from check_layers import read_layers

# Tests of the library as a whole: whatever changes in it, they are above.
WHOLE = {"conformance", "injection", "differential", "integration", "example"}
# Files that say how everything is built.
BUILD = re.compile(r"(?:.*/)?CMakeLists\.txt|CMakePresets\.json|cmake/.*|tools/packages.*\.txt|tools/dev/compile_pch\.py")
EXAMPLE_TOOLS = {"tools/run_example.py", "tools/example_clock.cpp"}


INCLUDE = re.compile(r'^#include [<"]([\w./]+)[>"]', re.M)


def labels_of_file(path, layers, labels, users=None):
    """The labels among `labels` that a changed file concerns; users: {module: the labels whose tests include it}."""
    top, _, rest = path.partition("/")
    module = rest.partition("/")[0].removesuffix(".hpp")
    if BUILD.fullmatch(path):
        return labels
    if top == "aio":
        if module not in layers:
            return labels  # the umbrella of all, or a module that is gone
        above = {label for label in labels if layers.get(label, -1) > layers[module]}
        return (above | WHOLE | {module} | (users or {}).get(module, set())) & labels
    if top == "tests":
        # What one folder's tests share, another's may include.
        return labels if module not in labels or path.endswith(".hpp") else {module}
    if top == "examples" or path in EXAMPLE_TOOLS:
        return {"example", "integration"} & labels
    if top == "cli":
        return {"integration"} & labels
    return set()


def modules_included(path, root, seen):
    """The modules that a test's file includes by name, itself or by the tests' shared headers."""
    modules = set()
    for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
        if name.startswith("aio/"):
            modules.add(name.split("/")[1].removesuffix(".hpp"))
        for shared in (root / "tests" / name, path.parent / name):
            if shared.is_file() and shared not in seen:
                seen.add(shared)
                modules |= modules_included(shared, root, seen)
    return modules


def users_of_modules(root):
    users = {}
    for test in (root / "tests").glob("*/*_test.cpp"):
        for module in modules_included(test, root, set()):
            users.setdefault(module, set()).add(test.parent.name)
    return users


def all_labels(root):
    folders = {path.parent.name for path in (root / "tests").glob("*/*_test.cpp")}
    return folders | {"differential", "integration", "example"}


def git(root, *arguments):
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"select_tests.py: git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.splitlines()


def changed_files(root, revision):
    return git(root, "diff", "--name-only", "--no-renames", revision, "--") + git(
        root, "ls-files", "--others", "--exclude-standard"
    )


def self_test():
    layers = {"base": 0, "loop": 1, "sync": 4, "inspect": 4, "net": 6, "testing": 10}
    labels = {"base", "loop", "sync", "inspect", "net", "testing"} | WHOLE
    cases = [
        ("aio/base/error.hpp", labels),
        ("aio/sync/lock.cpp", {"sync", "net", "testing"} | WHOLE),
        ("aio/sync/detail/list.hpp", {"sync", "net", "testing"} | WHOLE),
        ("aio/sync.hpp", {"sync", "net", "testing"} | WHOLE),
        ("aio/testing/loop_test.hpp", {"testing"} | WHOLE),
        ("aio/aio.hpp", labels),
        ("tests/sync/lock_test.cpp", {"sync"}),
        ("tests/net/net_support.hpp", labels),
        ("tests/support/fd.hpp", labels),
        ("tests/integration/wget_test.py", {"integration"}),
        ("examples/streams/echo.cpp", {"example", "integration"}),
        ("tools/run_example.py", {"example", "integration"}),
        ("cli/serve.cpp", {"integration"}),
        ("cli/CMakeLists.txt", labels),
        ("tests/CMakeLists.txt", labels),
        ("cmake/library.cmake", labels),
        ("docs/design.md", set()),
        ("bench/run.py", set()),
        ("tools/check_layers.py", set()),
    ]
    failures = [(path, labels_of_file(path, layers, labels)) for path, right in cases
                if labels_of_file(path, layers, labels) != right]
    # A neighbour whose tests are written with it is concerned as well.
    if labels_of_file("aio/net/listener.cpp", layers, labels, {"net": {"sync"}}) != {"sync", "net", "testing"} | WHOLE:
        failures.append(("aio/net/listener.cpp", "not the tests that include it"))
    for path, found in failures:
        print(f"{path}: {found}")
    print(f"self-test: {len(cases) + 1} cases, {len(failures)} failures")
    return 1 if failures else 0


def main():
    mode, *arguments = sys.argv[1:] or ["--help"]
    root = Path(__file__).resolve().parent.parent
    labels = all_labels(root)
    if mode == "--self-test":
        return self_test()
    if mode == "--all-but" or mode == "--only" and arguments:
        unknown = sorted(set(arguments) - labels)
        if unknown:
            sys.exit(f"no such tests: {' '.join(unknown)} (there are: {' '.join(sorted(labels))})")
        chosen = labels - set(arguments) if mode == "--all-but" else set(arguments)
    elif mode == "--since" and len(arguments) == 1:
        layers = read_layers(root / "tools/layers.txt")
        users = users_of_modules(root)
        changed = changed_files(root, arguments[0])
        chosen = set().union(*(labels_of_file(path, layers, labels, users) for path in changed))
    else:
        print(__doc__.strip())
        return 0 if mode == "--help" else 2
    print("\n".join(sorted(chosen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
