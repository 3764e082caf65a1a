# SPDX-License-Identifier: MIT
"""The rows of the table: what is measured and what aio is to reach.

`must` and `ahead` are the project's goals, set on one machine beside `limit`, what the bare limit took
there. For times the goal that counts is the ratio to the limit as measured in the same run.
"""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class MicroRow:
    """A benchmark of micro_bench and of its peers; times in nanoseconds of CPU per operation."""

    name: str
    title: str
    n: int
    limit: float = 0  # 0: no goal is set
    must: float = 0
    ahead: float = 0
    limit_bench: str = ""  # the limit's benchmark, if it has another name
    only_aio: bool = False  # no peer has it
    not_in: tuple = ()  # peers that do not have it
    has_limit: bool = True
    than: tuple = ()  # a peer; must and ahead (or None) as times faster than it. Its goal in place of the limit's
    bench: str = ""  # the benchmark, if it has another name
    processors: int = 1  # how many it may use
    warm_up: bool = False  # run once, uncounted, before each sample
    counted: tuple = (20_000, 60_000)  # run lengths whose difference gives the instructions per operation

    @property
    def must_ratio(self):
        return self.must / self.limit

    @property
    def ahead_ratio(self):
        return self.ahead / self.limit


@dataclass(frozen=True)
class EchoRow:
    """Echo servers under load; the ratio of the server's CPU time per message to the limit's."""

    name: str
    title: str
    connections: int
    size: int
    in_flight: int
    goals: dict = field(hash=False)  # server: (must, ahead); must is None: the best of `than`; ahead is None: no such goal
    servers: tuple = ()  # beside the limit; empty: all
    answer: int = 0  # size of what a message is answered by; 0: it is echoed
    kind: str = "tcp"  # tls, udp, http; or unix, where the servers take @NAME for the port
    mode: str = ""  # the load generator's last argument
    request: str = ""  # what is sent, of messages.REQUESTS, if it is no usual one
    than: tuple = ()  # peers


@dataclass(frozen=True)
class PipelineRow:
    """Servers of Redis commands under redis-benchmark; the limit is Redis."""

    name: str
    title: str
    connections: int
    in_flight: int
    commands: int  # of a sample, and of each kind
    faster: float  # must: so many times the rate without gathering
    of_redis: float  # ahead: this part of Redis's rate


MICRO = [
    MicroRow("call", "await an immediate coroutine", 4_000_000, 3.3, 10, 6),
    MicroRow("spawn", "spawn and join a task", 2_000_000, 5.7, 60, 40),
    MicroRow("yield", "`sleep(0)`", 4_000_000, 1.5, 12, 5),
    MicroRow("gather1k", "gather 1,000 tasks, per task", 2_000_000, 5, 60, 40),
    MicroRow("gather100k", "gather 100,000 tasks, per task", 2_000_000, 7, 130, 80,
             counted=(200_000, 400_000)),
    MicroRow("post", "`call_soon`, per callback", 4_000_000, 7.5, 25, 15),
    MicroRow("timer", "timer armed and cancelled among 1,000 (`call_at`)", 1_000_000, 8, 50, 30),
    MicroRow("timer_later", "the same with `call_later`, which reads the clock", 1_000_000,
             limit_bench="timer", only_aio=True),
    MicroRow("future", "future made, awaited, set by another task", 1_000_000,
             only_aio=True, has_limit=False),
    MicroRow("future_wake", "future made, set by another task, its waiter resumed", 2_000_000, 6.5, 30, 15,
             not_in=("Boost.Asio",)),
    MicroRow("pingpong", "queue of one: ping-pong round trip", 1_000_000, 9, 60, 30),
    MicroRow("queue", "queue: per item through a deep one", 4_000_000, 3, 15, 8),
    MicroRow("lock", "lock hand-over", 2_000_000, 5, 20, 12),
    MicroRow("event", "event set to wake", 2_000_000, 4, 16, 10, not_in=("Boost.Asio",)),
    MicroRow("wait_for", "`wait_for` around an immediate coroutine", 1_000_000, has_limit=False,
             not_in=("Boost.Asio", "Go"), than=("asyncio", 20, 50)),
    MicroRow("timeout", "`timeout` block around nothing", 1_000_000, has_limit=False,
             not_in=("Boost.Asio", "Go"), than=("asyncio", 20, 50)),
    MicroRow("cancel", "cancel a sleeping task and join it; the limit is one throw", 200_000, 1_000, 2_000, 1_200,
             not_in=("Boost.Asio", "Go")),
    MicroRow("cancel_wait", "the same, joined by `wait()`, which does not raise", 200_000, 1_000, 2_000, 1_200,
             limit_bench="cancel", not_in=("Boost.Asio", "Go")),
]

