# SPDX-License-Identifier: MIT
"""The programs that are compared: aio's own, the bare limits and the peers; builds the latter two."""
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from . import rows

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
BUILD = ROOT / "build" / "bench"

CXX = ["clang++-19", "-std=c++20", "-O2", "-DNDEBUG"]
PYTHON = "/usr/bin/python3"  # the one that Debian's uvloop is made for

LIMIT = "limit"
AIO = "aio"
AIO_GCC = "aio, g++"


@dataclass
class Program:
    name: str
    command: list
    env: dict = field(default_factory=dict)
    part: float = 1.0  # runs this part of a benchmark's count, because it is slow
    only: tuple = ()  # benchmarks that it has; empty: all
    native: bool = True  # callgrind can count its instructions
    message: int = 0  # size of those that it is sent when calls and instructions are counted; 0: the row's
    http: bool = False  # its answers begin with an HTTP head
    processors: int = 1  # how many a server may use

    @property
    def slow(self):
        return self.part < 0.1

    def has(self, bench):
        return not self.only or bench in self.only

    def environment(self):
        return {**os.environ, **self.env}


class Builder:
    """Compiles the limits, the generator and the peers into build/bench, each when its sources changed."""

    def __init__(self):
        BUILD.mkdir(parents=True, exist_ok=True)

    def cxx(self, name, source, *libraries):
        sources = [BENCH / source, ROOT / "cli/histogram.hpp", *BENCH.glob("*.hpp"), *BENCH.glob("raw/*.hpp"),
                   *(BENCH / source).parent.glob("*.hpp")]
        return self.build(name, sources, [*CXX, "-o", BUILD / name, BENCH / source, *libraries])

    def go(self, name, source):
        env = {"GO111MODULE": "off", "GOFLAGS": "", "GOPATH": "/usr/share/gocode", "GOCACHE": str(BUILD / "go-cache")}
        return self.build(name, [BENCH / source], ["go", "build", "-o", BUILD / name, BENCH / source], env)

    @staticmethod
    def build(name, sources, command, env=None):
        """The program's path; None, with a message, if it cannot be built."""
        target = BUILD / name
        if target.exists() and all(source.stat().st_mtime < target.stat().st_mtime for source in sources):
            return str(target)
        if not shutil.which(command[0]):
            print(f"bench: {name} is left out: there is no {command[0]}", file=sys.stderr)
            return None
        print(f"building {name}", flush=True)
        result = subprocess.run(list(map(str, command)), env={**os.environ, **(env or {})})
        if result.returncode:
            print(f"bench: {name} is left out: it does not build", file=sys.stderr)
            return None
        return str(target)


def existing(path):
    return str(path) if path.exists() else None


def installed(program, command):
    """`command` if the program that it runs is there; with a message if not."""
    if shutil.which(program):
        return command
    print(f"bench: {program} is left out: it is not installed", file=sys.stderr)
    return [None]


def made(programs):
    """Those whose program is there."""
    return [program for program in programs if program.command[0]]


def own_programs(build, release, gcc, kind):
    return [
        Program(LIMIT, [build.cxx(f"raw_{kind}", f"raw/{kind}.cpp")]),
        Program(AIO, [existing(release / f"bench/{kind}_bench")]),
        Program(AIO_GCC, [existing(gcc / f"bench/{kind}_bench")]),
    ]


def micro_programs(release, gcc, peers, kind="micro"):
    """The limit first, then aio, then the peers. `kind`: micro or threads."""
    build = Builder()
    programs = own_programs(build, release, gcc, kind)
    if peers:
        script = str(BENCH / "peers/py_micro.py")
        programs += [
            Program("Boost.Asio", [build.cxx("asio_micro", "peers/asio_micro.cpp")], part=0.25),
            Program("Go", [build.go("go_micro", "peers/go_micro.go")], {"GOMAXPROCS": "1"}, part=0.25,
                    native=False, only=("spawn", "gather1k", "gather100k", "yield", "timer", "sleep")),
            Program("uvloop", [PYTHON, script, "uvloop"], part=0.05, native=False),
            Program("asyncio", [PYTHON, script, "asyncio"], part=0.05, native=False),
        ]
    return made(programs)


