# SPDX-License-Identifier: MIT
"""The redis_server example under Debian's redis-cli and redis-benchmark, and under clients that misbehave."""

import csv
import shutil
import signal
import subprocess
import threading
import unittest

import program

# Nothing that is checked here may be cut off because the machine is slow.
PATIENT = ("--hang-up", str(program.TIME_LIMIT))


def command(*words):
    """As clients send it."""
    return f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)


def pipeline(*commands):
    return "".join(command(*words) for words in commands).encode()


class Redis(unittest.TestCase):
    ARGUMENTS = PATIENT

    def setUp(self):
        self.server = program.Served(self, "redis_server", *self.ARGUMENTS)

    def tool(self, name, *arguments, text=""):
        if not shutil.which(name):
            raise AssertionError(f"{name} is not installed (./dev setup)")
        done = subprocess.run(
            [name, "-h", "127.0.0.1", "-p", str(self.server.port), *arguments],
            input=text.encode(),
            capture_output=True,
            timeout=program.TIME_LIMIT,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""), done.stdout)
        return done.stdout.decode()

    def cli(self, *words):
        return self.tool("redis-cli", *words).rstrip("\n")

    def talk(self, data, expected):
        """Sends, expects an answer, and leaves the connection open."""
        connection = self.server.connect()
        connection.sendall(data)
        self.assertEqual(program.receive(connection, len(expected)), expected)
        return connection


class Commands(Redis):
    def check(self, *lines):
        for line, expected in lines:
            self.assertEqual(self.cli(*line.split()), expected, line)

    def test_strings(self):
        self.check(
            ("ping", "PONG"),
            ("PING hello", "hello"),
            ("echo hello", "hello"),
            ("get a", ""),
            ("set a 1", "OK"),
            ("get a", "1"),
            ("set a 2 NX", ""),
            ("set b 2 XX", ""),
            ("set a 2 xx", "OK"),
            ("mset b two c three", "OK"),
            ("mget a b none c", "2\ntwo\n\nthree"),
            ("exists a b none a", "3"),
            ("dbsize", "3"),
            ("del a b none", "2"),
            ("dbsize", "1"),
            ("flushall", "OK"),
            ("dbsize", "0"),
        )

    def test_numbers(self):
        self.check(
            ("incr n", "1"),
            ("incrby n 41", "42"),
            ("decr n", "41"),
            ("incrby n -42", "-1"),
            ("set n 9223372036854775807", "OK"),
            ("incr n", "ERR increment or decrement would overflow"),
            ("set n 9223372036854775808", "OK"),
            ("incr n", "ERR value is not an integer or out of range"),
            ("incrby m 1x", "ERR value is not an integer or out of range"),
        )

    def test_lists(self):
        self.check(
            ("rpush l 1 2 3", "3"),
            ("lpush l 0 -1", "5"),
            ("lrange l 0 -1", "-1\n0\n1\n2\n3"),
            ("lrange l -2 100", "2\n3"),
            ("lrange l 3 1", ""),
            ("llen l", "5"),
            ("lpop l", "-1"),
            ("rpop l", "3"),
            ("get l", "WRONGTYPE Operation against a key holding the wrong kind of value"),
            ("mget l", ""),
            ("lpop none", ""),
            ("del l", "1"),
            ("exists l", "0"),
            ("rpush l 1", "1"),
            ("lpop l", "1"),
            ("exists l", "0"),
        )

    def test_expiry(self):
        self.check(("set a 1 EX 1000", "OK"), ("expire none 10", "0"), ("ttl none", "-2"), ("set b 1", "OK"))
        self.check(("ttl b", "-1"), ("expire b 1000000", "1"), ("incr b", "2"))
        self.assertTrue(0 < int(self.cli("ttl", "a")) <= 1000)
        self.assertTrue(900000 < int(self.cli("ttl", "b")) <= 1000000)  # kept by INCR
        self.check(("set a 1", "OK"), ("ttl a", "-1"), ("pexpire a 1", "1"), ("set c 1 PX 1", "OK"))
        program.wait_until(lambda: self.cli("exists", "a", "c") == "0")
        self.check(("dbsize", "1"), ("expire b -1", "1"), ("dbsize", "0"))

    def test_errors(self):
        wrong = "ERR wrong number of arguments for '{}' command"
        self.check(
            ("nonsense 1 2", "ERR unknown command 'nonsense'"),
            ("get", wrong.format("get")),
            ("get a b", wrong.format("get")),
            ("publish a", wrong.format("publish")),
            ("mset a 1 b", "ERR wrong number of arguments for MSET"),
            ("set a 1 NX XX", "ERR syntax error"),
            ("set a 1 EX", "ERR syntax error"),
            ("set a 1 SOON", "ERR syntax error"),
            ("set a 1 EX 0", "ERR invalid expire time in 'set' command"),
            ("set a 1 EX 1000000000000", "ERR invalid expire time"),
            ("exists a", "0"),
        )
        # What it quotes cannot become a reply of its own.
        self.talk(pipeline(("a\r\n+OK",), ("PING",)), "-ERR unknown command 'a  +OK'\r\n+PONG\r\n")

    def test_mass_insertion(self):
        commands = "".join(command("SET", f"key:{i}", "x" * (i % 100)) for i in range(5000))
        self.assertIn("errors: 0, replies: 5000", self.tool("redis-cli", "--pipe", text=commands))
        self.assertEqual(self.cli("get", "key:4242"), "x" * 42)
        self.assertEqual(self.cli("dbsize"), "5000")

    def test_benchmark(self):
        output = self.tool("redis-benchmark", *"-t ping,set,get,incr,lpush -P 16 -c 20 -n 2000 --csv".split())
        rows = list(csv.DictReader(output.splitlines()))
        names = [row["test"] for row in rows]
        self.assertEqual(names, ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "LPUSH"])
        for row in rows:
            self.assertGreater(float(row["rps"]), 0, row)

    def test_inline_commands(self):
        self.talk(b"PING\r\n\r\nset  a\t1 \nGET a\r\n", "+PONG\r\n+OK\r\n$1\r\n1\r\n")