# Run by threads_bench and raw/threads.cpp; the peers are those of the rows above. On one processor these are
# the costs of switching between threads, on two those of waking another processor.
ASIO = ("Boost.Asio", 1, 1.5)  # level, and ahead
THREADS = [
    MicroRow("to_thread", "`to_thread` round trip", 100_000, 3_300, 5_500, 4_200),
    MicroRow("post_thread", "`call_soon_threadsafe` from another thread, one at a time", 100_000, than=ASIO),
    MicroRow("post_thread_batch", "the same, 1,024 at a time, per call", 1_024_000, than=ASIO),
    MicroRow("to_thread_two", "`to_thread` round trip, on two processors", 50_000,
             bench="to_thread", processors=2, than=ASIO),
    MicroRow("post_thread_two", "`call_soon_threadsafe` on two processors, one at a time", 50_000,
             bench="post_thread", processors=2, than=ASIO),
    MicroRow("post_thread_batch_two", "the same, 1,024 at a time, per call", 1_024_000,
             bench="post_thread_batch", processors=2, than=ASIO),
]

# Warmed up, because a virtual machine whose host takes back what it leaves free (free page reporting) pays
# for its first use of memory, and most for huge pages: 0.4 s for 250 MB were measured.
SLEEP = MicroRow("sleep", "a million sleeping tasks, per task", 1_000_000, 76, 500, 250, warm_up=True)
SLEEP_MEMORY = ("a million sleeping tasks: peak memory, MB", 142, 400, 250)

ECHO = [
    EchoRow("echo", "echo 1 KiB, 64 connections", 64, 1024, 1,
            {"aio streams": (1.04, 1.01), "aio protocol": (1.03, 1.00)}),
    EchoRow("echo16", "the same with 16 messages in flight", 64, 1024, 16, {"aio streams": (1.05, 1.02)}),
    EchoRow("echo1000", "echo 1 KiB, 1,000 connections", 1000, 1024, 1, {"aio streams": (1.07, 1.00)}),
    EchoRow("unix", "echo 1 KiB over a Unix socket, 64 connections", 64, 1024, 1,
            {"aio streams": (1.10, 1.03), "aio protocol": (1.10, 1.03)}, kind="unix",
            servers=("aio streams", "aio protocol", "aio streams, g++", "aio protocol, g++", "Boost.Asio callbacks",
                     "libuv", "Go")),
    EchoRow("sendfile", "a file of 1 MiB by sendfile, 8 connections", 8, 64, 1, {"aio sendfile": (1.05, 1.01)},
            answer=1024 * 1024),
    EchoRow("lines", "line protocol, requests of 64 B, 64 connections", 64, 64, 1, {},
            servers=("aio lines", "aio read_view", "aio lines, g++")),
]

# Web servers: those of programs.http_programs(). Requests have 100 bytes; what answers them is a head of each server's
# own and a body of 13 bytes.
HTTP = [
    EchoRow("hello", "HTTP: hello, world, 64 connections", 64, 100, 1, {"aio http": (1.15, 1.06)}, answer=13, kind="http"),
    EchoRow("hello16", "the same with 16 requests in flight", 64, 100, 16, {"aio http": (1.8, 1.17)}, answer=13,
            kind="http"),
]

