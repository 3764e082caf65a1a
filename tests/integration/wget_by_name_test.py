# SPDX-License-Identifier: MIT
"""The example that fetches by name, against a name server and a web server that this script plays."""

import http.server
import socket
import struct
import threading
import unittest

import program

ADDRESSES = {"www.example.test": "127.0.0.1", "xn--bcher-kva.example": "127.0.0.1"}


def answer(query):
    """The bytes that a name server sends; none for names that begin with "silent"."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += 1 + query[at]
    name, (kind,) = ".".join(labels), struct.unpack_from(">H", query, at + 1)
    question = query[12 : at + 5]
    if name.startswith("silent"):
        return b""
    address = ADDRESSES.get(name)
    records = b""
    if address and kind == 1:
        records = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
    flags = 0x8180 if address else 0x8183
    return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if records else 0, 0, 0) + question + records


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response_only(200)
        self.send_header("X-Host", self.headers["Host"])
        self.end_headers()

    def log_message(self, *arguments):
        pass


class WgetByName(unittest.TestCase):
    def setUp(self):
        self.names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.names.bind(("127.0.0.1", 0))
        self.addCleanup(self.names.close)
        self.server = "127.0.0.1:%d" % self.names.getsockname()[1]
        threading.Thread(target=self.serve_names, daemon=True).start()
        pages = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.addCleanup(pages.server_close)
        self.addCleanup(pages.shutdown)
        self.port = pages.server_address[1]
        threading.Thread(target=pages.serve_forever, daemon=True).start()

    def serve_names(self):
        while True:
            try:
                query, peer = self.names.recvfrom(2048)
                reply = answer(query)
                if reply:
                    self.names.sendto(reply, peer)
            except OSError:
                return

    def fetch(self, *hosts):
        return program.run("wget_by_name", "--server", self.server, *hosts)

    def test_fetches_by_name(self):
        status, output, errors = self.fetch(f"www.example.test:{self.port}")
        self.assertEqual((status, errors), (0, ""))
        self.assertIn(f"www.example.test:{self.port} header > X-Host: www.example.test\n", output)

    def test_knows_international_names(self):
        status, output, errors = self.fetch(f"bücher.example:{self.port}")
        self.assertEqual((status, errors), (0, ""))
        self.assertIn(f"bücher.example:{self.port} header > X-Host: xn--bcher-kva.example\n", output)

    def test_says_what_is_wrong_and_goes_on_with_the_others(self):
        status, output, errors = self.fetch("nobody.example.test", f"www.example.test:{self.port}")
        self.assertEqual(status, 1)
        self.assertEqual(
            errors,
            "nobody.example.test: resolve 'nobody.example.test' (Domain name not found): Name or service not known\n",
        )
        self.assertIn("X-Host", output)

    def test_gives_up_on_a_silent_server(self):
        status, output, errors = self.fetch("silent.example.test")
        self.assertEqual((status, output), (1, ""))
        self.assertIn("Timeout while contacting DNS servers", errors)


if __name__ == "__main__":
    program.main()
