# SPDX-License-Identifier: MIT
"""The wget example against a server that this script plays: order of answers, errors, Ctrl-C."""

import contextlib
import signal
import socket
import unittest

import program


def read_request(connection):
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        received = connection.recv(4096)
        if not received:
            break
        request += received
    return request.decode()


class Wget(unittest.TestCase):
    def setUp(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(program.TIME_LIMIT)
        self.addCleanup(self.listener.close)
        self.port = self.listener.getsockname()[1]

    def accept(self):
        connection, _ = self.listener.accept()
        connection.settimeout(program.TIME_LIMIT)
        self.addCleanup(connection.close)
        return connection

    def test_asks_all_before_any_answers_and_prints_in_order_of_answers(self):
        names = ["one", "two", "three"]
        process = program.start("wget", *(f"{name}.test=127.0.0.1:{self.port}/{name}" for name in names))
        waiting = {}
        for _ in names:  # all three are here, and none has got an answer
            connection = self.accept()
            request = read_request(connection)
            name = request.split()[1][1:]
            self.assertEqual(request, f"GET /{name} HTTP/1.0\r\nHost: {name}.test\r\n\r\n")
            waiting[name] = connection
        for name in reversed(names):
            waiting[name].sendall(f"HTTP/1.0 200 OK\r\nX-Name: {name}\r\n\r\nbody".encode())
            for expected in ("HTTP/1.0 200 OK", f"X-Name: {name}"):
                self.assertEqual(process.stdout.readline().decode(), f"{name}.test header > {expected}\n")
        self.assertEqual(program.finish(process), (0, "", ""))

    def test_header_may_come_byte_by_byte_and_end_with_the_connection(self):
        process = program.start("wget", f"slow.test=127.0.0.1:{self.port}")
        with contextlib.closing(self.accept()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            read_request(connection)
            for byte in b"HTTP/1.0 200 OK\r\nX-Slow: yes":
                connection.sendall(bytes([byte]))
        status, output, errors = program.finish(process)
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(output, "slow.test header > HTTP/1.0 200 OK\nslow.test header > X-Slow: yes\n")

    def test_one_failure_does_not_stop_the_others(self):
        closed = socket.socket()  # bound, so that the port is nobody else's, and does not listen
        self.addCleanup(closed.close)
        closed.bind(("127.0.0.1", 0))
        refused = closed.getsockname()[1]
        process = program.start("wget", f"gone.test=127.0.0.1:{refused}", f"here.test=127.0.0.1:{self.port}")
        connection = self.accept()
        read_request(connection)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
        status, output, errors = program.finish(process)
        self.assertEqual((status, output), (1, "here.test header > HTTP/1.0 200 OK\n"))
        self.assertRegex(errors, rf"gone\.test: .*127\.0\.0\.1.*{refused}.*[Cc]onnection refused")
        self.assertEqual(len(errors.splitlines()), 1)

    def test_ctrl_c_ends_it_while_it_waits(self):
        process = program.start("wget", *[f"127.0.0.1:{self.port}"] * 3)
        for _ in range(3):
            read_request(self.accept())
        process.send_signal(signal.SIGINT)
        self.assertEqual(program.finish(process), (-signal.SIGINT, "", ""))

    def test_wrong_arguments(self):
        for arguments in ([], ["127.0.0.1:http"], ["name.test="], ["127.0.0.1:80:99999999999"]):
            status, output, errors = program.run("wget", *arguments)
            self.assertEqual((status, output), (2, ""), arguments)
            self.assertIn("wget", errors)


if __name__ == "__main__":
    program.main()
