# SPDX-License-Identifier: MIT
"""The crawler example on a site of a real nginx, and on a server of this script that fails in every way."""

import collections
import signal
import socket
import struct
import threading
import time
import unittest

import nginx
import program

# Nothing that is checked here may be cut off because the machine is slow.
PATIENT = ("--timeout", str(program.TIME_LIMIT), "--backoff", "0.01")

SITE = {
    "index.html": """
        <a href="a.html">a</a> <a href='sub/'>sub</a> <a href="/missing.html">?</a> <a href="a.html#part">a</a>
        <a href="http://other.test/">other</a> <a href="mailto:ada@example.test">mail</a> <a href="">here</a>
        <a href="//127.0.0.1:{port}/./sub/../a.html">a again</a> <a href="https://127.0.0.1/">not plain</a>
        <a href="two words.html">blank</a> <a name="x" href=unquoted.html> <a href="old">redirected</a>""",
    "a.html": '<a href="/">back</a> <a href="sub/deep.html">deep</a> <a href="missing.html">?</a>',
    "two words.html": "<p>no links",
    "sub/index.html": """
        <a href="../a.html">a</a> <a href="../../../../a.html">a</a> <a href="deep.html">deep</a>""",
    "sub/deep.html": '<a href="deeper.html">deeper</a> <a href="plain.txt">text</a>',
    "sub/deeper.html": '<a href="deepest.html">deepest</a> <a href="?page=2">next</a>',
    "sub/deepest.html": '<a href="/a.html">a</a> <a href="unfinished',
    "sub/plain.txt": '<a href="/this-is-no-link">',
    "new.html": "<p>moved here",
}

SERVER = """
    server {{
        listen 127.0.0.1:{port};
        root {folder}/site;
        types {{ text/html html; text/plain txt; }}
        location = /old {{ return 301 /new.html; }}
        location = /sub/ {{ ssi on; }}  # nginx does not know how long it will be: chunked
    }}
"""


def servers(port, folder):
    for name, text in SITE.items():
        file = folder / "site" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("{port}", str(port)))
    return SERVER.format(port=port, folder=folder)


def crawl(port, *options, path="/"):
    """Status and lines of the report."""
    status, output, errors = program.run("crawler", f"http://127.0.0.1:{port}{path}", *PATIENT, *options)
    if errors:
        raise AssertionError(errors)
    return status, output.splitlines()


class OnNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.port = nginx.begin(cls, servers).port

    def test_the_whole_site(self):
        expected = [
            "200 /",
            "200 /a.html",
            "404 /missing.html, linked from /",
            "200 /new.html",
            "301 /old",
            "200 /sub/",
            "200 /sub/deep.html",
            "200 /sub/deeper.html",
            "200 /sub/deeper.html?page=2",
            "200 /sub/deepest.html",
            "200 /sub/plain.txt",
            "200 /two%20words.html",
            "pages: 12, broken: 1, retries: 0, links not followed: 0",
        ]
        for at_once in ("1", "3", "100"):
            self.assertEqual(crawl(self.port, "--at-once", at_once), (1, expected))

    def test_a_good_part(self):
        self.assertEqual(
            crawl(self.port, path="/sub/deepest.html", *("--depth", "0")),
            (0, ["200 /sub/deepest.html", "pages: 1, broken: 0, retries: 0, links not followed: 1"]),
        )

    def test_depth(self):
        expected = [
            "200 /",
            "200 /a.html",
            "404 /missing.html, linked from /",
            "301 /old",
            "200 /sub/",
            "200 /two%20words.html",
            "pages: 6, broken: 1, retries: 0, links not followed: 2",
        ]
        self.assertEqual(crawl(self.port, "--depth", "1"), (1, expected))

    def test_number_of_pages(self):
        summary = "pages: 3, broken: 0, retries: 0, links not followed: 3"
        expected = (0, ["200 /", "200 /a.html", "200 /sub/", summary])
        self.assertEqual(crawl(self.port, "--pages", "3"), expected)


def answer(body, *fields, status="200 OK"):
    head = [f"HTTP/1.1 {status}", "Content-Type: text/html", *fields]
    return "".join(line + "\r\n" for line in head) + "\r\n" + body


def page(body, **options):
    return answer(body, f"Content-Length: {len(body)}", **options)


