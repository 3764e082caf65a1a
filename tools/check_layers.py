#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what the library's files include.

usage: check_layers.py [ROOT]

Rules:
  1. A file in aio/<module>/ includes only its own module and modules of lower layers (tools/layers.txt).
  2. No file in a module includes an umbrella header (aio/*.hpp).
  3. A public header (every .hpp but *_impl.hpp) includes no private header and nothing from third parties: only
     <aio/...>, the C++ standard library and the POSIX headers named below.
  4. A header of ours is included as <aio/module/thing.hpp>, and exists.
"""

import re
import sys
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
# The headers of the standard library's own that we name; base/chrono.hpp and base/memory.hpp say why.
INTERNAL = {"bits/chrono.h", "bits/shared_ptr.h"}
# What appears in interfaces: addresses, descriptors, signals. System calls belong in .cpp files.
POSIX = {
    "fcntl.h", "netdb.h", "netinet/in.h", "signal.h", "sys/socket.h", "sys/stat.h", "sys/types.h", "sys/uio.h",
    "sys/un.h", "time.h", "unistd.h",
}  # fmt: skip
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read_layers(path):
    layers = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].split()
        if line:
            layers[line[1]] = int(line[0])
    return layers


class Checker:
    def __init__(self, root):
        self.root = root
        self.layers = read_layers(root / "tools/layers.txt")
        self.problems = []

    def file(self, path):
        parts = path.relative_to(self.root / "aio").parts
        module = parts[0] if len(parts) > 1 else None
        if module is not None and module not in self.layers:
            self.problems.append(f"{path}: module {module} is not in tools/layers.txt")
            return
        public = path.suffix == ".hpp" and not path.stem.endswith("_impl")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if match:
                for problem in self.include(module, public, match[1], match[2]):
                    self.problems.append(f"{path.relative_to(self.root)}:{number}: {problem}")

    def include(self, module, public, bracket, name):
        """Yields what is wrong with one #include of a file in `module` (None: an umbrella)."""
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


def main():
    if "--help" in sys.argv:
        print(__doc__.strip())
        return 0
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    checker = Checker(root)
    paths = sorted(path for path in (root / "aio").rglob("*") if path.suffix in (".hpp", ".cpp"))
    for path in paths:
        checker.file(path)
    for problem in checker.problems:
        print(problem)
    print(f"{len(paths)} files, {len(checker.problems)} problems")
    return 1 if checker.problems else 0


if __name__ == "__main__":
    sys.exit(main())
