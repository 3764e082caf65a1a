# SPDX-License-Identifier: MIT
"""Writes the results as Markdown."""
import math
import re

from . import machine
from .programs import AIO, AIO_GCC, LIMIT
from .rows import (ECHO, ECHO_MEMORY, HELLO_INSTRUCTIONS, HTTP, HTTP_IDLE, HTTP_IDLE_MEMORY, INSTRUCTIONS, LINES,
                   PIPELINE, SLEEP, SLEEP_MEMORY, SYSTEM_CALLS, TLS_IDLE, TLS_IDLE_MEMORY, URING_CALLS, WEBSOCKET_IDLE,
                   WEBSOCKET_IDLE_MEMORY, WORKERS_COMPUTE, WORKERS_RATE)

HOW_TO_READ = """\
How to read it: the limit is the least that the kernel and one processor need for the job (`raw/`). A ratio
is paired: each sample is divided by the limit's samples just before and just after it, then the median is
taken; phases in which the machine is slow cancel out that way. CPU time is all of the process's, the
kernel's part included, per message or per operation; lower is better. Goals in nanoseconds were set on one
machine; on others, and here, the same goal as a ratio to the limit decides. System calls and instructions
are counted, not timed; only how many connections one epoll_wait finds ready depends on the machine.
"""


def number(value, digits=None):
    if value is None or math.isnan(value):
        return "-"
    if digits is None:
        digits = 2 if value < 3 else 1 if value < 100 else 0
    return f"{value:,.{digits}f}"


def verdict(value, must, ahead):
    """Which goal a value reaches, at the precision the goals are given in. There may be no goal `ahead`, or none at all."""
    reached = [name for name, goal in (("ahead", ahead), ("must", must))
               if goal is not None and round(value, 2) <= round(goal, 2)]
    return reached[0] if reached else "-" if must is None else "**missed**"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


