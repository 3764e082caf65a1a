# SPDX-License-Identifier: MIT
"""The wget example against a real nginx with three virtual hosts."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import program

SITES = ("alpha", "beta", "gamma")

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type text/plain;
    server {{ listen 127.0.0.1:{port} default_server; return 421 "no such site\\n"; }}
    {sites}
}}
"""

SITE = """
    server {{
        listen 127.0.0.1:{port};
        server_name {name}.test;
        add_header X-Site {name} always;
        location = / {{ return 200 "{name}\\n"; }}
        location / {{ return 404 "nothing here\\n"; }}
    }}
"""


def find_nginx():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Nginx:
    """A server of our own: private prefix, port and logs, ended by its process id."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="aio-nginx-"))
        try:
            for _ in range(10):  # somebody else may take the port before nginx does
                self.port = free_port()
                if self._start():
                    return
            raise AssertionError("nginx does not start:\n" + self.log())
        except BaseException:
            self.stop()
            raise

    def _start(self):
        sites = "".join(SITE.format(name=name, port=self.port) for name in SITES)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=self.folder, port=self.port, sites=sites))
        log = self.folder / "error.log"
        self.process = subprocess.Popen(
            [find_nginx(), "-p", self.folder, "-e", log, "-c", configuration],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + program.TIME_LIMIT
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                time.sleep(0.05)
                return self.process.poll() is None  # else it was another's port, and nginx gave up
            except OSError:
                time.sleep(0.02)
        return False

    def log(self):
        log = self.folder / "error.log"
        return log.read_text() if log.exists() else "(no log)"

    def stop(self):
        if getattr(self, "process", None):
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class WgetAgainstNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not find_nginx():
            # ./dev setup installs it (nginx-light), so a missing one is a failure there.
            if os.environ.get("AIO_SKIP_NGINX"):
                raise unittest.SkipTest("no nginx")
            raise AssertionError("nginx is not installed (./dev setup); AIO_SKIP_NGINX=1 skips this test")
        cls.nginx = Nginx()
        cls.addClassCleanup(cls.nginx.stop)

    def target(self, name, path=""):
        return f"{name}.test=127.0.0.1:{self.nginx.port}{path}"

    def header_of(self, output, name):
        prefix = f"{name}.test header > "
        return [line[len(prefix) :] for line in output.splitlines() if line.startswith(prefix)]

    def test_each_virtual_host_answers_with_its_own_headers(self):
        status, output, errors = program.run("wget", *(self.target(name) for name in SITES))
        self.assertEqual((status, errors), (0, ""))
        for name in SITES:
            header = self.header_of(output, name)
            self.assertEqual(header[0], "HTTP/1.1 200 OK")
            self.assertIn(f"X-Site: {name}", header)
            self.assertIn("Content-Type: text/plain", header)
            self.assertIn(f"Content-Length: {len(name) + 1}", header)
            self.assertTrue(header[1].startswith("Server: nginx"), header)
            self.assertNotIn("", header)  # ends before the blank line, and before the body
        self.assertEqual(len(output.splitlines()), sum(len(self.header_of(output, name)) for name in SITES))

    def test_paths_are_asked_for(self):
        status, output, errors = program.run("wget", self.target("alpha", "/nowhere"), self.target("beta", "/"))
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(self.header_of(output, "alpha")[0], "HTTP/1.1 404 Not Found")
        self.assertEqual(self.header_of(output, "beta")[0], "HTTP/1.1 200 OK")

    def test_without_a_name_the_address_is_the_host(self):
        address = f"127.0.0.1:{self.nginx.port}"
        status, output, _ = program.run("wget", address)
        self.assertEqual(status, 0)
        self.assertIn(f"{address} header > HTTP/1.1 421", output)

    def test_many_at_once(self):
        targets = [self.target(name) for name in SITES] * 20
        status, output, errors = program.run("wget", *targets)
        self.assertEqual((status, errors), (0, ""))
        for name in SITES:
            self.assertEqual(self.header_of(output, name).count("HTTP/1.1 200 OK"), 20)


if __name__ == "__main__":
    program.main()