def process_programs(release, gcc, peers):
    """The same for child processes."""
    build = Builder()
    programs = own_programs(build, release, gcc, "process")
    if peers:
        python = [PYTHON, str(BENCH / "peers/py_process.py")]
        programs += [
            Program("Go", [build.go("go_process", "peers/go_process.go")], {"GOMAXPROCS": "1"},
                    only=("spawn_true",), native=False),
            Program("Python subprocess", [*python, "subprocess"], only=("spawn_true",), part=0.25, native=False),
            Program("asyncio", [*python, "asyncio"], part=0.25, native=False),
            Program("socat", [*installed("socat", python), "socat"], only=("cat",), native=False),
        ]
    return made(programs)


def router_programs(release, gcc, peers):
    """The same for look-ups of routes, which have no limit."""
    programs = [
        Program(AIO, [existing(release / "bench/router_bench")]),
        Program(AIO_GCC, [existing(gcc / "bench/router_bench")]),
    ]
    if peers:
        programs += [
            Program("Go", [Builder().go("go_router", "peers/go_router.go")], {"GOMAXPROCS": "1"}, part=0.05,
                    native=False),
            Program("aiohttp", [PYTHON, str(BENCH / "peers/py_router.py")], part=0.0005, native=False),
        ]
    return made(programs)


def echo_programs(release, gcc, peers):
    """Servers; the port is the last argument of each."""
    build = Builder()
    with_uring = (*(row.name for row in rows.URING), "syscalls", "instructions")
    programs = [
        Program(LIMIT, [build.cxx("raw_echo", "raw/echo.cpp")]),
        Program("aio streams", [existing(release / "bench/echo_streams_bench")]),
        Program("aio read_view", [existing(release / "bench/echo_read_view_bench")]),
        Program("aio protocol", [existing(release / "bench/echo_protocol_bench")]),
        Program("aio io_uring", [existing(release / "bench/echo_protocol_bench")], {"AIO_POLLER": "io_uring"},
                only=with_uring),
        Program("aio io_uring, deferred", [existing(release / "bench/echo_protocol_bench"), "defer"],
                {"AIO_POLLER": "io_uring"}, only=with_uring),
        Program("bare io_uring", [build.cxx("uring_echo", "raw/uring_echo.cpp", "-luring")],
                only=with_uring),
        Program("aio lines", [existing(release / "bench/line_protocol_bench")], only=("lines", "instructions"),
                message=64),
        Program("aio streams, g++", [existing(gcc / "bench/echo_streams_bench")]),
        Program("aio protocol, g++", [existing(gcc / "bench/echo_protocol_bench")]),
        Program("aio lines, g++", [existing(gcc / "bench/line_protocol_bench")], only=("lines", "instructions"),
                message=64),
    ]
    if peers:
        script = str(BENCH / "peers/py_echo.py")
        programs += [
            Program("Boost.Asio", [build.cxx("asio_echo", "peers/asio_echo.cpp")]),
            Program("Boost.Asio callbacks", [build.cxx("asio_callback_echo", "peers/asio_callback_echo.cpp")],
                    only=("unix",)),
            Program("libuv", [build.cxx("uv_echo", "peers/uv_echo.cpp", "-luv")]),
            Program("Go", [build.go("go_echo", "peers/go_echo.go")], {"GOMAXPROCS": "1"}, native=False),
        ]
        programs += [
            Program(f"{loop} {api}", [PYTHON, script, loop, api], native=False)
            for loop in ("uvloop", "asyncio") for api in ("streams", "protocol")
        ]
    return made(programs)


def sendfile_programs(release, gcc, peers):
    """Servers that answer a request with a file; the port is the last argument of each."""
    programs = [
        Program(LIMIT, [Builder().cxx("raw_sendfile", "raw/sendfile.cpp")]),
        Program("aio sendfile", [existing(release / "bench/sendfile_bench")]),
        Program("aio sendfile, g++", [existing(gcc / "bench/sendfile_bench")]),
    ]
    if peers:
        nginx = installed("nginx", [PYTHON, str(BENCH / "peers/nginx.py"), str(BUILD)])
        programs.append(Program("nginx", nginx, native=False, http=True))
    return made(programs)


