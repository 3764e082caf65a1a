# SPDX-License-Identifier: MIT
"""The examples that serve and load over HTTP, under curl and ab, with files on real disks and peers that go."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

import curl
import program
from curl import ask

MEGABYTES = os.urandom(5_000_000)


@curl.needed
class JsonStore(unittest.TestCase):
    def setUp(self):
        self.url = program.WebServed(self, "json_store").url + "/items"

    def send(self, method, path, value, *more):
        text = value if isinstance(value, str) else json.dumps(value)
        return ask("-X", method, "-H", "Content-Type: application/json", "-d", text, *more, self.url + path)

    def test_life_of_an_item(self):
        status, body = self.send("POST", "", {"name": "tea", "price": 250, "colour": "unknown keys are passed over"})
        self.assertEqual((status, json.loads(body)), (201, {"name": "tea", "price": 250, "note": None, "id": 1}))
        self.assertEqual(self.send("POST", "", {"name": "T\u00e4sse", "price": 0, "note": "\U0001f375"})[0], 201)
        head = curl.curl("-i", "-H", "Content-Type: application/json", "-d", '{"name": "c", "price": 1}', self.url).decode()
        self.assertIn("\r\nLocation: /items/3\r\n", head)
        self.assertEqual(json.loads(ask(f"{self.url}/2")[1])["note"], "\U0001f375")
        self.assertEqual(self.send("PUT", "/1", {"name": "tea", "price": 275, "note": "dearer"})[0], 200)
        self.assertEqual([item["id"] for item in json.loads(ask(f"{self.url}?max_price=100")[1])], [2, 3])
        self.assertEqual(ask("-X", "DELETE", f"{self.url}/1"), (204, ""))
        self.assertEqual(ask("-X", "DELETE", f"{self.url}/1")[0], 404)
        self.assertEqual(ask("-I", f"{self.url}/2")[0], 200)

    def test_every_error_is_json(self):
        self.send("POST", "", {"name": "tea", "price": 250})
        for method, path, body, expected in (
            ("POST", "", "", 400), ("POST", "", "{", 400), ("POST", "", "[1]", 400), ("POST", "", '{"name": "a"}', 400),
            ("POST", "", '{"name": 1, "price": 2}', 400), ("POST", "", '{"name": "a", "price": 99999999999}', 400),
            ("POST", "", '{"name": "a", "price": -1}', 422), ("POST", "", "[" * 100_000, 400),
            ("POST", "", '{"name": "' + "x" * 2_000_000 + '", "price": 1}', 413),
            ("PUT", "/7", {"name": "a", "price": 1}, 404), ("GET", "/", "", 404), ("GET", "/x", "", 404),
            ("GET", "/99999999999999999999", "", 404), ("GET", "/-1", "", 404), ("GET", "/1%00", "", 404),
            ("GET", "?max_price=much", "", 400), ("PATCH", "/1", "{}", 405), ("GET", "/../../etc/passwd", "", 404),
        ):
            with self.subTest(method=method, path=path, body=str(body)[:60]):
                with tempfile.NamedTemporaryFile() as file:
                    file.write((body if isinstance(body, str) else json.dumps(body)).encode())
                    file.flush()
                    status, said = ask("--path-as-is", "-X", method, "-H", "Content-Type: application/json", "-H", "Expect:",
                                       "--data-binary", f"@{file.name}", self.url + path)
                self.assertEqual(status, expected, said)
                self.assertEqual(list(json.loads(said)), ["error"])
        self.assertEqual(ask("-d", '{"name": "a", "price": 1}', self.url)[0], 400)  # says that it is a form
        self.assertIn("Allow: ", curl.curl("-i", "-X", "PATCH", f"{self.url}/1").decode())
        self.assertEqual(len(json.loads(ask(self.url)[1])), 1)


@curl.needed
class Files(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.folder = self.scratch / "uploads"
        self.folder.mkdir()
        self.server = program.WebServed(self, "upload_server", self.folder)
        self.url = self.server.url + "/files"
        self.film = self.scratch / "film.mkv"
        self.film.write_bytes(MEGABYTES)

    def stored(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_curl_puts_and_gets(self):
        self.assertEqual(ask("-T", self.film, f"{self.url}/film.mkv"), (201, f"film.mkv: {len(MEGABYTES)} bytes\n"))
        self.assertEqual((self.folder / "film.mkv").read_bytes(), MEGABYTES)
        self.assertEqual(ask("-T", "-", f"{self.url}/chunked", data=MEGABYTES)[0], 201)  # of unknown length
        self.assertEqual((self.folder / "chunked").read_bytes(), MEGABYTES)
        self.assertEqual(ask("-T", "/dev/null", f"{self.url}/empty")[1], "empty: 0 bytes\n")
        self.assertEqual(curl.curl(f"{self.url}/film.mkv"), MEGABYTES)
        self.assertEqual(curl.curl("-r", "1000-1999", f"{self.url}/film.mkv"), MEGABYTES[1000:2000])
        self.assertEqual(curl.curl("-r", "-10", f"{self.url}/film.mkv"), MEGABYTES[-10:])
        self.assertEqual(ask("-r", "9999999-", f"{self.url}/film.mkv")[0], 416)
        half = self.scratch / "half"
        half.write_bytes(MEGABYTES[:2_000_000])
        curl.curl("-C", "-", "-o", half, f"{self.url}/film.mkv")  # goes on where it was broken off
        self.assertEqual(half.read_bytes(), MEGABYTES)
        self.assertEqual(ask("-z", self.folder / "film.mkv", f"{self.url}/film.mkv"), (304, ""))

    def test_curl_sends_forms(self):
        note = self.scratch / "note.txt"
        note.write_text("one line")
        status, said = ask("-F", "comment=both", "-F", f"file=@{self.film}", "-F", f"other=@{note};filename=n.txt", self.url)
        self.assertEqual((status, said), (201, f"film.mkv: {len(MEGABYTES)} bytes\nn.txt: 8 bytes\n"))
        self.assertEqual((self.folder / "film.mkv").read_bytes(), MEGABYTES)
        self.assertEqual(ask("-d", "a=1", self.url)[0], 400)  # another kind of form
        kind = ["-H", "Content-Type: multipart/form-data; boundary=x", "--data-binary"]
        for body in ("nonsense", "--x\r\nno colon\r\n\r\na\r\n--x--\r\n", "--x\r\nA: b\r\n\r\nno end", "--xyz\r\n\r\n--x--"):
            self.assertEqual(ask(*kind, body, self.url)[0], 400, body)
        self.server.stop()  # and nothing is reported

    def test_names_cannot_lead_elsewhere(self):
        for name in ("..", "%2e%2e%2fevil", "..%2Fevil", ".bashrc", "a%00b", "a%20b", "x" * 300, "%2Fetc%2Fpasswd", "%FF"):
            with self.subTest(name=name):
                status = ask("--path-as-is", "-T", "/dev/null", f"{self.url}/{name}")[0]
                self.assertIn(status, (400, 404, 405))
        for name in (".hidden", "../.x", "a b", "C:\\\\.x"):
            with self.subTest(name=name):
                self.assertEqual(ask("-F", f'file=@/dev/null;filename="{name}"', self.url)[0], 400)
        for name in ("..", "../.."):  # names no file, so it is none
            self.assertEqual(ask("-F", f'file=@/dev/null;filename="{name}"', self.url), (201, ""))
        self.assertEqual(ask("-F", 'file=@/dev/null;filename="/etc/passwd"', self.url)[1], "passwd: 0 bytes\n")
        self.assertEqual(self.stored(), ["passwd"])
        self.assertEqual(sorted(path.name for path in self.scratch.iterdir()), ["film.mkv", "uploads"])

    # It is there wholly or not at all, whoever goes first.
    def test_what_is_broken_off_leaves_nothing(self):
        for head in ("PUT /files/film.mkv HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n",
                     "POST /files HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n"
                     "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n"
                     'Content-Disposition: form-data; name="file"; filename="film.mkv"\r\n\r\n'):
            for end in (program.reset, lambda connection: connection.close()):
                connection = self.server.connect()
                connection.sendall(head.encode() + bytes(300_000))
                program.wait_until(self.stored)  # it has begun
                end(connection)
                program.wait_until(lambda: not self.stored())
        connection = self.server.connect()
        connection.sendall(b"PUT /files/film.mkv HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n")
        self.assertIn("400 Bad Request", program.receive_all(connection))
        program.wait_until(lambda: not self.stored())

    def test_a_server_that_ends_leaves_nothing(self):
        connection = self.server.connect()
        connection.sendall(b"PUT /files/film.mkv HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + bytes(300_000))
        program.wait_until(self.stored)
        self.server.process.send_signal(signal.SIGTERM)
        program.wait_until(self.server.refuses)
        self.server.stop()  # a second signal does not wait
        self.assertEqual(self.stored(), [])

    def test_both_examples_together(self):
        status, said, errors = program.run("upload_with_progress", self.film, f"{self.url}/film.mkv")
        self.assertEqual((status, errors), (0, ""))
        tenths = "".join(f"{tenth} % of {len(MEGABYTES)} bytes\n" for tenth in range(10, 101, 10))
        self.assertEqual(said, f"{tenths}201 Created: film.mkv: {len(MEGABYTES)} bytes\n\n")
        copy = self.scratch / "copy"
        status, said, errors = program.run("download_with_progress", f"{self.url}/film.mkv", copy)
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(said, tenths + "copy is there\n")
        self.assertEqual(hashlib.sha256(copy.read_bytes()).digest(), hashlib.sha256(MEGABYTES).digest())

    def test_upload_fails(self):
        for file, url, problem in (
            (self.scratch / "missing", f"{self.url}/x", "No such file"),
            (self.film, f"http://127.0.0.1:{program.free_port()}/x", "Connection refused"),
            (self.film, "nonsense", "nonsense"),
            (self.scratch, f"{self.url}/x", "Is a directory"),
        ):
            with self.subTest(file=file, url=url):
                status, said, errors = program.run("upload_with_progress", file, url)
                self.assertEqual((status, said), (1, ""))
                self.assertRegex(errors, rf"\Aupload_with_progress: .*{problem}.*\n\Z")
        status, said, errors = program.run("upload_with_progress", self.film, f"{self.url}/.bashrc")
        self.assertEqual((status, errors), (1, ""))
        self.assertIn("400 Bad Request: no name for a file", said)


@curl.needed
class Events(unittest.TestCase):
    def setUp(self):
        self.server = program.WebServed(self, "server_sent_events")

    def listen(self, *arguments):
        listener = curl.start("-N", *arguments, f"{self.server.url}/events")
        self.addCleanup(listener.wait)
        self.addCleanup(listener.kill)
        self.addCleanup(listener.stdout.close)
        self.addCleanup(listener.stderr.close)
        return listener

    def publish(self, text):
        self.assertEqual(ask("--data-binary", text, f"{self.server.url}/news"), (204, ""))

    def read_event(self, listener):
        lines = []
        while line := listener.stdout.readline().decode().rstrip("\n"):
            lines.append(line)
        return lines

    def test_each_listener_hears_each_piece(self):
        self.publish("first")
        listeners = [self.listen() for _ in range(3)]
        for listener in listeners:
            self.assertEqual(self.read_event(listener), ["id: 1", "data: first"])
        self.publish("two\nlines")
        for listener in listeners:
            self.assertEqual(self.read_event(listener), ["id: 2", "data: two", "data: lines"])
        listeners[0].kill()
        self.publish("third")
        for listener in listeners[1:]:
            self.assertEqual(self.read_event(listener), ["id: 3", "data: third"])
        back = self.listen("-H", "Last-Event-ID: 1")
        self.assertEqual(self.read_event(back), ["id: 2", "data: two", "data: lines"])
        self.assertEqual(self.read_event(back), ["id: 3", "data: third"])
        odd = self.listen("-H", "Last-Event-ID: 99999999999999999999999")
        self.assertEqual(self.read_event(odd)[0], "id: 1")

    def test_a_browser_gets_a_page_and_the_end(self):
        self.assertIn("new EventSource", ask(f"{self.server.url}/")[1])
        listener = self.listen()
        self.publish("one")
        self.read_event(listener)
        self.server.stop()  # which waits for handlers a minute, and need not
        self.assertEqual(listener.stdout.read(), b"")
        self.assertEqual(listener.wait(), 0)


@curl.needed
class Ending(unittest.TestCase):
    SAID = "server: the last requests are being answered\n"
    CLOSED = "server: the database is closed\n"

    def begin(self, server, seconds):
        """A curl whose request is being worked on."""
        client = curl.start(f"{server.url}/work/{seconds}")
        self.assertEqual(server.process.stdout.readline().decode(), f"server: {seconds} s of work\n")
        return client

    def test_requests_in_flight_are_answered(self):
        server = program.WebServed(self, "web_shutdown")
        self.assertEqual(server.before, "server: the database is open\n")
        idle = server.connect()
        idle.sendall(b"GET /work/0 HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertIn("200 OK", program.receive(idle, 15))
        server.process.stdout.readline()
        at_work = [self.begin(server, 1) for _ in range(5)]
        server.stop(output=self.SAID + self.CLOSED)
        for client in at_work:
            said, errors = client.communicate()
            self.assertEqual((client.returncode, said, errors), (0, b"done\n", b""))
        program.receive_all(idle)  # closed, too

    def test_a_second_signal_does_not_wait(self):
        server = program.WebServed(self, "web_shutdown")
        client = self.begin(server, 3600)
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.stdout.readline().decode(), self.SAID)
        server.stop(output="server: 3600 s of work are cancelled\n" + self.CLOSED)
        client.communicate()
        self.assertNotEqual(client.returncode, 0)


class ThousandClients(unittest.TestCase):
    # One after the other they would take 500 s.
    @unittest.skipUnless(shutil.which("ab"), "there is no ab")
    def test_are_answered_at_once(self):
        server = program.WebServed(self, "hello_server")
        for path, length in (("/", 14), ("/hello/you", 11)):
            done = subprocess.run(["ab", "-q", "-n", "1000", "-c", "900", server.url + path], capture_output=True,
                                  text=True, timeout=program.TIME_LIMIT, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"Complete requests: +1000\n")
            self.assertRegex(done.stdout, r"Failed requests: +0\n")
            self.assertRegex(done.stdout, rf"Document Length: +{length} bytes\n")
        threads = os.listdir(f"/proc/{server.process.pid}/task")
        self.assertEqual(len(threads), 1)

    def test_the_demonstration_serves_too(self):
        server = program.WebServed(self, "demo")
        self.assertEqual(ask(f"{server.url}/hello/you"), (200, "hello, you!"))


if __name__ == "__main__":
    program.main()
