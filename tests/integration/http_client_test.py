# SPDX-License-Identifier: MIT
"""The HTTP client against other people's servers: nginx, Python's http.server, aiohttp."""

import asyncio
import functools
import http.server
import tempfile
import threading
import unittest
from pathlib import Path

import nginx
import program
from aiohttp import web

SITE = """
    server {{
        listen 127.0.0.1:{port};
        root {folder};
        gzip on;
        gzip_min_length 10;
        gzip_types text/plain;
        keepalive_requests 2;
        client_max_body_size 1m;
        location = /connection {{ return 200 "$connection_requests\\n"; }}
        location = /moved {{ return 301 /connection; }}
        location = /away {{ return 302 http://127.0.0.1:{port}/moved; }}
        location = /none {{ return 204; }}
        location = /echo {{ proxy_pass http://127.0.0.1:{port}/sink; }}
        location = /sink {{ return 200 "$request_method $http_transfer_encoding\\n"; }}
    }}
"""


def servers(port, folder):
    (folder / "large.txt").write_text("line\n" * 400_000)
    return SITE.format(port=port, folder=folder)


def ask(*commands):
    status, output, errors = program.run("http_client_peer", *commands)
    if (status, errors) != (0, ""):
        raise AssertionError((status, output, errors))
    return output.splitlines()


class AgainstNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = nginx.begin(cls, servers)
        cls.url = f"http://127.0.0.1:{cls.nginx.port}"

    def test_connections_are_used_again_as_often_as_nginx_likes(self):
        self.assertEqual(
            ask(*[f"GET {self.url}/connection"] * 5),
            ["200 2 text/plain 0 1", "200 2 text/plain 0 2", "200 2 text/plain 0 1", "200 2 text/plain 0 2", "200 2 text/plain 0 1"],
        )

    def test_a_large_file_that_nginx_compresses_in_chunks(self):
        self.assertEqual(ask(f"GET {self.url}/large.txt"), ["200 2000000 text/plain 0 line"])

    def test_redirects(self):
        self.assertEqual(ask(f"GET {self.url}/away")[0][:19], "200 2 text/plain 2 ")
        self.assertEqual(ask(f"POST {self.url}/moved x")[0][:19], "200 2 text/plain 1 ")

    def test_responses_without_a_body(self):
        self.assertEqual(
            ask(f"GET {self.url}/none", f"HEAD {self.url}/large.txt", f"GET {self.url}/connection"),
            ["204 0 application/octet-stream 0 ", "200 0 text/plain 0 ", "200 2 text/plain 0 1"],
        )

    def test_an_upload_that_is_too_large_is_answered(self):
        lines = ask(f"POST {self.url}/echo @100", f"POST {self.url}/echo @2000")
        self.assertEqual(lines[0], "200 6 text/plain 0 POST ")
        self.assertTrue(lines[1].startswith("413 "), lines)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class AgainstHttpServer(unittest.TestCase):
    def test_files_and_folders(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "a.json").write_text("[1]\n")
            handler = functools.partial(Quiet, directory=folder)
            with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
                thread = threading.Thread(target=server.serve_forever)
                thread.start()
                try:
                    url = f"http://127.0.0.1:{server.server_port}"
                    lines = ask(f"GET {url}/a.json", f"GET {url}/", f"GET {url}/nothing", f"HEAD {url}/a.json")
                finally:
                    server.shutdown()
                    thread.join()
        self.assertEqual(lines[0], "200 4 application/json 0 [1]")
        self.assertTrue(lines[1].startswith("200 ") and " text/html 0 " in lines[1], lines)
        self.assertTrue(lines[2].startswith("404 "), lines)
        self.assertEqual(lines[3], "200 0 application/json 0 ")


async def echo(request):
    body = await request.read()
    return web.Response(text=f"{request.method} {len(body)} {request.headers.get('Transfer-Encoding')} {request.content_type}")


async def chunks(request):
    response = web.StreamResponse()
    response.enable_chunked_encoding()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b"x" * 1000)
    return response


async def moved(_):
    raise web.HTTPTemporaryRedirect("/echo")


class AgainstAiohttp(unittest.TestCase):
    """aiohttp as the server, in a thread."""

    @classmethod
    def setUpClass(cls):
        cls.loop = asyncio.new_event_loop()
        cls.thread = threading.Thread(target=cls.loop.run_forever)
        cls.thread.start()
        cls.addClassCleanup(cls.end)
        cls.url = asyncio.run_coroutine_threadsafe(cls.begin(), cls.loop).result(program.TIME_LIMIT)

    @classmethod
    async def begin(cls):
        app = web.Application()
        app.router.add_route("*", "/echo", echo)
        app.router.add_get("/chunks", chunks)
        app.router.add_post("/moved", moved)
        cls.runner = web.AppRunner(app)
        await cls.runner.setup()
        site = web.TCPSite(cls.runner, "127.0.0.1", 0)
        await site.start()
        return "http://127.0.0.1:%d" % cls.runner.addresses[0][1]

    @classmethod
    def end(cls):
        asyncio.run_coroutine_threadsafe(cls.runner.cleanup(), cls.loop).result(program.TIME_LIMIT)
        cls.loop.call_soon_threadsafe(cls.loop.stop)
        cls.thread.join()
        cls.loop.close()

    def test_bodies_arrive(self):
        with tempfile.NamedTemporaryFile(suffix=".txt") as file:
            file.write(b"y" * 300_000)
            file.flush()
            lines = ask(
                f"GET {self.url}/echo",
                f"POST {self.url}/echo text of the body",
                f"PUT {self.url}/echo @50",
                f"PUT {self.url}/echo @file {file.name}",
                f"DELETE {self.url}/echo",
            )
        bodies = [line.partition(" text/plain 0 ")[2] for line in lines]
        self.assertEqual(
            bodies,
            [
                "GET 0 None application/octet-stream",
                "POST 16 None text/plain",
                "PUT 50000 chunked application/octet-stream",
                "PUT 300000 None text/plain",
                "DELETE 0 None application/octet-stream",
            ],
        )

    def test_chunks_and_redirects(self):
        lines = ask(f"GET {self.url}/chunks", f"POST {self.url}/moved again", f"GET {self.url}/nothing")
        self.assertEqual(lines[0], "200 100000 application/octet-stream 0 " + "x" * 60)
        self.assertEqual(lines[1], "200 22 text/plain 1 POST 5 None text/plain")
        self.assertTrue(lines[2].startswith("404 "), lines)


if __name__ == "__main__":
    program.main()
