#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures aio against the bare limits and its peers, and writes bench/results.md.

./dev bench does the set-up and the build first. A full run takes about an hour on two processors;
whatever else the machine does shows in the numbers, so leave it alone meanwhile. Runs that leave something
out (--quick, --only, --no-peers) write build/bench/results.md instead.
"""
import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from harness import client, counts, echo, micro, pipeline, programs, rows, web_programs
from harness.alternation import Plan
from harness.programs import AIO, ROOT
from harness.report import Report, number, total


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer, shorter samples: a few minutes")
    parser.add_argument("--only", metavar="ROW,...", help="these rows; with syscalls or instructions beside others, these "
                        f"are counted of them alone: {', '.join(rows.names())}")
    parser.add_argument("--rounds", type=int, metavar="N", help="how often aio and the limit are sampled")
    parser.add_argument("--no-peers", action="store_true", help="only aio and the limits")
    parser.add_argument("--release", type=Path, default=ROOT / "build/release", metavar="FOLDER",
                        help="build folder of aio's programs (build/release)")
    parser.add_argument("--gcc", type=Path, default=ROOT / "build/gcc", metavar="FOLDER",
                        help="build folder of those compiled by g++, used if it has them (build/gcc)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where the results go")
    options = parser.parse_args()
    options.only = options.only.split(",") if options.only else rows.names()
    unknown = set(options.only) - set(rows.names())
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)} (one of: {', '.join(rows.names())})")
    partial = options.quick or options.no_peers or len(options.only) < len(rows.names())
    options.output = options.output or (programs.BUILD if partial else programs.BENCH) / "results.md"
    if options.quick:
        options.plan = Plan(options.rounds or 3, peer_rounds=1, retries=0, scale=0.25, seconds=0.3)
    else:
        options.plan = Plan(options.rounds or 11, peer_rounds=min(options.rounds or 11, 3))
    return options


def say(text):
    print(text, flush=True)


def show(title, summaries):
    figures = [f"{name} {number(s.value)} ns (x{number(s.ratio)})" for name, s in summaries.items()]
    say(f"{title}: {', '.join(figures)}")


def contenders_of(row, servers, options):
    """The servers of a row; `servers` are those of the echo rows."""
    built = (options.release, options.gcc, not options.no_peers)
    if row.kind == "tls":
        return programs.tls_programs(*built)
    if row.kind == "websocket":
        return web_programs.websocket_programs(*built)
    if row.kind == "udp":
        return programs.datagram_programs(*built, row)
    if row in (rows.WORKERS, rows.WORKERS_COMPUTE):
        return web_programs.workers_programs(options.release)
    if row in rows.SERVICES:
        return web_programs.service_programs(*built, row)
    if row.kind == "http":
        return programs.http_programs(*built)
    if row.answer:
        return programs.sendfile_programs(*built)
    return [server for server in servers if server.has(row.name) and
            (not row.servers or server.name in (programs.LIMIT, *row.servers))]


def measure_echo(options, servers, report):
    for group, generator in ((rows.ECHO + rows.HTTP_LOADED, ("echo_load",)), (rows.TLS, ("tls_load", "-lssl", "-lcrypto")),
                             (rows.DATAGRAMS, ("udp_load",))):
        wanted = [row for row in group if row.name in options.only]
        load = programs.load_generator(*generator) if wanted else None
        if wanted and not load:
            sys.exit(f"bench: no {generator[0]}, so no rows that it loads")
        for row in wanted:
            report.echo[row] = echo.measure(row, contenders_of(row, servers, options), load, options.plan)
            show(row.title, report.echo[row])


def measure_idle_memory(row, options, report):
    for program in contenders_of(row, (), options):
        memory = counts.idle_memory(row, program)
        if memory:
            report.idle_memory.setdefault(row, {})[program.name] = memory
            say(f"{row.title}, {program.name}: {memory.connected:.1f} MB, at its start {memory.start:.1f}")


def measure_client(options, report):
    contenders = web_programs.client_programs(options.release, options.gcc, not options.no_peers)
    server = web_programs.web_server()
    if server:
        report.echo[rows.CLIENT] = client.measure(contenders, server, options.plan)
        show(rows.CLIENT.title, report.echo[rows.CLIENT])


def measure_pipeline(options, report):
    contenders = programs.pipeline_programs(options.release, options.gcc, not options.no_peers)
    report.pipeline = pipeline.measure(rows.PIPELINE, contenders, options.plan)
    show(rows.PIPELINE.title, report.pipeline)


def measure_micro(options, contenders, report):
    for row in rows.MICRO:
        if row.name in options.only:
            report.micro[row] = micro.measure(row, contenders, options.plan)
            show(row.title, report.micro[row])
    built = (options.release, options.gcc, not options.no_peers)
    for group, programs_of in ((rows.THREADS, lambda: programs.micro_programs(*built, "threads")),
                               (rows.PROCESSES, lambda: programs.process_programs(*built)),
                               (rows.ROUTER, lambda: programs.router_programs(*built)),
                               ((rows.COMPILE,), lambda: web_programs.compile_programs(not options.no_peers))):
        if any(row.name in options.only for row in group):
            of_kind = programs_of()
            for row in group:
                if row.name in options.only:
                    report.micro[row] = micro.measure(row, of_kind, options.plan)
                    show(row.title, report.micro[row])
    if "sleep" in options.only:  # each takes seconds, Python's twenty
        sleepers = [replace(program, part=1.0) for program in contenders
                    if not options.quick or not program.slow]
        plan = Plan(rounds=1 if options.quick else 3, peer_rounds=1, retries=0 if options.quick else 3)
        report.micro[rows.SLEEP] = micro.measure(rows.SLEEP, sleepers, plan)
        show(rows.SLEEP.title, report.micro[rows.SLEEP])


def is_counted(row, options):
    """Rows that are named beside what is counted are the only ones."""
    return row.name in options.only or set(options.only) <= {"syscalls", "instructions"}


def counted_servers(count, servers, options):
    """(row, server) for all of which calls or instructions are counted; those of the echo row, the first, say so."""
    echo_row = rows.ECHO[0]
    if is_counted(echo_row, options):
        yield from ((echo_row, server) for server in servers if server.has(count))
    for row in [*rows.ECHO, *rows.HTTP_LOADED, *rows.TLS, *rows.DATAGRAMS]:
        if row.name in rows.COUNTED and is_counted(row, options):
            yield from ((row, server) for server in contenders_of(row, servers, options))


def least(count, options, program):
    """The best of some runs: on a busy machine one epoll_wait finds fewer connections ready."""
    tries = 5 if program.native and not options.quick else 1
    return min(filter(None, (count() for _ in range(tries))), key=total, default=None)


def count_system_calls(options, servers, report):
    jobs = [(row, server, partial(counts.system_calls, row, server))
            for row, server in counted_servers("syscalls", servers, options)]
    processes = programs.process_programs(options.release, options.gcc, not options.no_peers)
    jobs += [(row, program, partial(counts.operation_calls, row, program, micro.bench_name(row, program)))
             for row in rows.PROCESSES if is_counted(row, options) for program in micro.takers(row, processes)]
    for row, program, count in jobs:
        calls = least(count, options, program)
        if calls:
            report.system_calls.setdefault(row, {})[program.name] = calls
            say(f"system calls, {row.title}, {program.name}: {total(calls):.2f}")


def count_instructions(options, contenders, servers, report):
    """Counting does not mind company: as many at once as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        messages = {
            (row, server.name): pool.submit(counts.echo_instructions, row, server)
            for row, server in counted_servers("instructions", servers, options) if server.native
        }
        operations = {}
        processes = programs.process_programs(options.release, options.gcc, not options.no_peers)
        for group, takers in ((rows.MICRO, contenders), (rows.PROCESSES, processes)):
            for row in group:
                if not is_counted(row, options):
                    continue
                for program in filter(lambda taker: taker.native, micro.takers(row, takers)):
                    bench = micro.bench_name(row, program)
                    count = pool.submit(counts.micro_instructions, program, row, bench)
                    operations[row, program.name] = count
    for (row, name), count in messages.items():
        if count.result() is not None:
            report.instructions.setdefault(row, {})[name] = count.result()
            say(f"user instructions per message, {row.title}, {name}: {number(count.result())}")
    for (row, name), count in operations.items():
        report.micro_instructions.setdefault(row, {})[name] = count.result()
    for row, by_name in report.micro_instructions.items():
        figures = [f"{name} {number(count)}" for name, count in by_name.items()]
        say(f"user instructions, {row.title}: {', '.join(figures)}")