# Web servers with more to do: those of web_programs.service_programs().
SERVICE_GOALS = {"aio http": (None, 1.1)}
SERVICES = [
    EchoRow("http_json", "HTTP: 1 KiB of JSON parsed, made and sent back, 64 connections", 64, 1024, 1, SERVICE_GOALS,
            kind="http", request="json", than=("Go",)),
    EchoRow("http_headers", "HTTP: a request with 100 headers, 64 connections", 64, 0, 1, SERVICE_GOALS, answer=13,
            kind="http", request="headers", than=("nginx", "Go")),
    EchoRow("http_file", "HTTP: a file of 1 MiB, 8 connections", 8, 100, 1, SERVICE_GOALS, answer=1024 * 1024,
            kind="http", than=("nginx", "Go")),
]
# One process with a loop in each of two threads, on two processors; the limit is the same program with one loop on one.
# In the first row 16 requests in flight keep both loops busy, although the generator takes a part of a processor.
WORKERS = EchoRow("workers", "HTTP: hello, 16 in flight; the limit is one worker", 64, 100, 16,
                  {"aio two workers": (1.08, None)}, answer=13, kind="http", mode="patient", request="hello")
WORKERS_COMPUTE = EchoRow("workers_compute", "HTTP: a handler that computes for 200 us; the limit is one worker", 64, 100, 1,
                          {}, answer=13, kind="http", mode="patient", request="compute")
WORKERS_RATE = 1.85  # must: so many times the requests per second
# WebSockets: the servers are those of web_programs.websocket_programs(). `size`: of the messages, bytes that are masked on
# their way there.
WEBSOCKET_GOALS = {"aio WebSocket": (1.15, 1.05)}
WEBSOCKETS = [
    EchoRow("websocket", "WebSocket echo 128 B, 64 connections", 64, 128, 1, WEBSOCKET_GOALS, kind="websocket",
            mode="websocket"),
    EchoRow("websocket_bulk", "WebSocket echo 64 KiB, 64 connections", 64, 65536, 1, WEBSOCKET_GOALS, kind="websocket",
            mode="websocket"),
    EchoRow("websocket_room", "WebSocket: 1 KiB to each of 1,000 in a room", 1000, 1024, 1, {"aio WebSocket": (1.10, 1.02)},
            kind="websocket", mode="room"),
]
HTTP_LOADED = [*HTTP, *SERVICES, WORKERS, WORKERS_COMPUTE, *WEBSOCKETS]

# Run by http_client_bench, raw/http_client.cpp and the peers, each 64 requests at a time; `size`: of the answers' bodies.
CLIENT = EchoRow("client", "HTTP: GET of 1 KiB, 64 in flight", 64, 1024, 1, {"aio client": (1.8, 1.4)}, kind="http")
CLIENT_REQUESTS = 60_000  # of a sample

# How long the compiler takes: harness/compiling.py.
COMPILE = MicroRow("compile", "CPU time of clang for a hello server, -O2", 1, has_limit=False, than=("Boost.Beast", 2, None))

# Run by process_bench and raw/process.cpp, and by programs.process_programs().
PROCESSES = [
    MicroRow("spawn_true", "start `true` and wait for it, 1 GiB resident", 1_000, 50_000, 65_000, 55_000,
             counted=(20, 120)),
    MicroRow("cat", "64 KiB through a child's standard input and output (`cat`)", 16_384, 12_700, 13_970, 12_954,
             counted=(256, 2_256)),
]

# Run by router_bench; the peers are those of programs.router_programs(). Among 1,000 routes.
GO_MUX = ("Go", 1, 3)
AIOHTTP = ("aiohttp", 20, 100)
ROUTER = [
    MicroRow("route_plain", "route found among 1,000 plain paths", 4_000_000, has_limit=False, than=GO_MUX),
    MicroRow("route_variable", "the same with a variable at the end", 4_000_000, has_limit=False, than=GO_MUX),
    MicroRow("route_digits", "the same with `{id:\\d+}` in the middle", 4_000_000, has_limit=False, than=AIOHTTP,
             not_in=("Go",)),
    MicroRow("route_behind", "1,000 paths that differ behind two variables", 4_000_000, has_limit=False, than=AIOHTTP,
             not_in=("Go",)),
    MicroRow("route_none", "no route among 1,000", 4_000_000, has_limit=False, than=AIOHTTP, not_in=("Go",)),
]