class Connections(Redis):
    def tearDown(self):  # whatever a client did, the others are served, and nothing is left of it
        if self.server.process:
            program.wait_until(lambda: "connected_clients:1\r\n" in self.tool("redis-cli", "info"))

    def refused(self, data, reason):
        connection = self.server.connect()
        sender = threading.Thread(target=connection.sendall, args=(data,))
        sender.start()
        self.assertEqual(program.receive_all(connection), f"-ERR Protocol error: {reason}\r\n")
        sender.join()
        connection.close()

    def test_what_is_no_command_is_refused_with_a_reason(self):
        self.refused(b"*1\r\n$-5\r\nhello\r\n", "invalid bulk length")
        self.refused(b"*1\r\n$5x\r\nhello\r\n", "invalid bulk length")
        self.refused(b"*1\r\n$5\r\nhello world\r\n", "expected a new line")
        self.refused(b"*1\r\n:5\r\n", "expected '$' before an argument")
        self.refused(b"*many\r\n", "invalid multibulk length")
        self.refused(b"*-1\r\n", "invalid multibulk length")

    def test_too_much_is_refused(self):
        self.refused(b"*2\r\n$3\r\nGET\r\n$99999999\r\n", "invalid bulk length")
        self.refused(b"*1000000\r\n", "invalid multibulk length")
        self.refused(b"*3\r\n" + b"$500000\r\n" + b"x" * 500000 + b"\r\n$500000\r\n" + b"x" * 500000 +
                     b"\r\n$500000\r\n", "too big a command")  # fmt: skip
        self.refused(b"GET " + b"x" * 5000, "too big a line")
        # It gets the reason although it goes on sending.
        self.refused(b"GET " + b"x" * 1_000_000, "too big a line")

    def test_commands_in_pieces(self):
        connection = self.server.connect()
        for byte in pipeline(("SET", "a", "split\r\nvalue")):
            connection.sendall(bytes([byte]))
        self.assertEqual(program.receive(connection, 5), "+OK\r\n")
        # What is complete is answered, though another command has begun.
        connection.sendall(pipeline(("GET", "a"), ("PING",))[:-5])
        self.assertEqual(program.receive(connection, 19), "$12\r\nsplit\r\nvalue\r\n")
        connection.close()

    def test_clients_that_vanish(self):
        for end in (lambda connection: connection.close(), program.reset):
            end(self.server.connect())
            end(self.talk(pipeline(("PING",)) + b"*3\r\n$3\r\nSE", "+PONG\r\n"))
            end(self.talk(pipeline(("SUBSCRIBE", "news")), "*3\r\n"))
            big = self.server.connect()
            big.sendall(pipeline(("SET", "big", "x" * 500000), *[("GET", "big")] * 100))
            program.receive(big, 100000)
            end(big)
        self.assertEqual(self.cli("publish", "news", "hello"), "0")

    def test_half_close_gets_all_replies(self):
        connection = self.server.connect()
        connection.sendall(pipeline(*[("INCR", "n")] * 1000))
        connection.shutdown(program.socket.SHUT_WR)
        self.assertEqual(program.receive_all(connection), "".join(f":{i}\r\n" for i in range(1, 1001)))
        connection.close()

    def test_who_does_not_read_waits_alone(self):
        value = "x" * 500000
        slow = self.server.connect(receive_buffer=4096)
        slow.sendall(pipeline(("SET", "big", value), *[("GET", "big")] * 40))
        self.assertEqual(self.cli("ping"), "PONG")
        self.assertEqual(program.receive(slow, 5), "+OK\r\n")
        for _ in range(40):
            self.assertEqual(program.receive(slow, 500000 + 11), f"$500000\r\n{value}\r\n")
        slow.close()

    def test_publish_and_subscribe(self):
        confirmed = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n"
        first = self.talk(pipeline(("SUBSCRIBE", "news")), confirmed)
        second = self.talk(pipeline(("SUBSCRIBE", "news", "news")), confirmed * 2)
        self.assertEqual(self.cli("publish", "news", "hello"), "2")
        self.assertEqual(self.cli("publish", "other", "hello"), "0")
        message = "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello\r\n"
        first.sendall(pipeline(("PING",), ("GET", "a"), ("UNSUBSCRIBE",), ("PING",)))
        expected = (
            message
            + "*2\r\n$4\r\npong\r\n$0\r\n\r\n-ERR Can't execute 'GET' in subscribed mode\r\n"
            + "*3\r\n$11\r\nunsubscribe\r\n$4\r\nnews\r\n:0\r\n+PONG\r\n"
        )
        self.assertEqual(program.receive(first, len(expected)), expected)
        second.sendall(pipeline(("QUIT",)))
        self.assertEqual(program.receive_all(second), message + "+OK\r\n")
        self.assertEqual(self.cli("publish", "news", "hello"), "0")  # though the second has not closed yet
        first.close()
        second.close()
        program.wait_until(lambda: self.cli("publish", "news", "hello") == "0")

    def test_a_subscriber_who_does_not_read_is_cut_off(self):
        self.talk(pipeline(("SUBSCRIBE", "news")), "*3\r\n")
        publisher = self.server.connect()
        message = pipeline(("PUBLISH", "news", "x" * 400000))

        def nobody_listens():
            publisher.sendall(message)
            return program.receive(publisher, 4) == ":0\r\n"

        program.wait_until(nobody_listens)
        publisher.close()

    def test_too_many_channels(self):
        connection = self.server.connect()
        connection.sendall(pipeline(("SUBSCRIBE", *map(str, range(101))), ("QUIT",)))
        self.assertTrue(program.receive_all(connection).endswith(":100\r\n-ERR too many channels\r\n+OK\r\n"))
        connection.close()

    def test_ends_with_clients_connected(self):
        for stop in (signal.SIGTERM, signal.SIGINT):
            self.setUp()
            idle = self.talk(pipeline(("PING",)), "+PONG\r\n")
            half = self.talk(pipeline(("PING",)) + b"*2\r\n$3", "+PONG\r\n")
            self.server.stop(by=stop)
            self.assertEqual(program.receive_all(idle), "")
            self.assertEqual(program.receive_all(half), "")


