# SPDX-License-Identifier: MIT
"""A real nginx for the tests that fetch pages."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import program

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
    {servers}
}}
"""


def find_nginx():
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


class Nginx:
    """A server of our own: private prefix, port and logs, ended by its process id.

    servers(port, folder) gives the server blocks of its configuration.
    """

    def __init__(self, servers):
        self.servers = servers
        self.folder = Path(tempfile.mkdtemp(prefix="aio-nginx-"))
        try:
            for _ in range(10):  # somebody else may take the port before nginx does
                self.port = program.free_port()
                if self._start():
                    return
            raise AssertionError("nginx does not start:\n" + self.log())
        except BaseException:
            self.stop()
            raise

    def _start(self):
        servers = self.servers(self.port, self.folder)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=self.folder, servers=servers))
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


def begin(test_class, servers):
    """For setUpClass(): an nginx that ends with the class."""
    if not find_nginx():
        # ./dev setup installs it (nginx-light), so a missing one is a failure there.
        if os.environ.get("AIO_SKIP_NGINX"):
            raise unittest.SkipTest("no nginx")
        raise AssertionError("nginx is not installed (./dev setup); AIO_SKIP_NGINX=1 skips this test")
    nginx = Nginx(servers)
    test_class.addClassCleanup(nginx.stop)
    return nginx
