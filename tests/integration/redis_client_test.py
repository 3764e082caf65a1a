# SPDX-License-Identifier: MIT
"""The pipelining redis_client example against our server, the real one, and peers that speak no RESP."""

import contextlib
import socket
import threading
import unittest

import program
from real_redis import RealServer

EXPECTED = """\
10000 INCRs at once, replies in order
ECHO remembered -> "remembered"
SET example:text two words -> OK
RPUSH example:list a b c -> 3
LRANGE example:list 0 -1 -> ["a", "b", "c"]
INCR example:text -> error: ERR value is not an integer or out of range
GET example:list -> error: WRONGTYPE Operation against a key holding the wrong kind of value
MGET example:n example:text example:none -> ["10000", "two words", (nil)]
"""


class RedisClient(unittest.TestCase):
    def test_our_server(self):
        server = program.Served(self, "redis_server")
        for _ in range(2):  # it leaves nothing behind
            self.assertEqual(program.run("redis_client", "--port", str(server.port)), (0, EXPECTED, ""))

    def test_the_real_server(self):
        server = RealServer(self)
        for _ in range(2):
            self.assertEqual(program.run("redis_client", "--port", str(server.port)), (0, EXPECTED, ""))

    @staticmethod
    def answer(connection, answer, to_increments):
        with contextlib.suppress(OSError):  # the client may go before it has all of it
            connection.sendall(answer)
            if to_increments:
                while b"INCR" not in connection.recv(1 << 16):
                    pass
                connection.sendall(to_increments)
            else:
                connection.shutdown(socket.SHUT_WR)
            program.receive_all(connection)

    def played(self, answer, to_increments=b""):
        """What the client says to a server that answers the first command so, and then the increments, or ends."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(program.TIME_LIMIT)
            process = program.start("redis_client", "--port", str(listener.getsockname()[1]))
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(program.TIME_LIMIT)
                program.receive(connection, len("*4\r\n$3\r\nDEL\r\n"))
                peer = threading.Thread(target=self.answer, args=(connection, answer, to_increments))
                peer.start()
                status, output, errors = program.finish(process)
                peer.join()
        self.assertEqual((status, output), (1, ""))
        return errors

    def test_errors_end_it_with_a_reason(self):
        for answer, reason in (
            (b"", "0 bytes read"),
            (b":12", "3 bytes read"),
            (b"HTTP/1.1 200 OK\r\n", "not a reply: HTTP/1.1 200 OK"),
            (b"-NOAUTH who are you\r\n", "NOAUTH who are you"),
            (b"$5000000\r\n", "bad length"),
            (b"$-2\r\n", "bad length"),
            (b"*99999999\r\n", "bad length"),
            (b"*1\r\n" * 100, "too many arrays in arrays"),
            (b"$x\r\n", "not a number: x"),
            (b":1\r\n:2\r\n", "a reply that nobody asked for"),
            (b"+" + b"x" * 1_000_000, "exceed the limit"),
        ):
            with self.subTest(answer=answer[:40]):
                errors = self.played(answer)
                self.assertRegex(errors, r"\Aredis_client: .*\n\Z")
                self.assertIn(reason, errors)

    def test_an_error_while_thousands_wait(self):
        errors = self.played(b":0\r\n", b"-OOM no room for it\r\n")
        self.assertEqual(errors, "redis_client: OOM no room for it\n")

    def test_nobody_there(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            status, output, errors = program.run("redis_client", "--port", str(closed.getsockname()[1]))
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, r"^redis_client: .*127\.0\.0\.1:\d+: Connection refused\n$")


if __name__ == "__main__":
    program.main()