def main():
    options = parse_arguments()
    start = time.monotonic()
    peers = not options.no_peers
    contenders = programs.micro_programs(options.release, options.gcc, peers)
    servers = programs.echo_programs(options.release, options.gcc, peers)
    if not any(program.name == AIO for program in contenders):
        sys.exit(f"bench: {options.release} has no benchmarks; ./dev bench builds them")
    report = Report(" ".join(["./dev bench", *sys.argv[1:]]))

    def step(name):
        say(f"-- {name} ({time.monotonic() - start:.0f} s)")

    if any(row.name in options.only for row in [*rows.ECHO, *rows.HTTP_LOADED, *rows.TLS, *rows.DATAGRAMS]):
        step("servers")
        measure_echo(options, servers, report)
    for row in (rows.TLS_IDLE, rows.HTTP_IDLE, rows.WEBSOCKET_IDLE):
        if row.name in options.only:
            step("idle connections")
            measure_idle_memory(row, options, report)
    if "client" in options.only:
        step("web clients")
        measure_client(options, report)
    if "pipeline" in options.only:
        step("pipelined commands")
        measure_pipeline(options, report)
    if any(row.name in options.only for row in [*rows.MICRO, *rows.THREADS, *rows.PROCESSES, *rows.ROUTER, rows.COMPILE,
                                                 rows.SLEEP]):
        step("core operations")
        measure_micro(options, contenders, report)
    if "syscalls" in options.only:
        step("system calls")
        count_system_calls(options, servers, report)
    if "instructions" in options.only:
        step("instructions")
        count_instructions(options, contenders, servers, report)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(report.text())
    say(f"\n{options.output} written after {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