class Report:
    """Collects results by row; see text()."""

    def __init__(self, command):
        self.command = command
        self.micro = {}  # row: {program: Summary}
        self.echo = {}  # row: {server: Summary}
        self.pipeline = {}  # server: Summary
        self.idle_memory = {}  # row: {server: counts.Idle}
        self.system_calls = {}  # row: {program: {call: (count, failed)}}
        self.instructions = {}  # row of servers: {server: count}
        self.micro_instructions = {}  # row: {program: count}

    def text(self):
        parts = ["# Benchmark results\n", "\n".join(f"- {line}" for line in machine.description()) + "\n",
                 f"Made by `{self.command}`.\n", HOW_TO_READ]
        parts += self.goals()
        parts += self.echo_details()
        parts += self.idle_details()
        parts += self.system_call_details()
        parts += self.micro_details()
        parts += self.instruction_details()
        return "\n".join(parts)

    # --- the table of goals

    def goals(self):
        rows = [*self.echo_goals(), *self.pipeline_goals(), *self.count_goals(), *self.micro_goals()]
        if not rows:
            return []
        header = ["benchmark", "limit", "must", "ahead", "limit here", "aio", "ratio", "reaches", "aio, g++",
                  "peers"]
        return ["## Goals\n", table(header, rows)]

    def echo_goals(self):
        for row, summaries in self.echo.items():
            for server, (must, ahead) in row.goals.items():
                if server not in summaries or LIMIT not in summaries:
                    continue
                if must is None:
                    must = min((summaries[name].ratio for name in row.than if name in summaries), default=None)
                api = server.removeprefix("aio ")
                gcc = summaries.get(f"{server}, g++")
                other_api = {"streams": "protocol", "protocol": "streams"}.get(api, "streams")
                peers = {
                    name: summary.ratio for name, summary in summaries.items()
                    if is_peer(name) and not name.endswith(other_api)
                }
                yield [f"{row.title}, {api}", "1.00", number(must), number(ahead),
                       f"{number(summaries[LIMIT].value)} ns", f"{number(summaries[server].value)} ns",
                       number(summaries[server].ratio, 3), verdict(summaries[server].ratio, must, ahead),
                       number(gcc.ratio if gcc else None, 3), listed(peers)]
            if row.name == "echo1000" and "aio streams" in summaries:
                memory = {name: summary.extra["memory_mb"] for name, summary in summaries.items()}
                yield self.count_row(ECHO_MEMORY, memory)
            if row is WORKERS_COMPUTE and "aio two workers" in summaries and LIMIT in summaries:
                yield self.rate_row(row, summaries)

    @staticmethod
    def rate_row(row, summaries):
        one, two = (summaries[name].extra["rate"] for name in (LIMIT, "aio two workers"))
        return [f"{row.title}, two workers, requests per second", "-", f"x{WORKERS_RATE}", "-", number(one), number(two),
                f"x{number(two / one)}", verdict(-two / one, -WORKERS_RATE, None), "-", "-"]

    def pipeline_goals(self):
        """In commands per second: so many times those of the same program without gathering; a part of Redis's."""
        rates = {name: summary.extra["rate"] for name, summary in self.pipeline.items()}
        if not {LIMIT, "aio streams", "aio streams, not gathered"} <= rates.keys():
            return
        aio, redis = rates["aio streams"], rates[LIMIT]
        faster = aio / rates["aio streams, not gathered"]
        reached = ("ahead" if aio / redis >= PIPELINE.of_redis else "must" if faster >= PIPELINE.faster
                   else "**missed**")
        peers = {name: rate / redis for name, rate in rates.items() if is_peer(name)}
        gcc = rates.get("aio streams, g++")
        yield [f"{PIPELINE.title}, per second; the limit is Redis", "-", f"not gathered x {PIPELINE.faster}",
               f"Redis x {PIPELINE.of_redis}", number(redis), number(aio),
               f"not gathered x {number(faster)}, Redis x {number(aio / redis)}", reached,
               f"Redis x {number(gcc / redis)}" if gcc else "-", listed(peers, "x")]

    def count_goals(self):
        tls = {name: memory.connected for name, memory in self.idle_memory.get(TLS_IDLE, {}).items()}
        if {LIMIT, "aio TLS"} <= tls.keys():
            must, ahead = TLS_IDLE_MEMORY
            yield self.count_row((f"{TLS_IDLE.title}, MB", tls[LIMIT], tls[LIMIT] + must, tls[LIMIT] + ahead), tls,
                                 "aio TLS")
        for row, goal, server in ((HTTP_IDLE, HTTP_IDLE_MEMORY, "aio http"),
                                  (WEBSOCKET_IDLE, WEBSOCKET_IDLE_MEMORY, "aio WebSocket")):
            used = {name: memory.connected - memory.start for name, memory in self.idle_memory.get(row, {}).items()}
            if server in used:
                yield self.count_row(goal, used, server)
        calls = self.system_calls.get(ECHO[0], {})
        if "aio streams" in calls:
            totals = {name: total(of_each) for name, of_each in calls.items()}
            yield self.count_row(SYSTEM_CALLS, totals, by_ratio=True)
            if "aio io_uring, deferred" in totals:
                yield self.count_row(URING_CALLS, totals, "aio io_uring, deferred")
        instructions = self.instructions.get(ECHO[0], {})
        if "aio streams" in instructions:
            yield self.count_row(INSTRUCTIONS, instructions)
            if "aio read_view" in instructions:
                yield self.count_row(INSTRUCTIONS, instructions, "aio read_view")
            if {"aio read_view", "aio lines"} <= instructions.keys():
                yield self.lines_row(instructions)

        hello = self.instructions.get(HTTP[0], {})
        if "aio http" in hello:
            yield self.count_row(HELLO_INSTRUCTIONS, hello, "aio http")

    @staticmethod
    def lines_row(instructions):
        title, must, ahead = LINES
        limit, aio, gcc = (instructions.get(name) for name in ("aio read_view", "aio lines", "aio lines, g++"))
        return [title, "-", f"x{number(must)}", f"x{number(ahead)}", number(limit), number(aio),
                f"x{number(aio / limit)}", verdict(aio / limit, must, ahead), number(gcc), "-"]

    @staticmethod
    def count_row(goal, values, aio="aio streams", by_ratio=False):
        title, limit, must, ahead = goal
        here = values.get(LIMIT)
        scale = here / limit if by_ratio and here else 1
        peers = {name: value for name, value in values.items() if is_peer(name)}
        return [title + (f" ({aio.removeprefix('aio ')})" if aio != AIO else ""), number(limit), number(must),
                number(ahead), number(here), number(values[aio]),
                number(values[aio] / here if here else None),
                verdict(values[aio], must * scale, ahead * scale),
                number(values.get(f"{aio}, g++")), listed(peers)]

    def micro_goals(self):
        for row, summaries in self.micro.items():
            if row.than and AIO in summaries and row.than[0] in summaries:
                yield self.row_against_peer(row, summaries)
            if not row.limit or AIO not in summaries or LIMIT not in summaries:
                continue
            gcc = summaries.get(AIO_GCC)
            aio = summaries[AIO]
            peers = {name: summary.ratio for name, summary in summaries.items() if is_peer(name)}
            yield [row.title, f"{number(row.limit)} ns", f"{number(row.must)} ns = x{number(row.must_ratio)}",
                   f"{number(row.ahead)} ns = x{number(row.ahead_ratio)}",
                   f"{number(summaries[LIMIT].value)} ns", f"{number(aio.value)} ns", f"x{number(aio.ratio)}",
                   verdict(aio.ratio, row.must_ratio, row.ahead_ratio),
                   f"x{number(gcc.ratio)}" if gcc else "-", listed(peers, "x")]
            if row is SLEEP:
                memory = {name: summary.extra["rss_mb"] for name, summary in summaries.items()}
                yield self.count_row(SLEEP_MEMORY, memory, AIO)

    @staticmethod
    def row_against_peer(row, summaries):
        peer, must, ahead = row.than
        theirs, aio, gcc = (summaries.get(name) for name in (peer, AIO, AIO_GCC))
        # Of two programs of the same row the ratios to its limit are paired, the times are not.
        times = (theirs.value / aio.value if math.isnan(theirs.ratio) else theirs.ratio / aio.ratio)
        peers = {name: summary.value for name, summary in summaries.items() if is_peer(name) and name != peer}
        return [row.title, "-", f"{peer} / {must}", f"{peer} / {ahead}" if ahead else "-",
                f"{peer} {duration(theirs.value)}", duration(aio.value), f"1 / {number(times)}",
                verdict(100 / times, 100 / must, 100 / ahead if ahead else None),
                f"1 / {number(theirs.value / gcc.value)}" if gcc else "-", listed(peers, unit=" ns")]

    # --- details

    def echo_details(self):
        parts = []
        everything = {**self.echo, **({PIPELINE: self.pipeline} if self.pipeline else {})}
        for row, summaries in everything.items():
            rows = [
                [name, number(s.value), number(s.best), number(s.ratio, 3), f"{s.spread:.0%}",
                 f"{s.extra['rate']:,.0f}", latency(s),
                 number(s.extra["memory_mb"]), f"{s.samples} ({s.noisy})"]
                for name, s in sorted(summaries.items(), key=lambda item: item[1].ratio)
            ]
            header = ["server", "CPU ns per message", "best", "ratio", "spread", "messages/s", "p50 / p99 us",
                      "memory MB", "samples (noisy)"]
            parts += [f"## {row.title[0].upper()}{row.title[1:]}\n", table(header, rows)]
        return parts

    def idle_details(self):
        parts = []
        for row, by_name in self.idle_memory.items():
            rows = [[name, number(memory.start), number(memory.connected),
                     number((memory.connected - memory.start) * 2**20 / row.connections, 0)]
                    for name, memory in sorted(by_name.items(), key=lambda item: item[1].connected)]
            parts += [f"## {row.title[0].upper()}{row.title[1:]}\n",
                      table(["server", "MB at its start", "MB with them", "bytes per connection"], rows)]
        return parts

    def system_call_details(self):
        if not self.system_calls:
            return []
        rows = []
        for row, by_name in self.system_calls.items():
            for name, calls in by_name.items():
                what = ", ".join(f"{call} {count:.2f}" + (f" ({failed:.2f} failed)" if failed > 0.02 else "")
                                 for call, (count, failed) in sorted(calls.items(), key=lambda item: -item[1][0]))
                rows.append([plain(row), name, f"{total(calls):.2f}", what])
        return ["## System calls per message (16 connections that take turns) or operation (children's, too)\n",
                table(["what", "program", "calls", "which"], rows)]

    def micro_details(self):
        if not self.micro:
            return []
        programs = names_in(self.micro.values())
        rows = [
            [row.title] + [
                timing(summaries.get(name))
                for name in programs
            ] for row, summaries in self.micro.items()
        ]
        return ["## Core operations: CPU ns (ratio to the limit)\n", table(["operation", *programs], rows)]

    def instruction_details(self):
        parts = []
        if self.instructions:
            rows = [[plain(row), name, number(count, 0)]
                    for row, by_name in self.instructions.items() for name, count in by_name.items()]
            parts += ["## User instructions per message (16 connections that take turns; lines: of 64 B)\n",
                      table(["what", "server", "instructions"], rows)]
        if self.micro_instructions:
            programs = names_in(self.micro_instructions.values())
            rows = [[row.title] + [number(counts.get(name), 0) for name in programs]
                    for row, counts in self.micro_instructions.items()]
            parts += ["## User instructions per core operation\n", table(["operation", *programs], rows)]
        return parts


def is_peer(name):
    return name != LIMIT and not name.startswith(AIO)


def plain(row):
    """A row's title without how many connections it has, which counting does not go by."""
    return re.sub(r", \d+ (connections|sockets)", "", row.title)


def total(calls):
    return sum(count for count, _ in calls.values())


def latency(summary):
    if "p50_us" not in summary.extra:
        return "-"
    return f"{summary.extra['p50_us']:.0f} / {summary.extra['p99_us']:.0f}"


def duration(nanoseconds):
    return f"{number(nanoseconds)} ns" if nanoseconds < 1e9 else f"{number(nanoseconds / 1e9)} s"


def timing(summary):
    if not summary:
        return "-"
    if math.isnan(summary.ratio):
        return number(summary.value)
    return f"{number(summary.value)} (x{number(summary.ratio)}) ±{summary.spread / 2:.0%}"


def listed(values, prefix="", unit=""):
    """ "libuv 1.02, Go 1.21", best first."""
    known = sorted((value, name) for name, value in values.items() if value is not None)
    return ", ".join(f"{name} {prefix}{number(value)}{unit}" for value, name in known) or "-"


def names_in(results):
    """All program names, in the order of their first appearance."""
    return list(dict.fromkeys(name for result in results for name in result))
