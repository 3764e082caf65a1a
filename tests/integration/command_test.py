# SPDX-License-Identifier: MIT
"""The command aio, in a terminal and without one: curl, nginx and python3-websockets at the other end."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import connector_test
import curl
import program
import slow_file
import tls_test
from curl import ask

for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
    del os.environ[name]  # the command goes by them

CLI = Path(__file__).parents[2] / "cli"
COMMANDS = ("get", "serve", "bench", "ws")


def aio():
    return program.examples.parent / "cli" / "aio"


def run(*arguments, text=None, code=0, env=None):
    """(standard output, standard error) of `aio ...`, which must end with that code."""
    result = subprocess.run([aio(), *map(str, arguments)], input=text, capture_output=True, text=True,
                            timeout=program.TIME_LIMIT, stdin=subprocess.DEVNULL if text is None else None, env={**os.environ, **(env or {})})
    if result.returncode != code:
        raise AssertionError(f"aio {arguments} gave {result.returncode}: {result.stdout!r} {result.stderr!r}")
    return result.stdout, result.stderr


class Site(program.WebServed):
    """`aio serve` of a folder."""

    def __init__(self, test, folder, *options):
        self.examples, program.examples = program.examples, aio().parent
        try:
            self._begin(test, "aio", ("serve", folder, "--port", "0", *options),
                        r"=+ Running on https?://127\.0\.0\.1:(\d+) =+\n")
        finally:
            program.examples = self.examples
        self.process.stdout.readline()  # how to end it
        self.url = f"http://127.0.0.1:{self.port}"


class CommandTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="aio-command-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.site_folder = self.folder / "site"
        self.site_folder.mkdir()
        self.here = self.folder / "here"
        self.here.mkdir()

    def serve(self, *options):
        return Site(self, self.site_folder, "--quiet", *options)


class Help(CommandTest):
    def test_overview_and_unknown_words(self):
        for words in (("--help",), ("help",)):
            said, _ = run(*words)
            for command in COMMANDS:
                self.assertIn(f"\n  {command} ", said)
        self.assertRegex(run("--version")[0], r"\Aaio \d+\.\d+\.\d+\n\Z")
        run(code=2)
        self.assertIn("there is no command 'fetch'", run("fetch", code=2)[1])
        for words, complaint in ((("get",), "where is the URL?"), (("get", "--nothing"), "no option --nothing"),
                                 (("bench", "-c", "x", "http://a/"), "--connections is a number"),
                                 (("bench", "-c", "0", "http://a/"), "at least 1"),
                                 (("bench", "-d", "soon", "http://a/"), "--duration is a time"),
                                 (("bench", "a", "b"), "one URL at a time"), (("ws", "http://"), "is no URL"),
                                 (("get", "ftp://a/b"), "is no URL"), (("get", "-H", "x", "a"), "a header is"),
                                 (("get", "-H", "a: b\nc: d", "a"), "--header"), (("get", "-j"), "--jobs needs N"),
                                 (("serve", "-p", "70000"), "at most 65535"),
                                 (("get", "http://a/x", "http://b/x"), "two URLs for the file")):
            self.assertIn(complaint, run(*words, code=2)[1], words)

    def test_completions_and_manual_know_every_option(self):
        manual = (CLI / "aio.1").read_text().replace("\\-", "-")
        bash, zsh = ((CLI / "completions" / name).read_text() for name in ("aio.bash", "_aio"))
        for command in COMMANDS:
            options = set(re.findall(r"^  (?:-\w, |    )(--[a-z-]+)", run(command, "--help")[0], re.M)) - {"--help"}
            self.assertGreater(len(options), 5)
            section = manual.split(f".SH AIO {command.upper()}\n")[1].split(".SH ")[0]
            self.assertEqual(options - set(re.findall(r"--[a-z-]+", section)), set(), command)
            offered = re.search(rf'{command}\) options="([^"]*)"', bash)[1].split()
            self.assertEqual(options, set(offered), command)
            zsh_section = re.search(rf"    {command}\)\n(.*?);;", zsh, re.S)[1] + zsh.split("if ((")[0]
            self.assertEqual(options - set(re.findall(r"--[a-z-]+", zsh_section)), set(), command)

    @unittest.skipUnless(shutil.which("man"), "there is no man")
    def test_the_manual_can_be_read(self):
        shown = subprocess.run(["man", "--warnings", "-l", CLI / "aio.1"], capture_output=True, text=True, timeout=60)
        self.assertEqual((shown.returncode, shown.stderr), (0, ""))
        self.assertIn("HTTP and WebSockets from a terminal", shown.stdout)


@curl.needed
class Serve(CommandTest):
    def test_files_ranges_listings_and_indexes(self):
        (self.site_folder / "a b.txt").write_text("0123456789")
        (self.site_folder / "docs").mkdir()
        (self.site_folder / "docs" / "index.html").write_text("<p>the index</p>")
        (self.folder / "secret").write_text("secret")
        (self.site_folder / "link").symlink_to(self.folder)
        server = self.serve()
        self.assertEqual(ask(f"{server.url}/a%20b.txt"), (200, "0123456789"))
        self.assertEqual(ask("-r", "2-4", f"{server.url}/a%20b.txt"), (206, "234"))
        self.assertIn("a%20b.txt", ask(f"{server.url}/")[1])
        self.assertEqual(ask(f"{server.url}/docs/"), (200, "<p>the index</p>"))
        for path in ("/../secret", "/%2e%2e/secret", "/link/secret", "/link/", "/docs/%00/", "/docs/..%2f..%2fsecret"):
            status, body = ask("--path-as-is", server.url + path)
            self.assertNotIn("secret</", body)
            self.assertIn(status, (400, 403, 404), path)
        following = self.serve("--follow-links", "--no-listing")
        self.assertEqual(ask(f"{following.url}/link/secret"), (200, "secret"))
        self.assertEqual(ask(f"{following.url}/")[0], 403)

    def test_tls_with_a_certificate_of_its_own(self):
        (self.site_folder / "a").write_text("over TLS")
        examples, program.examples = program.examples, aio().parent
        process = program.start("aio", "serve", self.site_folder, "--tls", "-p", "0")
        program.examples = examples
        lines = [process.stdout.readline().decode() for _ in range(4)]
        url = re.search(r"https://[0-9.:]+", lines[2])[0]
        self.assertEqual(ask("-k", f"{url}/a"), (200, "over TLS"))
        seen = subprocess.run(["openssl", "s_client", "-connect", url[8:]], input=b"", capture_output=True).stdout
        shown = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-ext", "subjectAltName"],
                               input=seen, capture_output=True).stdout.decode()
        self.assertIn(lines[1].strip(), shown)
        self.assertIn("DNS:localhost", shown)
        process.terminate()
        status, output, errors = program.finish(process)
        self.assertEqual((status, errors), (0, ""))
        self.assertIn('"GET /a HTTP/1.1" 200 8', output)

    def test_what_cannot_be_served(self):
        self.assertIn("no folder", run("serve", self.folder / "nothing", code=1)[1])
        run("serve", "--key", "k", code=2)
        taken = self.serve()
        self.assertIn("in use", run("serve", "-p", taken.port, self.site_folder, code=1)[1])


class Get(CommandTest):
    def get(self, *arguments, code=0):
        return run("get", "-d", self.here, *arguments, code=code)

    def setUp(self):
        super().setUp()
        self.content = os.urandom(3_000_000)
        (self.site_folder / "big.bin").write_bytes(self.content)
        (self.site_folder / "small.txt").write_text("small")
        self.server = self.serve()
        self.big = f"{self.server.url}/big.bin"

    def there(self):
        return sorted(path.name for path in self.here.iterdir())

    def test_several_at_once(self):
        output, told = self.get(self.big, f"{self.server.url}/small.txt", f"{self.server.url}/none", code=1)
        self.assertEqual(output, "")
        self.assertIn("big.bin: done, 3.0 MB", told)
        self.assertIn("aio: none: 404", told)
        self.assertEqual((self.here / "big.bin").read_bytes(), self.content)
        self.assertEqual(self.there(), ["big.bin", "small.txt"])
        self.assertIn("is there already", self.get(self.big, code=1)[1])
        self.assertEqual(self.get("-f", "-q", self.big), ("", ""))
        self.assertEqual(run("get", "-q", "-o", "-", f"{self.server.url}/small.txt"), ("small", ""))

    def test_goes_on_where_it_was_interrupted(self):
        part, version = self.here / "big.bin.part", self.here / "big.bin.part.version"
        head = curl.curl("-sI", self.big).decode()
        tag = re.search(r"etag: (.*)\r", head, re.I)[1]
        part.write_bytes(self.content[:1_000_000])
        version.write_text(tag)
        self.assertIn("done", self.get("-c", self.big)[1])
        self.assertEqual((self.here / "big.bin").read_bytes(), self.content)
        self.assertEqual(self.there(), ["big.bin"])
        # Of another file nothing is kept; nor of one that was complete, or whose version nobody knows.
        for begun, known in ((b"other" * 1000, '"other"'), (self.content + b"x", tag), (b"what", None)):
            (self.here / "big.bin").unlink()
            part.write_bytes(begun)
            if known:
                version.write_text(known)
            self.get("-c", self.big)
            self.assertEqual((self.here / "big.bin").read_bytes(), self.content)
            self.assertEqual(self.there(), ["big.bin"])

    def test_what_is_left_of_an_interruption_can_be_gone_on_with(self):
        slow = slow_file.SlowFile(self, self.content)
        process = subprocess.Popen([aio(), "get", "-d", self.here, slow.url], stderr=subprocess.PIPE)
        part = self.here / "slow.bin.part"
        program.wait_until(lambda: part.exists() and part.stat().st_size > 100_000)
        process.send_signal(2)
        process.communicate(timeout=program.TIME_LIMIT)
        self.assertNotEqual(process.returncode, 0)
        self.assertEqual(self.there(), ["slow.bin.part", "slow.bin.part.version"])
        slow.fast = True
        kept = part.read_bytes()
        slow.shift = 7  # a server that sends another part than was asked for
        self.get("-c", slow.url)
        self.assertEqual((self.here / "slow.bin").read_bytes(), self.content)
        self.assertEqual(slow.ranges[-1], 0)
        (self.here / "slow.bin").unlink()
        part.write_bytes(kept)
        (self.here / "slow.bin.part.version").write_text('"one"')
        slow.shift = 0
        self.get("-c", slow.url)
        self.assertEqual((self.here / "slow.bin").read_bytes(), self.content)
        self.assertGreater(slow.ranges[-1], 100_000)

    def test_checks_a_sum(self):
        right = hashlib.sha256(self.content).hexdigest()
        self.get(f"{self.big}#sha256={right}")
        self.assertEqual(self.there(), ["big.bin"])
        (self.here / "big.bin").unlink()
        wrong = hashlib.sha256(b"other").hexdigest()
        self.assertIn(right, self.get(f"{self.big}#sha256={wrong}", code=1)[1])
        self.assertEqual(self.there(), [])
        self.get(f"{self.big}#sha256=12", code=2)

    def test_names_cannot_leave_the_folder(self):
        self.get(f"{self.server.url}/..%2fevil", f"{self.server.url}/%2e%2e%2f%2e%2e%2fevil%0a", code=1)
        self.assertEqual(self.there(), [])
        self.assertFalse((self.folder / "evil").exists())

    @unittest.skipUnless(shutil.which("tmux"), "there is no tmux")
    def test_bars_in_a_terminal(self):
        socket = self.folder / "tmux"

        def tmux(*arguments):
            return subprocess.run(["tmux", "-S", socket, *map(str, arguments)], capture_output=True, text=True,
                                  timeout=program.TIME_LIMIT).stdout

        urls = f"{self.big} {self.server.url}/small.txt {self.server.url}/none"
        tmux("-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "20",
             f"{aio()} get -d {self.here} {urls}; sleep 1000")
        self.addCleanup(tmux, "kill-server")
        shown = ""

        def is_there():
            nonlocal shown
            shown = tmux("capture-pane", "-p")
            return shown.count("#]") == 2 and "404" in shown

        program.wait_until(is_there)
        lines = [line for line in shown.split("\n") if line]
        self.assertEqual(len(lines), 3, shown)
        self.assertRegex(lines[0], r"^big\.bin +\[#{20,}\] 3\.0 MB of 3\.0 MB")
        self.assertRegex(lines[1], r"^small\.txt +\[#{20,}\] 5 B of 5 B")
        self.assertRegex(lines[2], r"^none +404, message='Not Found'")
        # Without room for all bars there are lines.
        tmux("new-session", "-d", "-s", "low", "-x", "100", "-y", "3", f"{aio()} get -f -d {self.here} {urls}; sleep 1000")
        program.wait_until(lambda: "small.txt: done, 5 B" in tmux("capture-pane", "-p", "-t", "low"))


class Bench(CommandTest):
    def setUp(self):
        super().setUp()
        (self.site_folder / "a").write_text("0123456789")
        self.server = self.serve()

    def test_closed_and_open_loop(self):
        output, _ = run("bench", "-n", 500, "-c", 7, f"{self.server.url}/a")
        self.assertIn("7 connections, closed loop", output)
        self.assertRegex(output, r"\n  500 answers with 200\n")
        self.assertRegex(output, r"\n   99\.0 %  [0-9.]+ (us|ms|s)\n")
        result = json.loads(run("bench", "-n", 300, "-r", 1000, "--json", f"{self.server.url}/a")[0])
        self.assertEqual((result["requests"], result["statuses"], result["bytes"]), (300, {"200": 300}, 3000))
        self.assertGreaterEqual(result["seconds"], 0.29)
        self.assertLessEqual(result["milliseconds"]["p50"], result["milliseconds"]["max"])

    def test_errors_are_told(self):
        result = json.loads(run("bench", "-n", 20, "--json", f"{self.server.url}/none")[0])
        self.assertEqual(result["statuses"], {"404": 20})
        self.assertIn("Cannot connect", run("bench", "-d", "1s", f"http://127.0.0.1:{program.free_port()}/", code=1)[1])


WS_SERVER = """
import asyncio, ssl, sys, websockets
async def serve(socket):
    async for message in socket:
        if message == "bytes": await socket.send(b"12345")
        elif message == "bye": await socket.close()
        elif message == "bad": await socket.close(4000, "as you wish")
        else: await socket.send(f"{socket.subprotocol} {socket.request_headers.get('X-A')} {message}")
