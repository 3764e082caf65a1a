# SPDX-License-Identifier: MIT
"""The reverse proxy between curl and others: nginx, Python's http.server, our own servers, and servers that are wrong."""

import gzip
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import curl
import nginx
import program
from curl import ask
from raw_web import RawWeb, endless, page, silent

MEGABYTES = os.urandom(3_000_000)


def proxy_to(test, url):
    return program.WebServed(test, "reverse_proxy", url)


@curl.needed
class ToRealServers(unittest.TestCase):
    def compare(self, proxy, origin, path, *arguments):
        """What comes through the proxy is what came from the other server."""
        def answer(url):
            head, _, body = curl.curl("-i", *arguments, url + path).partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            hidden = ("date:", "server:", "connection:", "keep-alive:")
            fields = sorted(line.lower() for line in lines[1:] if not line.lower().startswith(hidden))
            return lines[0].split(" ", 1)[1], fields, body
        through, direct = answer(proxy), answer(origin)
        self.assertEqual((through[0], through[2]), (direct[0], direct[2]))
        self.assertEqual([field.replace(proxy, origin) for field in through[1]], direct[1])
        return through

    def test_to_nginx(self):
        def servers(port, folder):
            site = folder / "site"
            site.mkdir(exist_ok=True)
            (site / "film.bin").write_bytes(MEGABYTES)
            (site / "page.html").write_text("<p>hello</p>" * 1000)
            return f"""server {{
                listen 127.0.0.1:{port}; root {site}; types {{ text/html html; }}
                gzip on; gzip_types text/html; gzip_min_length 1;
                location /old {{ return 301 /page.html; }}
                location /cookies {{ add_header Set-Cookie "a=1"; add_header Set-Cookie "b=2"; return 200 $http_cookie; }}
                location /empty {{ return 204; }} }}"""

        origin = f"http://127.0.0.1:{nginx.begin(type(self), servers).port}"
        proxy = proxy_to(self, origin).url
        for arguments in (
            ["/film.bin"], ["/film.bin", "-I"], ["/film.bin", "-r", "100-199"], ["/film.bin", "-r", "5000000-"],
            ["/page.html"], ["/page.html", "--compressed"], ["/page.html", "-H", "Accept-Encoding: gzip"],
            ["/page.html", "-0"], ["/page.html", "-H", "If-None-Match: *"], ["/old"], ["/missing?q=%20%2F"], ["/empty"],
            ["/cookies"], ["/page.html", "-X", "DELETE"], ["/page.html", "-X", "OPTIONS"],
        ):
            with self.subTest(arguments=arguments):
                self.compare(proxy, origin, *arguments)
        zipped = self.compare(proxy, origin, "/page.html", "-H", "Accept-Encoding: gzip")
        self.assertEqual(gzip.decompress(zipped[2]), b"<p>hello</p>" * 1000)
        # One client's cookies never go out with another's requests.
        self.assertEqual(ask(f"{proxy}/cookies"), (200, ""))
        self.assertEqual(ask("-b", "c=3", f"{proxy}/cookies"), (200, "c=3"))

    def test_to_pythons_server(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "film.bin").write_bytes(MEGABYTES)
            server = subprocess.Popen(
                [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.addCleanup(server.wait)
            self.addCleanup(server.terminate)
            self.addCleanup(server.stdout.close)
            port = server.stdout.readline().decode().split(" port ")[1].split(" ")[0]
            origin = f"http://127.0.0.1:{port}"
            proxy = proxy_to(self, origin).url
            for path in ("/film.bin", "/", "/missing"):  # each answer ends with its connection (HTTP/1.0)
                with self.subTest(path=path):
                    self.assertEqual(ask("-o", "/dev/null", proxy + path), ask("-o", "/dev/null", origin + path))
            self.assertEqual(curl.curl(f"{proxy}/film.bin"), MEGABYTES)

    def test_uploads(self):
        proxy = proxy_to(self, f"http://127.0.0.1:{program.Served(self, 'http_server_peer').port}")
        url = proxy.url + "/count"
        self.assertEqual(ask("-T", "-", url, data=MEGABYTES), (200, "PUT 3000000 chunked"))
        self.assertEqual(ask("-H", "Expect:", "--data-binary", "@-", url, data=MEGABYTES), (200, "POST 3000000 -"))
        said = curl.curl("-v", "--stderr", "-", "-H", "Expect: 100-continue", "--data-binary", "@-", url, data=MEGABYTES)
        self.assertIn(b"HTTP/1.1 100 Continue", said)
        self.assertIn(b"POST 3000000 -", said)
        zipped = gzip.compress(MEGABYTES)
        said = ask("-H", "Content-Encoding: gzip", "-H", "Expect:", "--data-binary", "@-", url, data=zipped)
        self.assertEqual(said, (200, "POST 3000000 -"))  # the server behind has undone it, nobody before
        self.assertEqual(ask("-H", "Expect:", "--data-binary", "@-", f"{proxy.url}/refuse", data=MEGABYTES)[0], 413)
        self.assertEqual(ask("-F", "a=text", "-F", "file=@/dev/null;filename=b", f"{proxy.url}/form"), (200, "a=text;file=b;"))
        self.assertEqual(len(curl.curl(f"{proxy.url}/lines").splitlines()), 1000)

    def test_events_come_through_at_once(self):
        events = program.WebServed(self, "server_sent_events")
        proxy = proxy_to(self, events.url)
        listener = curl.start("-N", f"{proxy.url}/events")
        ask("-d", "it rains", f"{proxy.url}/news")
        self.assertEqual(listener.stdout.readline(), b"id: 1\n")
        events.stop()
        listener.communicate()
        self.assertEqual(listener.returncode, 0)


@curl.needed
class ToBadServers(unittest.TestCase):
    def test_heads_are_for_neighbours_or_for_all(self):
        raw = RawWeb(self, {"/": page("hello", "Connection: X-Mine", "X-Mine: 1", "X-Yours: 2", "Keep-Alive: timeout=9",
                                      "Date: yesterday", "Server: old")})
        proxy = proxy_to(self, raw.url)
        head = curl.curl("-i", "-H", "Connection: keep-alive, X-Secret", "-H", "X-Secret: 1", "-H", "X-Kept: 2", "-H", "TE: gzip",
                         "-H", "Proxy-Authorization: Basic eDp5", "-H", "User-Agent:", "-H", "Accept:", "-H", "Host: www.test",
                         "-H", "X-Forwarded-For: 10.0.0.1", "-H", "X-Forwarded-Host: evil.test", f"{proxy.url}/").decode()
        for name, count in (("date", 1), ("server", 1), ("content-length", 1), ("x-yours", 1), ("x-mine", 0), ("keep-alive", 0)):
            self.assertEqual(head.lower().count(f"\r\n{name}: "), count, head)
        self.assertEqual(raw.fields(), {
            "host": [f"127.0.0.1:{raw.port}"], "x-kept": ["2"], "x-forwarded-for": ["10.0.0.1", "127.0.0.1"],
            "x-forwarded-host": ["www.test"], "x-forwarded-proto": ["http"]})

    def test_targets_cannot_name_other_servers(self):
        targets = ["//evil.test/", "/%2F%2Fevil.test/", "/a/../b//c?x=http://evil.test/", "/a;b=c,d/'(e)", "/%C3%A4%zz"]
        raw = RawWeb(self, dict.fromkeys(targets, page("ours")))
        proxy = proxy_to(self, raw.url)
        for target in targets:
            with self.subTest(target=target):
                connection = proxy.connect()
                connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
                self.assertIn("ours", program.receive_all(connection))
                self.assertEqual(raw.requests[-1][0].split(" ")[1], target)
        asked = len(raw.requests)
        for target in ("http://evil.test/", "@evil.test/", "*", "evil.test:80"):
            connection = proxy.connect()
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
            self.assertRegex(program.receive_all(connection), r"\AHTTP/1.1 40[04] ")
        self.assertEqual(len(raw.requests), asked)

    def test_what_is_wrong_is_502_or_cut_off(self):
        raw = RawWeb(self, {
            "/garbage": b"hello there\r\n\r\n",
            "/nothing": b"",
            "/two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "/half-a-head": b"HTTP/1.1 200 OK\r\nContent-Le",
            "/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
            "/cut-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe",
            "/bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n",
        })
        proxy = proxy_to(self, raw.url)
        for path in ("/garbage", "/nothing", "/two-lengths", "/half-a-head"):
            with self.subTest(path=path):
                self.assertEqual(ask(proxy.url + path), (502, "502: Bad Gateway"))
        for path in ("/cut", "/cut-chunk", "/bad-chunk"):  # nobody may take that for the whole
            with self.subTest(path=path):
                done = subprocess.run([*curl.COMMAND, proxy.url + path], capture_output=True, check=False)
                self.assertIn(done.returncode, (18, 56), done)
        self.assertEqual(ask(f"{proxy.url}/nothing")[0], 502)  # it goes on
        proxy.stop(errors=r"(reverse_proxy: <Request GET /[a-z-]+>: [^\n]*\n){8}")

    def test_nobody_there(self):
        proxy = proxy_to(self, f"http://127.0.0.1:{program.free_port()}")
        self.assertEqual(ask(f"{proxy.url}/"), (502, "502: Bad Gateway"))
        proxy.stop(errors=r"reverse_proxy: <Request GET />: .*Connection refused.*\n")

    def test_clients_that_go(self):
        raw = RawWeb(self, {"/endless": endless, "/silent": silent})
        proxy = proxy_to(self, raw.url)
        client = curl.start(f"{proxy.url}/endless")
        client.stdout.read(1_000_000)
        client.kill()
        client.communicate()
        self.assertTrue(raw.closed.wait(program.TIME_LIMIT))  # the other server has not to send it to nobody
        connection = proxy.connect()
        connection.sendall(b"POST /silent HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
        program.reset(connection)
        proxy.stop()

    def test_it_ends_while_requests_are_under_way(self):
        raw = RawWeb(self, {"/silent": silent})
        proxy = proxy_to(self, raw.url)
        client = curl.start(f"{proxy.url}/silent")
        program.wait_until(lambda: raw.requests)
        proxy.process.send_signal(signal.SIGTERM)
        program.wait_until(proxy.refuses)
        proxy.stop()  # a second signal does not wait
        client.communicate()
        self.assertNotEqual(client.returncode, 0)

    def test_wrong_arguments(self):
        for arguments in (["http://127.0.0.1"], ["nonsense", "0"], ["ftp://127.0.0.1/", "0"], ["http://", "0"]):
            status, said, errors = program.run("reverse_proxy", *arguments)
            self.assertEqual((status, said), (2, ""), arguments)
            self.assertIn("usage: reverse_proxy URL PORT", errors)


if __name__ == "__main__":
    program.main()