def http_programs(release, gcc, peers):
    """Web servers that answer "hello, world"; the port is the last argument of each."""
    build = Builder()
    programs = [
        Program(LIMIT, [build.cxx("raw_http_hello", "raw/http_hello.cpp")], http=True),
        Program("aio http", [existing(release / "bench/http_hello_bench")], http=True),
        Program("aio http, g++", [existing(gcc / "bench/http_hello_bench")], http=True),
    ]
    if peers:
        nginx = installed("nginx", [PYTHON, str(BENCH / "peers/nginx.py"), str(BUILD), "hello"])
        script = str(BENCH / "peers/py_hello.py")
        programs += [
            Program("nginx", nginx, native=False, http=True),
            Program("Boost.Beast", [build.cxx("beast_hello", "peers/beast_hello.cpp")], http=True),
            Program("Go", [build.go("go_hello", "peers/go_hello.go")], {"GOMAXPROCS": "1"}, native=False, http=True),
        ]
        programs += [Program(f"aiohttp on {loop}", [PYTHON, script, loop], native=False, http=True)
                     for loop in ("asyncio", "uvloop")]
    return made(programs)


def certificate():
    """A PEM file with a private key (P-256) and its certificate, made once."""
    path = BUILD / "localhost.pem"
    if not path.exists():
        key, signed = BUILD / "localhost.key", BUILD / "localhost.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", signed, "-days", "3650", "-subj", "/CN=localhost"],
                       check=True, capture_output=True)
        path.write_text(signed.read_text() + key.read_text())
    return str(path)


def tls_programs(release, gcc, peers):
    """TLS echo servers; the certificate's file and the port are the last arguments of each."""
    build = Builder()
    pem = certificate()
    programs = [
        Program(LIMIT, [build.cxx("raw_tls_echo", "raw/tls_echo.cpp", "-lssl", "-lcrypto"), pem]),
        Program("aio TLS", [existing(release / "bench/tls_echo_bench"), pem]),
        Program("aio TLS, g++", [existing(gcc / "bench/tls_echo_bench"), pem]),
    ]
    if peers:
        script = str(BENCH / "peers/py_echo.py")
        programs += [
            Program("Boost.Asio", [build.cxx("asio_tls", "peers/asio_tls.cpp", "-lssl", "-lcrypto"), pem]),
            Program("Go", [build.go("go_echo", "peers/go_echo.go"), pem], {"GOMAXPROCS": "1"}, native=False),
        ]
        programs += [Program(f"{loop} protocol", [PYTHON, script, loop, "protocol", pem], native=False)
                     for loop in ("uvloop", "asyncio")]
    return made(programs)


def datagram_programs(release, gcc, peers, row):
    """UDP echo servers; the limit works as the row's name says. The port is the last argument of each."""
    build = Builder()
    limit = build.cxx("raw_udp_echo", "raw/udp_echo.cpp")
    programs = [
        Program(LIMIT, [limit, "batch"] if row.name == "udp_batches" else [limit]),
        Program("aio datagrams", [existing(release / "bench/udp_echo_bench")]),
        Program("aio datagrams, g++", [existing(gcc / "bench/udp_echo_bench")]),
    ]
    if peers:
        programs += [
            Program("Boost.Asio", [build.cxx("asio_udp", "peers/asio_udp.cpp")]),
            Program("libuv", [build.cxx("uv_udp", "peers/uv_udp.cpp", "-luv")]),
            Program("Go", [build.go("go_udp", "peers/go_udp.go")], {"GOMAXPROCS": "1"}, native=False),
        ]
    return made(programs)


def pipeline_programs(release, gcc, peers):
    """Servers of Redis commands; the limit is Redis. The port is the last argument of each."""
    build = Builder()
    redis = ["redis-server", "--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--port"]
    programs = [
        Program(LIMIT, redis, native=False),
        Program("aio streams", [existing(release / "bench/pipeline_bench")]),
        Program("aio streams, not gathered", [existing(release / "bench/pipeline_bench"), "immediate"]),
        Program("aio streams, g++", [existing(gcc / "bench/pipeline_bench")]),
    ]
    if peers:
        script = str(BENCH / "peers/py_pipeline.py")
        programs += [
            Program("Boost.Asio", [build.cxx("asio_pipeline", "peers/asio_pipeline.cpp")]),
            Program("libuv", [build.cxx("uv_pipeline", "peers/uv_pipeline.cpp", "-luv")]),
            Program("Go", [build.go("go_pipeline", "peers/go_pipeline.go")], {"GOMAXPROCS": "1"}, native=False),
            Program("uvloop streams", [PYTHON, script, "uvloop"], part=0.2, native=False),
            Program("asyncio streams", [PYTHON, script, "asyncio"], part=0.2, native=False),
        ]
    return made(programs)


def load_generator(name="echo_load", *libraries):
    return Builder().cxx(name, f"load/{name}.cpp", *libraries)