async def main():
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
    async with websockets.serve(serve, "127.0.0.1", 0, subprotocols=["chat"], ssl=context) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())
"""


class Ws(CommandTest):
    certificate = ()

    def setUp(self):
        super().setUp()
        self.server = subprocess.Popen([sys.executable, "-c", WS_SERVER, *self.certificate], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
        self.addCleanup(self.server.wait)
        self.addCleanup(self.server.stdout.close)
        self.addCleanup(self.server.kill)
        self.port = int(self.server.stdout.readline())
        self.url = f"ws://127.0.0.1:{self.port}/"

    def test_lines_in_and_out(self):
        output, errors = run("ws", "--protocol", "chat", "-H", "X-A: b", "-z", "-w", "60s", self.url,
                             text="hello\nbytes\nw\u00f6rld\nbye\nunheard")
        self.assertEqual((output, errors), ("chat b hello\n(5 bytes)\nchat b w\u00f6rld\n", ""))

    def test_how_it_ends(self):
        self.assertEqual(run("ws", "-w", "1ms", self.url, text=""), ("", ""))
        self.assertIn("aio: ", run("ws", "-w", "60s", self.url, text="x" * 100_000, code=1)[1])  # too long a line
        output, errors = run("ws", "-w", "60s", self.url, text="one\nbad\n", code=1)
        self.assertEqual((output, errors), ("None None one\n", "aio: closed with 4000\n"))
        self.server.kill()
        self.assertIn("Cannot connect", run("ws", self.url, text="", code=1)[1])


@unittest.skipUnless(shutil.which("tinyproxy"), "tinyproxy is not installed")
class WsBehindAProxy(Ws):
    """A proxy hands on what comes through a tunnel, and no Upgrade."""

    def test_how_it_ends(self):
        proxy = connector_test.Tinyproxy(self, self.port)
        for name in ("ws_proxy", "http_proxy"):
            env = {name: f"http://127.0.0.1:{proxy.port}", "no_proxy": ""}
            output, _ = run("ws", "-w", "60s", self.url, text="hello\nbye\n", env=env)
            self.assertEqual(output, "None None hello\n")
        away = {"http_proxy": env["http_proxy"], "ws_proxy": f"http://127.0.0.1:{program.free_port()}"}
        self.assertIn("Cannot connect", run("ws", self.url, text="", code=1, env=away)[1])


class WsOverTls(Ws):
    """Also behind a proxy."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="aio-command-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.made = tls_test.Certificates(folder.name)
        cls.certificate = (str(cls.made.server),)

    @unittest.skipUnless(shutil.which("tinyproxy"), "tinyproxy is not installed")
    def test_lines_in_and_out(self):
        proxy = connector_test.Tinyproxy(self, self.port)
        url = f"wss://localhost:{self.port}/"
        env = {"https_proxy": f"http://127.0.0.1:{proxy.port}", "SSL_CERT_FILE": str(self.made.authority)}
        output, _ = run("ws", "--protocol", "chat", "-w", "60s", url, text="hello\nbye\n", env=env)
        self.assertEqual(output, "chat None hello\n")
        refused = run("ws", url, text="", code=1, env={**env, "SSL_CERT_FILE": "/dev/null"})[1]
        self.assertIn("CERTIFICATE_VERIFY_FAILED", refused)
        away = {**env, "https_proxy": f"http://127.0.0.1:{program.free_port()}"}
        self.assertIn("Cannot connect", run("ws", url, text="", code=1, env=away)[1])
        self.assertEqual(run("ws", "-w", "1ms", url, text="", env={**away, "no_proxy": "localhost"}), ("", ""))

    def test_how_it_ends(self):
        self.assertEqual(run("ws", "-k", "-w", "1ms", self.url.replace("ws", "wss"), text=""), ("", ""))


if __name__ == "__main__":
    program.main()
