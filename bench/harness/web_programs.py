# SPDX-License-Identifier: MIT
"""Web servers and clients that do more than to say hello; see programs.py."""
import sys

from . import rows
from .programs import AIO, BENCH, BUILD, LIMIT, PYTHON, ROOT, Builder, Program, existing, installed, made

COMPILE = [sys.executable, str(BENCH / "harness/compiling.py"), "clang++-19", "-std=c++20", "-O2", "-DNDEBUG"]


def one_mebibyte():
    """The path of a file that is so large."""
    path = BUILD / "one_mebibyte.bin"
    if not path.exists() or path.stat().st_size != 1 << 20:
        path.write_bytes(bytes(1 << 20))
    return str(path)


def service_programs(release, gcc, peers, row):
    """Web servers for a row of rows.SERVICES; the port is the last argument of each."""
    build = Builder()
    limit, *libraries = {
        "http_json": ("http_json", "-lboost_json", "-lboost_container"),
        "http_headers": ("http_headers",),
        "http_file": ("http_file",),
    }[row.name]
    file = one_mebibyte()
    sent = [file] if row.name == "http_file" else []
    programs = [
        Program(LIMIT, [build.cxx(f"raw_{limit}", f"raw/{limit}.cpp", *libraries), *sent], http=True),
        Program("aio http", [existing(release / "bench/http_service_bench"), file, "1"], http=True),
        Program("aio http, g++", [existing(gcc / "bench/http_service_bench"), file, "1"], http=True),
    ]
    if peers:
        if row.name != "http_json":
            what = ["headers"] if row.name == "http_headers" else []
            nginx = installed("nginx", [PYTHON, str(BENCH / "peers/nginx.py"), str(BUILD), *what])
            programs.append(Program("nginx", nginx, native=False, http=True))
        beast = build.cxx("beast_service", "peers/beast_service.cpp", "-lboost_json", "-lboost_container")
        script = str(BENCH / "peers/py_service.py")
        programs += [
            Program("Boost.Beast", [beast, file], http=True),
            Program("Go", [build.go("go_service", "peers/go_service.go"), file], {"GOMAXPROCS": "1"}, native=False,
                    http=True),
        ]
        programs += [Program(f"aiohttp on {loop}", [PYTHON, script, loop, file], native=False, http=True)
                     for loop in ("asyncio", "uvloop")]
    return made(programs)


def workers_programs(release):
    """aio's server with one worker, the limit, and with two; the port is the last argument of each."""
    server = existing(release / "bench/http_service_bench")
    return made([
        Program(LIMIT, [server, one_mebibyte(), "1"], http=True),
        Program("aio two workers", [server, one_mebibyte(), "2"], http=True, processors=2),
    ])


def websocket_programs(release, gcc, peers):
    """Servers of WebSockets; the port is the last argument of each."""
    build = Builder()
    programs = [
        Program(LIMIT, [build.cxx("raw_websocket", "raw/websocket.cpp")]),
        Program("aio WebSocket", [existing(release / "bench/http_websocket_bench")]),
        Program("aio WebSocket, g++", [existing(gcc / "bench/http_websocket_bench")]),
    ]
    if peers:
        script = str(BENCH / "peers/py_websocket.py")
        programs += [
            Program("Boost.Beast", [build.cxx("beast_websocket", "peers/beast_websocket.cpp")]),
            Program("Go", [build.go("go_websocket", "peers/go_websocket.go")], {"GOMAXPROCS": "1"}, native=False),
        ]
        programs += [Program(library, [PYTHON, script, library], native=False) for library in ("aiohttp", "websockets")]
    return made(programs)


def client_programs(release, gcc, peers):
    """Web clients, which ask for a URL so often: `PROGRAM URL N`."""
    build = Builder()
    programs = [
        Program(LIMIT, [build.cxx("raw_http_client", "raw/http_client.cpp")]),
        Program("aio client", [existing(release / "bench/http_client_bench")]),
        Program("aio client, g++", [existing(gcc / "bench/http_client_bench")]),
    ]
    if peers:
        script = str(BENCH / "peers/py_client.py")
        programs += [
            Program("curl multi", [build.cxx("curl_client", "peers/curl_client.cpp", "-lcurl")]),
            Program("Go", [build.go("go_client", "peers/go_client.go")], {"GOMAXPROCS": "1"}, native=False),
        ]
        programs += [Program(f"aiohttp on {loop}", [PYTHON, script, loop], part=0.05, native=False)
                     for loop in ("asyncio", "uvloop")]
    return made(programs)


def web_server():
    """What clients ask; the port is its last argument. None if it cannot be built."""
    path = Builder().cxx("http_server", "load/http_server.cpp")
    return Program("http_server", [path, str(rows.CLIENT.size)], http=True) if path else None


def compile_programs(peers):
    """Compilers of hello servers: `PROGRAM BENCH N`."""
    programs = [Program(AIO, [*COMPILE, "-I", str(ROOT), str(BENCH / "http_hello_bench.cpp")])]
    if peers:
        programs.append(Program("Boost.Beast", [*COMPILE, str(BENCH / "peers/beast_hello.cpp")]))
    return programs
