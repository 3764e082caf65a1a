# SPDX-License-Identifier: MIT
"""The machine: its processors, its noise, its versions."""
import os
import resource
import subprocess
import time

# The program that is measured runs on the first processor, the load generator on the last.
PROCESSORS = sorted(os.sched_getaffinity(0))
MEASURED, GENERATOR = PROCESSORS[0], PROCESSORS[-1]
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def pinned_to(processor):
    return lambda: os.sched_setaffinity(0, {processor})


def pinned_to_first(count):
    return lambda: os.sched_setaffinity(0, set(PROCESSORS[:count]))


def busy_seconds():
    """CPU seconds spent by everybody on all processors since boot."""
    with open("/proc/stat") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:9]]
    idle, waiting = ticks[3], ticks[4]
    return (sum(ticks) - idle - waiting) / TICKS_PER_SECOND


def own_seconds():
    """CPU seconds spent by this process and its children that ended."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def wait_until_quiet(share, at_most):
    """Waits until others use less than `share` of one processor, `at_most` seconds."""
    end = time.monotonic() + at_most
    while time.monotonic() < end:
        busy, start = busy_seconds(), time.monotonic()
        time.sleep(0.05)
        if busy_seconds() - busy < share * (time.monotonic() - start):
            return


def process_cpu_ns(pid):
    """CPU nanoseconds of all threads of a process, to the scheduler's own precision."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/schedstat") as stat:
                total += int(stat.read().split()[0])
        except OSError:
            pass
    return total


def process_memory_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


def first_line(*command):
    try:
        output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        return output.splitlines()[0].strip()
    except (OSError, IndexError):
        return ""


def package_version(package):
    return first_line("dpkg-query", "-W", "-f", "${Version}", package) or "?"


def description():
    """Lines that say where and with what the numbers were made."""
    model = "?"
    with open("/proc/cpuinfo") as cpuinfo:
        for line in cpuinfo:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = first_line("git", "rev-parse", "--short", "HEAD") or "?"
    changed = " with uncommitted changes" if first_line("git", "status", "--porcelain", "aio") else ""
    return [
        f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC, aio {commit}{changed}",
        f"{os.cpu_count()} processors {model}, {memory:.0f} GiB, Linux {os.uname().release}",
        f"{first_line('clang++-19', '--version')}; g++ {first_line('g++', '-dumpfullversion')}",
        f"Boost.Asio of Boost {package_version('libboost1.81-dev')} (clang, -O2); "
        f"libuv {package_version('libuv1-dev')}; "
        f"{first_line('/usr/bin/python3', '--version')}, uvloop {package_version('python3-uvloop')}; "
        f"{first_line('go', 'version')}, GOMAXPROCS=1; nginx {package_version('nginx')}, "
        f"aiohttp {package_version('python3-aiohttp')}, libcurl {package_version('libcurl4-openssl-dev')}",
    ]
