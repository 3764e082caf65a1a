# SPDX-License-Identifier: MIT
"""A web server of aio's under other people's clients: curl, ab, wrk, Python's aiohttp, and nginx in front of it."""

import hashlib
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import nginx
import program

DEBIANS_PYTHON = "/usr/bin/python3"  # whose aiohttp it is
HUNDRED_AT_ONCE = """
import asyncio, sys, aiohttp
async def fetch(session, i):
    async with session.get(f"/hello?name={i}") as response:
        return response.status, await response.text()
async def main(url):
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        answers = await asyncio.gather(*(fetch(session, i) for i in range(100)))
        assert answers == [(200, f"hello, {i}!") for i in range(100)], answers
        async with session.get("/compressed") as response:
            assert await response.text() == "x" * 100_000
        data = aiohttp.FormData()
        data.add_field("a", "text")
        data.add_field("file", b"content", filename="a.bin")
        async with session.post("/form", data=data) as response:
            assert await response.text() == "a=text;file=a.bin;", await response.text()
        async def pieces():
            for i in range(3): yield bytes(1000)
        async with session.post("/count", data=pieces()) as response:
            assert await response.text() == "POST 3000 chunked", await response.text()
        async with session.get("/lines") as response:
            lines = [line async for line in response.content]
            assert len(lines) == 1000 and lines[999] == b"line 999\\n"
        async with session.get("/cookie") as response: assert await response.text() == "0"
        async with session.get("/cookie") as response: assert await response.text() == "1"
        async with session.get("/moved") as response: assert await response.text() == "hello, moved!"
    print("done")
asyncio.run(main(sys.argv[1]))
"""


def output(*command, data=None):
    done = subprocess.run(command, input=data, capture_output=True, timeout=program.TIME_LIMIT, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def needs(tool):
    return unittest.skipUnless(shutil.which(tool) or Path(tool).exists(), f"there is no {tool}")


class Server(unittest.TestCase):
    def setUp(self):
        self.url = f"http://127.0.0.1:{program.Served(self, 'http_server_peer').port}"

    def curl(self, *arguments, data=None):
        return output("curl", "-sS", "--max-time", "30", *arguments, data=data)

    @needs("curl")
    def test_curl_keeps_a_connection(self):
        both = self.curl("-w", " %{num_connects} %{http_version};", f"{self.url}/hello", f"{self.url}/hello?name=b")
        self.assertEqual(both, b"hello, you! 1 1.1;hello, b! 0 1.1;")
        self.assertEqual(self.curl("-0", f"{self.url}/hello"), b"hello, you!")
        head = self.curl("-I", f"{self.url}/hello").decode()
        self.assertIn("Content-Length: 11\r\n", head)

    @needs("curl")
    def test_curl_uploads(self):
        large = bytes(3_000_000)
        by_length = ["-H", "Transfer-Encoding:", "--data-binary", "@-"]
        self.assertEqual(self.curl(*by_length, f"{self.url}/count", data=large), b"POST 3000000 -")
        self.assertEqual(self.curl("-T", "-", f"{self.url}/count", data=large), b"PUT 3000000 chunked")
        expecting = self.curl("-v", "--stderr", "-", "-H", "Expect: 100-continue", *by_length[2:], f"{self.url}/count", data=large)
        self.assertIn(b"HTTP/1.1 100 Continue", expecting)
        with tempfile.NamedTemporaryFile(suffix=".txt") as file:
            sent = self.curl("-F", "a=text", "-F", f"file=@{file.name}", f"{self.url}/form")
            self.assertEqual(sent.decode(), f"a=text;file={Path(file.name).name};")
        self.assertEqual(self.curl("-d", "a=1&b=%26", f"{self.url}/form"), b"a=1;b=&;")

    @needs("curl")
    def test_curl_reads_a_refusal_while_it_uploads(self):
        status = self.curl("-o", "/dev/null", "-w", "%{http_code}", "-H", "Expect:", "--data-binary", "@-",
                           f"{self.url}/refuse", data=bytes(20_000_000))
        self.assertEqual(status, b"413")

    @needs("curl")
    def test_curl_files_and_codings(self):
        executable = (program.examples / "http_server_peer").read_bytes()
        whole = self.curl(f"{self.url}/self")
        self.assertEqual(hashlib.sha256(whole).digest(), hashlib.sha256(executable).digest())
        self.assertEqual(self.curl("-r", "100-199", f"{self.url}/self"), executable[100:200])
        self.assertEqual(self.curl("--compressed", f"{self.url}/compressed"), b"x" * 100_000)
        self.assertEqual(len(self.curl(f"{self.url}/lines").splitlines()), 1000)
        self.assertEqual(self.curl("-L", f"{self.url}/moved"), b"hello, moved!")
        with tempfile.NamedTemporaryFile() as jar:
            twice = ["-c", jar.name, "-b", jar.name, f"{self.url}/cookie"]
            self.assertEqual(self.curl(*twice) + self.curl(*twice), b"01")

    @needs("ab")
    def test_ab(self):
        for keep in ([], ["-k"]):
            said = output("ab", "-q", "-n", "2000", "-c", "50", *keep, f"{self.url}/hello").decode()
            self.assertRegex(said, r"Complete requests: +2000\n")
            self.assertRegex(said, r"Failed requests: +0\n")
            self.assertNotIn("Non-2xx", said)
            if keep:
                self.assertRegex(said, r"Keep-Alive requests: +2000\n")

    @needs("wrk")
    def test_wrk(self):
        said = output("wrk", "-t1", "-c50", "-d1s", f"{self.url}/hello").decode()
        self.assertGreater(int(re.search(r"(\d+) requests in", said)[1]), 100, said)
        self.assertNotIn("Socket errors", said)
        self.assertNotIn("Non-2xx", said)

    @unittest.skipUnless(Path(DEBIANS_PYTHON).exists() and subprocess.run(
        [DEBIANS_PYTHON, "-c", "import aiohttp"], capture_output=True, check=False).returncode == 0, "there is no aiohttp")
    def test_aiohttp(self):
        self.assertEqual(output(DEBIANS_PYTHON, "-c", HUNDRED_AT_ONCE, self.url), b"done\n")

    @unittest.skipUnless(nginx.find_nginx(), "there is no nginx")
    @needs("curl")
    def test_behind_nginx(self):
        front = nginx.Nginx(lambda port, folder: f"""
            upstream aio {{ server {self.url.removeprefix('http://')}; keepalive 4; }}
            server {{ listen 127.0.0.1:{port}; client_max_body_size 0;
                location / {{ proxy_pass http://aio; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}""")
        self.addCleanup(front.stop)
        url = f"http://127.0.0.1:{front.port}"
        for i in range(20):
            self.assertEqual(self.curl(f"{url}/hello?name={i}"), f"hello, {i}!".encode())
        self.assertEqual(self.curl("-T", "-", f"{url}/count", data=bytes(500_000)), b"PUT 500000 -")
        self.assertEqual(len(self.curl(f"{url}/lines").splitlines()), 1000)


if __name__ == "__main__":
    program.main()