# The limit is still that on epoll.
URING_GOALS = {"aio io_uring": (1.02, 0.98), "aio io_uring, deferred": (1.02, 0.98)}
URING = [
    EchoRow(f"uring_{connections}_{size}", f"echo {size:,} B, {connections:,} connections", connections, size, 1,
            URING_GOALS, servers=("aio io_uring", "aio io_uring, deferred", "aio protocol", "bare io_uring"))
    for connections in (64, 1000) for size in (64, 1024, 65536)
]
ECHO += URING

# TLS: the servers are those of programs.tls_programs(). A handshake comes with a message of 64 B there and back.
TLS_GOALS = {"aio TLS": (1.10, 1.03)}
TLS = [
    EchoRow("tls", "TLS echo 1 KiB, 64 connections", 64, 1024, 1, TLS_GOALS, kind="tls"),
    EchoRow("tls_bulk", "TLS echo 64 KiB, 8 connections", 8, 65536, 1, TLS_GOALS, kind="tls"),
    EchoRow("tls_full", "TLS handshakes, full, 16 at a time", 16, 64, 1, TLS_GOALS, kind="tls", mode="full"),
    EchoRow("tls_resumed", "TLS handshakes, resumed, 16 at a time", 16, 64, 1, TLS_GOALS, kind="tls", mode="resumed"),
]

# UDP: as many sockets as connections. The servers are those of programs.datagram_programs().
DATAGRAMS = [
    EchoRow("udp", "UDP echo 64 B, 64 sockets, per datagram", 64, 64, 1, {"aio datagrams": (1.08, 1.02)},
            kind="udp"),
    EchoRow("udp_batches", "UDP echo 64 B, 16 sockets with 16 in flight, in batches", 16, 64, 16,
            {"aio datagrams": (1.15, 1.05)}, kind="udp"),
]
# What calls and instructions are counted of besides the echo row.
COUNTED = ("unix", "sendfile", "tls", "udp", "hello", "http_json", "http_headers", "websocket")
TLS_IDLE = EchoRow("tls_idle", "memory with 1,000 idle TLS connections", 1000, 64, 1, {}, kind="tls")
TLS_IDLE_MEMORY = (20, 10)  # MB above the limit's
HTTP_IDLE = EchoRow("http_idle", "memory for 10,000 idle connections of a web server", 10_000, 100, 1, {}, answer=13,
                    kind="http")
WEBSOCKET_IDLE = EchoRow("websocket_idle", "memory for 10,000 idle WebSockets", 10_000, 128, 1, {}, kind="websocket")
WEBSOCKET_IDLE_MEMORY = ("memory for 10,000 idle WebSockets, MB above its start", None, 40, 20)
HTTP_IDLE_MEMORY = ("memory for 10,000 idle connections of a web server, MB above its start", None, 40, 15)
PIPELINE = PipelineRow("pipeline", "Redis commands, 16 in flight, a write() for each", 50, 16, 400_000, 5, 0.8)
ECHO_MEMORY = ("memory of the process with 1,000 connections, MB", 1.3, 12, 6)
URING_CALLS = ("system calls per message", 2.07, 0.3, 0.19)
HELLO_INSTRUCTIONS = ("user instructions per hello request", 639, 4_000, 2_000)
SYSTEM_CALLS = ("system calls per message", 2.07, 2.15, 2.07)
LINES = ("user instructions per request of a line protocol; the limit is read_view's", 1.15, 1.0)
INSTRUCTIONS = ("user instructions per message", 58, 600, 300)


def names():
    return [row.name for row in ECHO + HTTP_LOADED + TLS + DATAGRAMS + MICRO + THREADS + PROCESSES + ROUTER] + [
        "tls_idle", "http_idle", "websocket_idle", "client", "compile", "pipeline", "sleep", "syscalls", "instructions"]