class Server:
    """Answers each path by what `answers` has for it: a text, a function that gets the connection, or a list of them
    for one request after the other."""

    def __init__(self, test, answers):
        self.answers = answers
        self.times = collections.defaultdict(list)  # of the requests, by path
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.listener.getsockname()[1]
        self.threads = []
        self.accepter = threading.Thread(target=self.accept)
        self.accepter.start()
        test.addCleanup(self.stop)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.accepter.join()
        for thread in self.threads:
            thread.join()
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.serve, args=(connection,))
            thread.start()
            self.threads.append(thread)

    def serve(self, connection):
        with connection:
            connection.settimeout(program.TIME_LIMIT)
            try:
                request = b""
                while not request.endswith(b"\r\n\r\n"):
                    request += connection.recv(4096) or b"\r\n\r\n"
                path = request.split()[1].decode() if request.strip() else "/"
                found = self.answers[path]
                self.times[path].append(time.monotonic())
                if isinstance(found, list):
                    found = found[min(len(self.times[path]), len(found)) - 1]
                if callable(found):
                    found(connection)
                else:
                    connection.sendall(found.encode())
                    connection.shutdown(socket.SHUT_WR)
                    connection.recv(1)  # the end, or a reset
            except OSError:
                pass


def hang(connection):
    connection.recv(1)  # nothing comes but the end


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def endless(connection):
    connection.sendall(answer("").encode())
    while True:
        connection.sendall(b"x" * 10000)


def in_pieces(connection):
    body = "5\r\n<a hr\r\nb;x=y\r\nef='/good'>\r\n0\r\n\r\n"
    for byte in answer(body, "Transfer-Encoding: chunked").encode():
        connection.sendall(bytes([byte]))


