# SPDX-License-Identifier: MIT
"""The examples that load over HTTP, from nginx, from Python's http.server, and from servers that are wrong."""

import os
import signal
import tempfile
import unittest
from pathlib import Path

import nginx
import program
from raw_web import RawWeb, endless, page, silent

MEGABYTES = os.urandom(3_000_000)
SITE = {
    "index.html": '<a href="a.html">a</a> <a href="/sub/">sub</a> <a href="missing.html">?</a> <a href="http://other.test/">',
    "a.html": '<a href="/">back</a> <a href="a.html#part">here</a> <a href="film.bin">film</a> <a href="http://[nonsense">',
    "sub/index.html": '<a href="../a.html">a</a> <a href="/old">moved</a> <a href="unfinished',
    "film.bin": MEGABYTES,
}


def fill(folder):
    for name, content in SITE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


class Download(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.file = self.folder / "film.mkv"

    def load(self, url):
        return program.run("download_with_progress", url, self.file)

    def left(self):
        return [path.name for path in self.folder.iterdir()]

    def test_from_nginx(self):
        def servers(port, folder):
            fill(folder / "site")
            return f"server {{ listen 127.0.0.1:{port}; root {folder}/site; location /old {{ return 302 /film.bin; }} }}"

        url = f"http://127.0.0.1:{nginx.begin(type(self), servers).port}"
        for path in ("/film.bin", "/old"):
            status, said, errors = self.load(url + path)
            self.assertEqual((status, errors), (0, ""))
            self.assertTrue(said.startswith("10 % of 3000000 bytes\n20 % of"), said)
            self.assertTrue(said.endswith("100 % of 3000000 bytes\nfilm.mkv is there\n"), said)
            self.assertEqual(self.file.read_bytes(), MEGABYTES)
        status, said, errors = self.load(f"{url}/missing")
        self.assertEqual((status, said), (1, ""))
        self.assertIn("404, message='Not Found'", errors)
        self.assertEqual(self.file.read_bytes(), MEGABYTES)  # what was there is there still

    def test_of_unknown_length(self):
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (MEGABYTES[:1_200_000], MEGABYTES[1_200_000:]))
        raw = RawWeb(self, {
            "/chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n",
            "/old": b"HTTP/1.0 200 OK\r\n\r\n" + MEGABYTES,
            "/empty": page(""),
        })
        for path in ("/chunks", "/old"):
            self.assertEqual(self.load(raw.url + path), (0, "1 MB\n2 MB\n3 MB\nfilm.mkv is there\n", ""))
            self.assertEqual(self.file.read_bytes(), MEGABYTES)
        self.assertEqual(self.load(f"{raw.url}/empty"), (0, "film.mkv is there\n", ""))
        self.assertEqual(self.file.read_bytes(), b"")

    def test_what_is_broken_leaves_nothing(self):
        raw = RawWeb(self, {
            "/cut": page(MEGABYTES)[:-1],
            "/cut-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nhe",
            "/garbage": b"hello there\r\n\r\n",
            "/nothing": b"",
            "/not-zipped": page("plain", "Content-Encoding: gzip"),
        })
        for path in raw.answers:
            with self.subTest(path=path):
                status, _, errors = self.load(raw.url + path)
                self.assertEqual(status, 1)
                self.assertRegex(errors, r"\Adownload_with_progress: [^\n]+\n\Z")
                self.assertEqual(self.left(), [])
        for url in (f"http://127.0.0.1:{program.free_port()}/", "nonsense", "ftp://127.0.0.1/"):
            with self.subTest(url=url):
                status, said, errors = self.load(url)
                self.assertEqual((status, said), (1, ""))
                self.assertRegex(errors, r"\Adownload_with_progress: [^\n]+\n\Z")
        self.file = self.folder / "missing" / "film.mkv"
        self.assertEqual(self.load(f"{raw.url}/cut")[0], 1)
        self.assertEqual(self.left(), [])

    def test_ctrl_c_leaves_nothing(self):
        raw = RawWeb(self, {"/": endless})
        process = program.start("download_with_progress", f"{raw.url}/", self.file)
        process.stdout.readline()  # a megabyte is there
        self.assertEqual(self.left(), ["film.mkv.part"])
        process.send_signal(signal.SIGINT)
        status, _, errors = program.finish(process)
        self.assertEqual((status, errors, self.left()), (-signal.SIGINT, "", []))
        self.assertTrue(raw.closed.wait(program.TIME_LIMIT))


class Crawl(unittest.TestCase):
    def crawl(self, url, at_once=8):
        status, said, errors = program.run("http_crawler", url, at_once)
        self.assertEqual((status, errors), (0, ""))
        return said.replace(url.rstrip("/"), "").splitlines()

    def test_a_site_of_nginx(self):
        def servers(port, folder):
            fill(folder / "site")
            return f"""server {{ listen 127.0.0.1:{port}; root {folder}/site; types {{ text/html html; }}
                location /old {{ return 301 /a.html; }} location /far {{ return 301 http://localhost:{port}/; }} }}"""

        url = f"http://127.0.0.1:{nginx.begin(type(self), servers).port}/"
        expected = ["/: 200, 3 links", "/a.html: 200, 3 links", "/film.bin: 200", "/missing.html: 404", "/old: 200, 3 links",
                    "/sub/: 200, 2 links", "6 pages"]
        for at_once in (1, 3, 100):
            self.assertEqual(self.crawl(url, at_once), expected)
        self.assertEqual(self.crawl(url + "far")[-1], "1 pages")  # it leads to another site

    def test_a_site_that_is_wrong(self):
        answers = {
            "/garbage": b"hello there\r\n\r\n",
            "/cut": page("half", "Content-Type: text/html")[:-1],
            "/large": page(b"x" * 5_000_000, "Content-Type: text/html"),
            "/loop": page("", "Location: /loop", status="302 Found"),
            "/smuggled%20HTTP/1.1%0D%0AEvil:%20yes": page("harmless"),
        }
        links = "".join(f'<a href="{path}">' for path in [*answers, "/x HTTP/1.1\r\nEvil: yes\r\n\r\n", "\x00"])
        raw = RawWeb(self, answers | {"/": page(links, "Content-Type: text/html")})
        found = self.crawl(f"{raw.url}/")
        self.assertEqual(found[0], "/: 200, 5 links")
        outcomes = dict(line.split(": ", 1) for line in found[1:-1])
        self.assertEqual(outcomes["/large"], "too large")
        self.assertEqual(outcomes["/smuggled%20HTTP/1.1%0D%0AEvil:%20yes"], "200")
        for path in ("/garbage", "/cut", "/loop"):
            self.assertNotRegex(outcomes[path], r"\A200\Z")
        self.assertFalse(any("\r\nEvil" in head for head, _ in raw.requests))

    def test_so_many_at_once_and_no_more(self):
        together = program.Together(3, page("there"))
        pages = {f"/{i}": together for i in range(12)}
        links = "".join(f'<a href="{path}">' for path in pages)
        raw = RawWeb(self, pages | {"/": page(links, "Content-Type: text/html")})
        found = self.crawl(f"{raw.url}/", 3)
        self.assertEqual((len(found), together.most), (14, 3))

    def test_ctrl_c(self):
        raw = RawWeb(self, {"/": silent})
        process = program.start("http_crawler", f"{raw.url}/")
        program.wait_until(lambda: raw.requests)
        process.send_signal(signal.SIGINT)
        self.assertEqual(program.finish(process), (-signal.SIGINT, "", ""))


if __name__ == "__main__":
    program.main()
