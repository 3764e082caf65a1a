# SPDX-License-Identifier: MIT
"""How long a compiler takes: compiling.py COMPILER OPTION... SOURCE BENCH N

Compiles N times, to nowhere, and prints one line of JSON as programs of microbenchmarks do."""
import json
import os
import resource
import subprocess
import sys
import time

*command, bench, count = sys.argv[1:]
count = int(count)
start = time.monotonic()
for _ in range(count):
    subprocess.run([*command, "-c", "-o", os.devnull], check=True)
wall = time.monotonic() - start
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"bench": bench, "n": count, "ns": wall / count * 1e9,
                  "cpu_ns": (usage.ru_utime + usage.ru_stime) / count * 1e9, "rss_mb": usage.ru_maxrss / 1024}))