class OnABadServer(unittest.TestCase):
    def site(self, **answers):
        """A server whose first page has links to all others."""
        links = "".join(f'<a href="/{name}">' for name in answers)
        others = {f"/{name}": found for name, found in answers.items()}
        return Server(self, {"/": page(links), "/good": page("good")} | others)

    def test_what_passes_is_tried_again(self):
        unavailable = page("come back later", status="503 Service Unavailable")
        cut = answer("half", "Content-Length: 8")
        server = self.site(
            flaky=[unavailable, unavailable, page("there")],
            down=unavailable,
            cut=[cut, page("whole")],
            always_cut=cut,
            reset=[reset, reset, reset, page("there")],
            silent="",
            missing=page("", status="404 Not Found"),
        )
        status, lines = crawl(server.port)
        self.assertEqual(status, 1)
        self.assertEqual(
            lines,
            [
                "200 /",
                "--- /always_cut: 4 bytes read on a total of 8 expected bytes, retries: 3, linked from /",
                "200 /cut, retries: 1",
                "503 /down, retries: 3, linked from /",
                "200 /flaky, retries: 2",
                "404 /missing, linked from /",
                "200 /reset, retries: 3",
                "--- /silent: 0 bytes read on a total of undefined expected bytes, retries: 3, linked from /",
                "pages: 8, broken: 4, retries: 15, links not followed: 0",
            ],
        )
        self.assertEqual(crawl(server.port, "--retries", "0", path="/down")[1][0], "503 /down")
        self.assertEqual([len(server.times[path]) for path in ("/missing", "/flaky", "/silent")], [1, 3, 4])

    def test_what_is_wrong_is_not_tried_again(self):
        chunked = "Transfer-Encoding: chunked"
        server = self.site(
            garbage="hello there, this is not what you want\r\n\r\n",
            header="HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            headers=answer("", *(f"X-{i}: y" for i in range(101))),
            line=answer("", "X: " + "y" * 100_000),
            length=answer("", "Content-Length: -1"),
            huge=answer("", "Content-Length: 99999999999"),
            overflow=answer("", "Content-Length: 99999999999999999999999"),
            chunk=answer("zz\r\n", chunked),
            chunk_end=answer("1\r\nxyz\r\n", chunked),
            huge_chunk=answer("fffffff\r\n", chunked),
            endless=endless,
        )
        status, lines = crawl(server.port)
        self.assertEqual(status, 1)
        self.assertEqual(
            lines,
            [
                "200 /",
                "--- /chunk: a bad length, linked from /",
                "--- /chunk_end: a bad chunk, linked from /",
                "--- /endless: too big a page, linked from /",
                "--- /garbage: the answer is no HTTP, linked from /",
                "--- /header: a bad header, linked from /",
                "--- /headers: too many headers, linked from /",
                "--- /huge: too big a page, linked from /",
                "--- /huge_chunk: too big a page, linked from /",
                "--- /length: a bad length, linked from /",
                "--- /line: too long a line, linked from /",
                "--- /overflow: a bad length, linked from /",
                "pages: 12, broken: 11, retries: 0, links not followed: 0",
            ],
        )

    def test_ways_to_end_a_body(self):
        old = "HTTP/1.0 200 OK\nContent-Type: text/html\n\n<a href='/good'>"  # bare line feeds, too
        server = self.site(chunked=in_pieces, old=old)
        for path in ("/chunked", "/old"):
            self.assertIn("200 /good", crawl(server.port, path=path)[1])

    def test_links_cannot_smuggle_a_request(self):
        start = page('<a href="/x HTTP/1.1\r\nEvil: yes\r\n\r\n">')
        server = Server(self, {"/": start, "/x%20HTTP/1.1%0D%0AEvil:%20yes%0D%0A%0D%0A": page("harmless")})
        self.assertEqual(crawl(server.port)[0], 0)

    def test_time_limit(self):
        server = self.site(hang=hang)
        status, lines = crawl(server.port, "--timeout", "0.1", "--retries", "2", path="/hang")
        self.assertEqual((status, lines[0]), (1, "--- /hang: timed out, retries: 2"))
        server = self.site(hang=[hang, page("there")])
        status, lines = crawl(server.port, "--timeout", "0.5", "--retries", "1000", path="/hang")
        self.assertEqual(status, 0)
        self.assertRegex(lines[0], r"^200 /hang, retries: \d+$")

    def test_waits_longer_each_time(self):
        server = self.site(down=page("", status="500 Oops"))
        crawl(server.port, "--backoff", "0.1", path="/down")
        times = server.times["/down"]
        pauses = [later - earlier for earlier, later in zip(times, times[1:])]
        self.assertEqual(len(pauses), 3)
        for pause, least in zip(pauses, (0.05, 0.1, 0.2)):
            self.assertGreaterEqual(pause, least)

    def test_so_many_at_once_and_no_more(self):
        together = program.Together(3, page("there").encode())
        server = self.site(**{f"p{i}": together for i in range(12)})
        status, lines = crawl(server.port, "--at-once", "3")
        self.assertEqual((status, len(lines), together.most), (0, 14, 3))

    def test_ctrl_c_reports_what_there_is(self):
        server = self.site(hang=hang, missing=page("", status="404 Not Found"))
        process = program.start("crawler", f"http://127.0.0.1:{server.port}/", *PATIENT, "--at-once", "1")
        program.wait_until(lambda: server.times["/hang"])
        process.send_signal(signal.SIGINT)
        status, output, errors = program.finish(process)
        self.assertEqual((status, errors), (-signal.SIGINT, ""))
        self.assertEqual(
            output.splitlines(),
            [
                "200 /",
                "--- /hang: no answer, linked from /",
                "--- /missing: no answer, linked from /",
                "pages: 3, broken: 2, retries: 0, links not followed: 0",
            ],
        )

    def test_nobody_there(self):
        with socket.socket() as closed:  # bound, so that the port is nobody else's, and does not listen
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            status, lines = crawl(port, "--retries", "2")
        self.assertEqual(status, 1)
        self.assertRegex(lines[0], rf"^--- /: .*127\.0\.0\.1:{port}: Connection refused, retries: 2$")

    def test_wrong_arguments(self):
        for url in ("", "127.0.0.1", "https://127.0.0.1/", "http://", "http://127.0.0.1:http/"):
            status, output, errors = program.run("crawler", url)
            self.assertEqual((status, output), (2, ""))
            self.assertIn("where to begin", errors)
        status, output, errors = program.run("crawler", "http://127.0.0.1/", "--pages", "many")
        self.assertEqual((status, output), (2, ""))
        reason = "crawler: not a number from 0 to a billion: many\nusage: crawler URL [--at-once 8]"
        self.assertIn(reason, errors)


if __name__ == "__main__":
    program.main()
