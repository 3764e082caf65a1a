# SPDX-License-Identifier: MIT
"""Connections of aio::http's client to nginx, straight and through tinyproxy."""

import shutil
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import nginx
import program
import tls_test

TINYPROXY = """
Port {port}
Listen 127.0.0.1
Allow 127.0.0.1
Timeout 60
MaxClients 50
LogFile "{folder}/log"
ConnectPort {tls_port}
{more}
"""


class Tinyproxy:
    """A proxy of our own, ended by its process id."""

    def __init__(self, test, tls_port, more=""):
        folder = tempfile.TemporaryDirectory(prefix="aio-tinyproxy-")
        test.addCleanup(folder.cleanup)
        for _ in range(10):  # somebody else may take the port before it does
            self.port = program.free_port()
            configuration = Path(folder.name) / "conf"
            configuration.write_text(TINYPROXY.format(port=self.port, folder=folder.name, tls_port=tls_port, more=more))
            process = subprocess.Popen(["tinyproxy", "-d", "-c", configuration],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            test.addCleanup(self.stop, process)
            if self.listens(process):
                return
        raise AssertionError("tinyproxy does not start")

    def listens(self, process):
        deadline = time.monotonic() + program.TIME_LIMIT
        while process.poll() is None and time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return process.poll() is None
            except OSError:
                time.sleep(0.02)
        return False

    @staticmethod
    def stop(process):
        process.terminate()
        process.wait(timeout=program.TIME_LIMIT)


class ConnectorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="aio-connector-")
        cls.addClassCleanup(folder.cleanup)
        cls.made = tls_test.Certificates(folder.name)

        def servers(port, _):
            cls.tls_port = program.free_port()
            location = """
                location / { keepalive_requests 5; return 200 "$request_uri"; }
                location /brief { keepalive_timeout 1s; return 200 "$request_uri"; }"""
            return f"""
                server {{ listen 127.0.0.1:{port}; {location} }}
                server {{
                    listen 127.0.0.1:{cls.tls_port} ssl;
                    ssl_certificate {cls.made.server};
                    ssl_certificate_key {cls.made.server};
                    {location}
                }}"""

        cls.port = nginx.begin(cls, servers).port
        cls.plain = f"http://127.0.0.1:{cls.port}/x"
        cls.secure = f"https://localhost:{cls.tls_port}/x"

    def fetch(self, *arguments):
        status, output, errors = program.run("connector_peer", *arguments)
        self.assertEqual((status, errors), (0, ""))
        return output.splitlines()

    def ca(self):
        return ["--ca", f"{self.made.authority}.crt"]

    def test_one_connection_until_nginx_wants_another(self):
        lines = self.fetch("--times", 7, self.plain)
        self.assertEqual(lines, ["200 new /x"] + ["200 reused /x"] * 4 + ["200 new /x", "200 reused /x", "lent 0, idle 1"])

    def test_f92_one_that_nginx_closes_meanwhile_is_not_used(self):
        lines = self.fetch("--times", 2, "--pause", 1500, self.plain.replace("/x", "/brief"))
        self.assertEqual(lines, ["200 new /brief", "200 new /brief", "lent 0, idle 0"])

    def test_s177_a_limit_makes_requests_wait(self):
        lines = self.fetch("--times", 20, "--at-once", "--limit", 2, self.plain)
        self.assertEqual(sum(line.startswith("200 ") for line in lines), 20)
        self.assertLessEqual(int(lines[-1].rpartition(" ")[2]), 2)

    def test_tls(self):
        lines = self.fetch(*self.ca(), "--times", 2, self.secure)
        self.assertEqual(lines, ["200 new /x", "200 reused /x", "lent 0, idle 1"])
        refused = self.fetch(self.secure)
        self.assertRegex(refused[0], "^aio::http::ClientConnectorCertificateError: ")

    def test_through_tinyproxy(self):
        proxy = f"http://127.0.0.1:{Tinyproxy(self, self.tls_port).port}"
        lines = self.fetch("--proxy", proxy, "--times", 2, self.plain)
        self.assertEqual([line.split(" ")[0] for line in lines], ["200", "200", "lent"])
        self.assertTrue(lines[0].endswith(" /x"), lines)
        lines = self.fetch(*self.ca(), "--proxy", proxy, "--times", 2, self.secure)
        self.assertEqual(lines, ["200 new /x", "200 reused /x", "lent 0, idle 1"])
        refused = self.fetch(*self.ca(), "--proxy", proxy, self.secure.replace(str(self.tls_port), "1"))
        self.assertRegex(refused[0], "^aio::http::ClientHttpProxyError: 403, ")

    def test_tinyproxy_asks_who_one_is(self):
        port = Tinyproxy(self, self.tls_port, "BasicAuth me secret").port
        for url in (self.plain, self.secure):
            for user, expected in (("me:secret@", "200 new /x"), ("me:wrong@", None), ("", None)):
                line = self.fetch(*self.ca(), "--proxy", f"http://{user}127.0.0.1:{port}", url)[0]
                if expected:
                    self.assertEqual(line, expected)
                else:
                    self.assertRegex(line, "^(40[17] new|aio::http::ClientHttpProxyError: 40[17],)")


if __name__ == "__main__":
    if not shutil.which("tinyproxy"):
        raise SystemExit("tinyproxy is not installed (./dev setup)")
    program.main()
