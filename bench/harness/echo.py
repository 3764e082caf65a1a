# SPDX-License-Identifier: MIT
"""Runs servers under the load generators."""
import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

from . import machine, messages
from .alternation import Alternation
from .programs import BUILD, LIMIT


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(program, prefix=(), pinned=None, stderr=subprocess.DEVNULL, patience=10, kind="tcp"):
    """A server of the kind tcp, udp or unix, and its port or @NAME; ends it afterwards. Raises TimeoutError if it does not
    answer. `pinned`: what binds it to processors other than the first of them."""
    port = f"@aio-bench-{free_port()}" if kind == "unix" else free_port()
    process = subprocess.Popen([*prefix, *program.command, str(port)], env=program.environment(),
                               stdout=subprocess.DEVNULL, stderr=stderr,
                               preexec_fn=pinned or machine.pinned_to_first(program.processors))
    try:
        wait_for(process, port, patience, echoes_packet if kind == "udp" else accepts)
        yield process, port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def connect_to(port):
    if isinstance(port, int):
        return socket.create_connection(("127.0.0.1", port), 1)
    client = socket.socket(socket.AF_UNIX)
    with contextlib.ExitStack() as on_error:
        on_error.callback(client.close)
        client.connect("\0" + port[1:])
        on_error.pop_all()
    return client


def accepts(port):
    connect_to(port).close()


def echoes_packet(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.connect(("127.0.0.1", port))
        client.send(b"there?")
        client.recv(100)


def answer_size(row, program, port, message):
    """How many bytes answer a message. Of a web server, whose head is its own, one answer is looked at: raises TimeoutError
    if it is wrong."""
    if row.kind == "websocket":
        return messages.websocket_echo(row.size)
    if not program.http:
        return row.answer or len(message)
    with connect_to(port) as client:
        client.settimeout(10)
        client.sendall(message)
        answer, size = b"", None
        while (size is None or len(answer) < size) and (piece := client.recv(65536)):
            answer += piece
            head, blank, _ = answer.partition(b"\r\n\r\n")
            if blank:
                size = len(head + blank) + (messages.content_length(head + blank) or 0)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise TimeoutError(f"it answers {answer[:40]}")
    if len(answer) != size or not messages.is_right(row, message, answer[len(head + blank):]):
        raise TimeoutError(f"it answers something else: {answer[:400]}")
    return size


def wait_for(process, port, patience, try_it):
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            try_it(port)
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the server does not answer")


@dataclass
class Target:
    """A server under load."""

    process: subprocess.Popen
    port: object  # a number, or @NAME
    answer: int = 0  # bytes; 0: the generator echoes, or knows


def take_sample(generator, row, seconds, target):
    process = target.process
    message = BUILD / f"{row.name}.message" if target.answer else row.size
    command = [generator, *map(str, (target.port, row.connections, message, row.in_flight, seconds))]
    if target.answer:
        command.append(str(target.answer))
    if row.mode:
        command.append(row.mode)
    load = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=machine.pinned_to(machine.GENERATOR))
    marks = []
    complaints = []
    for line in load.stderr:
        if line.strip() in ("begin", "end"):
            marks.append((machine.process_cpu_ns(process.pid), machine.busy_seconds(), time.monotonic()))
            memory = machine.process_memory_mb(process.pid)
        else:
            complaints.append(line.strip())
    output = load.stdout.read()
    if load.wait() or len(marks) != 2:
        print(f"bench: {generator}: {'; '.join(complaints)}", file=sys.stderr)
        return None
    sample = json.loads(output)
    (cpu_before, busy_before, start), (cpu_after, busy_after, end) = marks
    cpu = cpu_after - cpu_before
    sample["cpu_ns"] = cpu / max(1, sample["messages"])
    sample["foreign"] = (busy_after - busy_before - cpu / 1e9) / (end - start) - sample["generator_cpu"]
    sample["memory_mb"] = memory
    return sample


def target_of(row, program, process, port):
    if not row.answer and not program.http and row.kind != "websocket":
        return Target(process, port)
    message = messages.message_for(row)
    (BUILD / f"{row.name}.message").write_bytes(message)
    return Target(process, port, answer_size(row, program, port, message))


def measure(row, programs, generator, plan):
    """Summary by server name. All servers run at the same time, idle while they are not measured."""
    with contextlib.ExitStack() as stack:
        servers = {}
        for program in programs:
            try:
                process, port = stack.enter_context(running(program, kind=row.kind))
                servers[program.name] = target_of(row, program, process, port)
            except OSError as error:
                print(f"bench: {program.name} is left out: {error}", file=sys.stderr)
        limit, *others = [program for program in programs if program.name in servers]
        subjects = [program for program in others if program.name.startswith("aio")]
        peers = [program for program in others if program not in subjects]
        alternation = Alternation(
            lambda program: take_sample(generator, row, plan.seconds, servers[program.name]), plan.retries)
        alternation.run(limit, subjects, peers, plan)
        return alternation.summaries(LIMIT)
