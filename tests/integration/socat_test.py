# SPDX-License-Identifier: MIT
"""Sockets, packets, pipes and terminals, with socat at the other end."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

import program

SOCAT = shutil.which("socat")
# More than buffers and pipes hold, and nothing that repeats soon.
MUCH = b"".join(b"%d\n" % number for number in range(200_000))


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipUnless(SOCAT, "socat is not installed")
class Socat(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="aio-socat-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.path = str(self.folder / "end")
        self.abstract = f"aio-socat-{os.getpid()}"

    def popen(self, command):
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        """Whatever came of the test."""
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()

    def socat(self, *addresses, options=()):
        return self.popen([SOCAT, "-t", str(program.TIME_LIMIT), *options, *addresses])

    def aio(self, kind, where):
        return self.popen([program.examples / "socat_peer", kind, where])

    def serve(self, kind, where):
        """The place where it listens."""
        process = self.aio(kind, where)
        line = process.stdout.readline().decode()
        self.assertTrue(line.startswith("listening on "), (line, process.stderr.read() if not line else ""))
        self.server = process
        return line.removeprefix("listening on ").rstrip("\n")

    def finish(self, process, data=b""):
        """What it prints until it ends by itself, after this input."""
        output, errors = process.communicate(data, timeout=program.TIME_LIMIT)
        self.assertEqual((process.returncode, errors), (0, b""))
        return output

    def stop_server(self):
        self.server.send_signal(signal.SIGTERM)
        _, errors = self.server.communicate(timeout=program.TIME_LIMIT)
        self.assertEqual((self.server.returncode, errors), (-signal.SIGTERM, b""))

    def is_socket(self):
        try:
            return stat.S_ISSOCK(os.stat(self.path).st_mode)
        except FileNotFoundError:
            return False

    # --- Unix streams ---

    def test_unix_server(self):
        self.serve("serve-unix", self.path)
        for _ in range(2):
            answer = self.finish(self.socat("-", f"UNIX-CONNECT:{self.path}"), b"hello\n" + MUCH)
            self.assertEqual(answer, b"HELLO\n" + MUCH)
        self.stop_server()

    def test_abstract_unix_server(self):
        self.serve("serve-unix", "@" + self.abstract)
        answer = self.finish(self.socat("-", f"ABSTRACT-CONNECT:{self.abstract}"), b"hello\n")
        self.assertEqual(answer, b"HELLO\n")
        self.stop_server()

    def test_unix_client(self):
        peer = self.socat(f"UNIX-LISTEN:{self.path}", "EXEC:cat")
        program.wait_until(self.is_socket)
        self.assertEqual(self.finish(self.aio("connect-unix", self.path), MUCH), MUCH)
        self.finish(peer)

    def test_abstract_unix_client(self):
        peer = self.socat(f"ABSTRACT-LISTEN:{self.abstract}", "EXEC:cat")
        program.wait_until(lambda: self.abstract in Path("/proc/net/unix").read_text())
        self.assertEqual(self.finish(self.aio("connect-unix", "@" + self.abstract), b"hello\n"), b"hello\n")
        self.finish(peer)

    # --- packets ---

    def asks(self, peer):
        """Each line is a packet, and so is each answer."""
        for line in (b"one\n", b"two\n", b"x" * 8000 + b"\n"):
            peer.stdin.write(line)
            answer = b""
            while len(answer) < len(line):
                answer += peer.stdout.read(len(line) - len(answer))
            self.assertEqual(answer, line.upper())

    def test_udp_server(self):
        port = self.serve("serve-udp", "127.0.0.1")
        self.asks(self.socat("-", f"UDP4:127.0.0.1:{port}"))
        self.asks(self.socat("-", f"UDP4-SENDTO:127.0.0.1:{port}"))
        self.stop_server()

    def test_udp_server_over_ipv6(self):
        if not socket.has_ipv6 or not Path("/proc/net/if_inet6").read_text():
            self.skipTest("no IPv6")
        port = self.serve("serve-udp", "::1")
        self.asks(self.socat("-", f"UDP6:[::1]:{port}"))
        self.stop_server()

    def test_udp_client(self):
        port = free_udp_port()
        self.socat(f"UDP4-RECVFROM:{port},bind=127.0.0.1,fork", "EXEC:tr a-z A-Z")
        # /proc/net/udp: the address 127.0.0.1 and the port, in hexadecimal
        program.wait_until(lambda: f"0100007F:{port:04X}" in Path("/proc/net/udp").read_text())
        self.assertEqual(self.finish(self.aio("ask-udp", str(port)), b"one\ntwo\n"), b"ONE\nTWO\n")

    def test_unix_datagram_server(self):
        self.serve("serve-unixgram", self.path)
        self.asks(self.socat("-", f"UNIX-SENDTO:{self.path},bind={self.path}.socat"))
        self.stop_server()

    def test_abstract_unix_datagram_server(self):
        self.serve("serve-unixgram", "@" + self.abstract)
        self.asks(self.socat("-", f"ABSTRACT-SENDTO:{self.abstract},bind={self.abstract}-socat"))
        self.stop_server()

    def test_unix_datagram_client(self):
        self.socat(f"UNIX-RECVFROM:{self.path},fork", "EXEC:tr a-z A-Z")
        program.wait_until(self.is_socket)
        self.assertEqual(self.finish(self.aio("ask-unixgram", self.path), b"one\ntwo\n"), b"ONE\nTWO\n")

    # --- pipes ---

    def test_reads_a_fifo(self):
        os.mkfifo(self.path)
        (self.folder / "file").write_bytes(MUCH)
        writer = self.socat(f"OPEN:{self.folder}/file,rdonly", f"PIPE:{self.path}", options=["-u"])
        self.assertEqual(self.finish(self.aio("read-pipe", self.path)), MUCH)
        self.finish(writer)

    def test_writes_a_fifo(self):
        os.mkfifo(self.path)
        reader = self.socat(f"PIPE:{self.path}", f"CREATE:{self.folder}/file", options=["-u"])
        self.finish(self.aio("write-pipe", self.path), MUCH)
        self.finish(reader)
        self.assertEqual((self.folder / "file").read_bytes(), MUCH)

    # --- terminals ---

    def test_terminal(self):
        peer = self.socat("-", f"PTY,link={self.path},raw,echo=0,wait-slave")
        program.wait_until(lambda: os.path.lexists(self.path))
        self.serve("serve-terminal", self.path)
        self.asks(peer)
        peer.terminate()  # hangs up
        self.assertEqual(self.finish(self.server), b"")


if __name__ == "__main__":
    program.main()