class Limits(Redis):
    ARGUMENTS = ("--clients", "2", "--megabytes", "2", *PATIENT)

    def test_number_of_clients(self):
        first = self.talk(pipeline(("PING",)), "+PONG\r\n")
        self.talk(pipeline(("PING",)), "+PONG\r\n")
        self.assertEqual(program.receive_all(self.server.connect()), "-ERR max number of clients reached\r\n")
        first.sendall(pipeline(("QUIT",)))
        self.assertEqual(program.receive_all(first), "+OK\r\n")
        first.close()

    def test_memory(self):
        full = "OOM command not allowed when used memory > 'maxmemory'."
        connection = self.server.connect()
        for count in range(1, 5):
            connection.sendall(pipeline(("RPUSH", "l", "x" * 500000)))
            self.assertEqual(program.receive(connection, 4), f":{count}\r\n")
        connection.sendall(pipeline(("RPUSH", "l", "x" * 500000)))
        self.assertEqual(program.receive(connection, len(full) + 3), f"-{full}\r\n")
        self.assertEqual(self.cli("set", "a", "y" * 50000), "OK")  # what is small enough
        self.assertEqual(self.cli("rpop", "l"), "x" * 500000)
        connection.sendall(pipeline(("RPUSH", "l", "x" * 500000), ("FLUSHALL",)))
        self.assertEqual(program.receive(connection, 9), ":4\r\n+OK\r\n")
        self.assertIn("used_memory:0\r\n", self.tool("redis-cli", "info"))

    def test_what_is_expired_makes_room(self):
        connection = self.server.connect()
        for i in range(4):
            connection.sendall(pipeline(("SET", f"key:{i}", "x" * 500000, "PX", "1")))
            self.assertEqual(program.receive(connection, 5), "+OK\r\n")

        def fits():
            connection.sendall(pipeline(("SET", "other", "x" * 500000), ("PING",)))
            replies = ""
            while not replies.endswith("+PONG\r\n"):
                replies += program.receive(connection, 1)
            return replies == "+OK\r\n+PONG\r\n"

        program.wait_until(fits)


class Arguments(unittest.TestCase):
    def test_wrong_ones(self):
        usage = "usage: redis_server [--clients 1000] [--hang-up 2] [--megabytes 256] [--port 6379]\n"
        for arguments, reason in (
            (("--prot", "0"), "unknown argument --prot"),
            (("port", "0"), "unknown argument port"),
            (("--port",), "--port needs a number"),
            (("--port", "x"), "not a number from 0 to a billion: x"),
            (("--port", "-1"), "not a number from 0 to a billion: -1"),
        ):
            expected = (2, "", f"redis_server: {reason}\n{usage}")
            self.assertEqual(program.run("redis_server", *arguments), expected)

    def test_a_port_that_is_taken(self):
        with program.socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            expected = (1, "", f"redis_server: bind to 127.0.0.1:{port}: Address already in use\n")
            self.assertEqual(program.run("redis_server", "--port", str(port)), expected)
        expected = (1, "", "redis_server: port must be 0-65535, not 65536\n")
        self.assertEqual(program.run("redis_server", "--port", "65536"), expected)


if __name__ == "__main__":
    program.main()
