# SPDX-License-Identifier: MIT
"""Chromium as a visitor: a page with what belongs to it, cookies, a form with a file, compression, WebSockets, events; in
plain text and over TLS. The screenshots are left in build/log. ./dev check browser runs it, and installs Chromium."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
import program  # noqa: E402
import tls_test  # noqa: E402

SITE = Path(__file__).parent / "site"
SCREENSHOTS = Path(__file__).parents[3] / "build" / "log"
PNG = b"\x89PNG"

EXPECTED = {
    "style": "rgb(1, 2, 3)",
    "picture": "120x60",
    "cookie": "visitor=Chromium",
    "compressed": "deflate 100000",
    "form": "Zoë, naïve %22file%22.txt, text/plain, 300000",  # as the standard of forms says
    "socket": "chat/permessage-deflate héllo 200000 bytes 4000 as you wish true",
    # A subprotocol that the server does not have: a browser gives such a connection up by itself.
    "refused": "1006  false",
    "events": "event1 event2 event3 event4 event5 over",
}


class Browser(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="aio-browser-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def visit(self, url, screenshot):
        """Has Chromium, with a profile of its own, load a page and take a picture of it."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        picture = SCREENSHOTS / screenshot
        picture.unlink(missing_ok=True)
        command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--no-first-run", "--disable-background-networking", "--ignore-certificate-errors",
                   f"--user-data-dir={self.folder / 'profile'}", "--window-size=900,700", f"--screenshot={picture}", url]
        browser = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            output = browser.communicate(timeout=100)[0].decode(errors="replace")
        finally:
            self.end(browser)
        self.assertEqual(browser.returncode, 0, output)
        self.assertTrue(picture.read_bytes().startswith(PNG), output)

    @staticmethod
    def end(browser):
        """With all its processes, which are a session of their own."""
        try:
            os.killpg(browser.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        browser.wait()

    def checks(self, server, url, screenshot):
        self.visit(url, screenshot)
        results = json.loads(server.process.stdout.readline())
        self.assertEqual(results, EXPECTED)

    def test_plain(self):
        server = program.WebServed(self, "browser_peer", SITE)
        self.checks(server, server.url + "/", "browser.png")

    def test_tls(self):
        made = tls_test.Certificates(self.folder)
        server = program.WebServed(self, "browser_peer", SITE, made.server, made.server)
        self.checks(server, f"https://127.0.0.1:{server.port}/", "browser-tls.png")


if __name__ == "__main__":
    program.main()
