#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what the library's files include.

usage: check_layers.py [--self-test] [ROOT]

Rules:
  1. A file in aio/<module>/ includes only its own module and modules of lower layers (tools/layers.txt).
  2. No file in a module includes an umbrella header (aio/*.hpp).
  3. A public header (every .hpp but *_impl.hpp) includes no private header and nothing from third parties: only
     <aio/...>, the C++ standard library, the POSIX headers named below, and what THIRD_PARTY allows that very header.
  4. A header of ours is included as <aio/module/thing.hpp>, and exists.
  5. The first that a public header includes is another one of ours, and so on down to REQUIREMENTS: whichever header a
     program includes first, that one asks whether the compiler can do it.
"""

import re
import sys
import tempfile
from pathlib import Path

STANDARD = set(
    """algorithm any array atomic barrier bit bitset charconv chrono compare complex concepts condition_variable
    coroutine deque exception execution filesystem format forward_list fstream functional future initializer_list
    iomanip ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new numbers
    numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set shared_mutex
    source_location span sstream stack stdexcept stop_token streambuf string string_view strstream syncstream
    system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant
    vector version
    cassert cctype cerrno cfenv cfloat cinttypes climits clocale cmath csetjmp csignal cstdarg cstddef cstdint cstdio
    cstdlib cstring ctime cuchar cwchar cwctype""".split()
)
# The headers of the standard library's own that we name; base/chrono.hpp, functional.hpp and memory.hpp say why.
INTERNAL = {"bits/chrono.h", "bits/refwrap.h", "bits/shared_ptr.h"}
# What appears in interfaces: addresses, descriptors, signals. System calls belong in .cpp files.
POSIX = {
    "fcntl.h", "netdb.h", "netinet/in.h", "signal.h", "sys/socket.h", "sys/stat.h", "sys/types.h", "sys/uio.h",
    "sys/un.h", "time.h", "unistd.h",
}  # fmt: skip
# Public header: the third-party headers that it may include, by how their names begin. Each entry makes all who include that
# header need the library.
THIRD_PARTY = {"aio/http/json/value.hpp": ("boost/describe", "boost/json", "boost/mp11")}
REQUIREMENTS = "aio/base/detail/requirements.hpp"
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_layers(path):
    layers = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].split()
        if line:
            layers[line[1]] = int(line[0])
    return layers


class Checker:
    def __init__(self, root, third_party):
        self.root = root
        self.third_party = third_party
        self.layers = read_layers(root / "tools/layers.txt")
        self.problems = [f"THIRD_PARTY names {name}, which does not exist" for name in third_party
                         if not (root / name).exists()]

    def check(self):
        """Looks at all files, and gives their number."""
        paths = sorted(path for path in (self.root / "aio").rglob("*") if path.suffix in (".hpp", ".cpp"))
        for path in paths:
            self.file(path)
        return len(paths)

    def file(self, path):
        parts = path.relative_to(self.root / "aio").parts
        module = parts[0] if len(parts) > 1 else None
        if module is not None and module not in self.layers:
            self.problems.append(f"{path}: module {module} is not in tools/layers.txt")
            return
        public = path.suffix == ".hpp" and not path.stem.endswith("_impl")
        allowed = self.third_party.get(path.relative_to(self.root).as_posix(), ())
        lines = path.read_text(encoding="utf-8").splitlines()
        if public:
            self.first_include(path.relative_to(self.root).as_posix(), lines)
        for number, line in enumerate(lines, 1):
            match = INCLUDE.match(line)
            if match:
                if match[1] == "<" and match[2].startswith(tuple(f"{prefix}/" for prefix in allowed)):
                    continue
                if match[1] == "<" and match[2].rpartition(".")[0] in allowed:
                    continue
                for problem in self.include(module, public, match[1], match[2]):
                    self.problems.append(f"{path.relative_to(self.root)}:{number}: {problem}")

    def first_include(self, name, lines):
        first = next(filter(None, map(INCLUDE.match, lines)), None)
        if name != REQUIREMENTS and not (first and first[2].startswith("aio/")):
            self.problems.append(f"{name} does not begin with <{REQUIREMENTS}> or another header of aio's (rule 5)")

    def include(self, module, public, bracket, name):
        """Yields what is wrong with one #include of a file in `module` (None: an umbrella)."""
        if " " in name:  # a sentence, at which compilation ends: base/detail/requirements.hpp
            return
        if name.startswith("aio/") or bracket == '"':
            if bracket == '"' or not (self.root / name).exists():
                if name.startswith("aio/") and not (self.root / name).exists():
                    yield f"<{name}> does not exist"
                else:
                    yield f'write <aio/...> instead of "{name}" (rule 4)'
                return
            target = name.split("/")
            if public and name.endswith("_impl.hpp"):
                yield f"public header includes the private <{name}> (rule 3)"
            if module is None:
                return
            if len(target) == 2:
                yield f"includes the umbrella <{name}> (rule 2)"
            elif target[1] != module:
                own, other = self.layers[module], self.layers.get(target[1])
                if other is None or other >= own:
                    yield f"{module} (layer {own}) must not include <{name}> (layer {other}) (rule 1)"
        elif public and name not in STANDARD | POSIX | INTERNAL:
            yield f"public header includes <{name}>, which is neither standard nor a listed POSIX header (rule 3)"


def self_test():
    """What THIRD_PARTY allows and which include is the first, on a small tree."""
    json, other = "aio/http/json.hpp", "aio/http/other.hpp"
    table = {json: ("boost/json", "boost/describe")}
    cases = [
        ("its own third party", {json: "<boost/json/value.hpp>"}, 0),
        ("a header of the library's name", {json: "<boost/json.hpp>"}, 0),
        ("a library whose name begins so", {json: "<boost/json_other/value.hpp>"}, 1),
        ("an unlisted third party", {json: "<boost/asio.hpp>"}, 1),
        ("a listed third party in quotes", {json: '"boost/json.hpp"'}, 1),
        ("somebody else's third party", {json: "<string>", other: "<boost/json.hpp>"}, 1),
        ("a source includes what it wants", {json: "<string>", "aio/http/json.cpp": "<boost/asio.hpp>"}, 0),
        ("a header in detail belongs to the module", {json: "<aio/http/detail/a.hpp>", "aio/http/detail/a.hpp": "<string>"}, 0),
        ("detail of a higher layer", {json: "<aio/web/detail/a.hpp>", "aio/web/detail/a.hpp": "<string>"}, 1),
        ("an entry without a header", {other: "<string>"}, 1),
        ("a header that asks nothing", {json: "<string>", "aio/http/deaf.hpp": "<string>"}, 1),
    ]  # fmt: skip
    failures = 0
    for what, files, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            tree = {"tools/layers.txt": "0 base\n1 http\n2 web\n", REQUIREMENTS: ""}
            for name, include in files.items():
                asks = name.endswith(".hpp") and "deaf" not in name
                tree[name] = (f"#include <{REQUIREMENTS}>\n" if asks else "") + f"#include {include}\n"
            for name, text in tree.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text, encoding="utf-8")
            checker = Checker(root, table)
            checker.check()
        if len(checker.problems) != expected:
            failures += 1
            print(f"self-test: {what}: expected {expected} problems, found {checker.problems}")
    print(f"{len(cases)} cases, {failures} failures")
    return 1 if failures else 0


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    if "--self-test" in sys.argv:
        return self_test()
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    checker = Checker(root, THIRD_PARTY)
    count = checker.check()
    for problem in checker.problems:
        print(problem)
    print(f"{count} files, {len(checker.problems)} problems")
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
