# SPDX-License-Identifier: MIT
"""TLS against other people's: openssl's s_client and s_server, curl, Python's ssl, nginx."""

import socket
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

import nginx
import program

PAGE = b"HTTP/1.0 200 OK\r\nX-From: python\r\n\r\n"


def openssl(*arguments, **options):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, **options)


class Certificates:
    """An authority, and what it signs, in a folder of their own."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.authority = self.make("authority", "-addext", "keyUsage=critical,keyCertSign")
        self.server = self.signed("server", "localhost", "DNS:localhost,IP:127.0.0.1")
        self.client = self.signed("client", "somebody in particular")

    def make(self, name, *extensions, subject=None):
        """A certificate signed by itself; the file has the key too."""
        path = self.folder / f"{name}.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
                "-subj", f"/CN={subject or name}", "-keyout", f"{path}.key", "-out", f"{path}.crt", *extensions)  # fmt: skip
        path.write_text(Path(f"{path}.crt").read_text() + Path(f"{path}.key").read_text())
        return path

    def signed(self, name, subject, names=None, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
        path = self.folder / f"{name}.pem"
        openssl("req", "-newkey", *key, "-nodes", "-subj", f"/CN={subject}",
                "-keyout", f"{path}.key", "-out", f"{path}.csr")  # fmt: skip
        extensions = "authorityKeyIdentifier=keyid\nbasicConstraints=CA:FALSE\n"
        extensions += f"subjectAltName={names}\n" if names else ""
        Path(f"{path}.ext").write_text(extensions)
        openssl("x509", "-req", "-in", f"{path}.csr", "-days", 2, "-out", f"{path}.crt", "-extfile", f"{path}.ext",
                "-CA", f"{self.authority}.crt", "-CAkey", f"{self.authority}.key", "-CAcreateserial")  # fmt: skip
        path.write_text(Path(f"{path}.crt").read_text() + Path(f"{path}.key").read_text())
        return path


class TlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="aio-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.made = Certificates(folder.name)
        cls.folder = Path(folder.name)

    def s_server(self, *arguments, certificate=None):
        port = program.free_port()
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate or self.made.server, "-www", *arguments]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        while process.stdout.readline() not in (b"ACCEPT\n", b""):
            pass
        return port


class SecureEcho(TlsTest):
    """Our server, their clients."""

    def serve(self, *authority, chain=None):
        return program.Served(self, "secure_echo", chain or self.made.server, *authority)

    def s_client(self, served, *arguments, says="hello\n"):
        """What openssl's client prints; it says goodbye at the end of its input, once it has seen the echo."""
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{served.port}", "-CAfile", f"{self.made.authority}.crt",
                   "-verify_return_error", "-servername", "localhost", *map(str, arguments)]  # fmt: skip
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        process.stdin.write(says.encode())
        process.stdin.flush()
        seen = b""
        while b": hello\n" not in seen:
            piece = process.stdout.read1(1 << 16)
            if not piece:
                break
            seen += piece
        rest, _ = process.communicate(timeout=program.TIME_LIMIT)
        return (seen + rest).decode(errors="replace")

    def test_versions_and_ciphers(self):
        served = self.serve()
        for arguments, expected in (
            (["-tls1_3"], "TLSv1.3"),
            (["-tls1_2"], "TLSv1.2"),
            (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], "ECDHE-ECDSA-AES128-GCM-SHA256"),
            (["-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"], "ECDHE-ECDSA-CHACHA20-POLY1305"),
            (["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"], "TLS_AES_128_GCM_SHA256"),
            (["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], "TLS_CHACHA20_POLY1305_SHA256"),
        ):
            with self.subTest(arguments=arguments):
                said = self.s_client(served, *arguments)
                self.assertIn("somebody: hello\n", said)
                self.assertIn(expected, said)
                self.assertIn("Verify return code: 0 (ok)", said)

    def test_what_is_too_old_is_refused(self):
        """By the server: its alert says so, and the same client gets through with what is allowed."""
        served = self.serve(chain=self.made.signed("rsa", "localhost", "DNS:localhost", key=("rsa:2048",)))
        modern = "ECDHE-RSA-AES128-GCM-SHA256"
        willing = "DEFAULT@SECLEVEL=0"  # a client's own level would refuse TLS 1.1, and say nothing of the server
        for allowed, old, alert in (
            (["-tls1_2", "-cipher", willing], ["-tls1_1", "-cipher", willing], "alert protocol version"),
            *(
                (["-tls1_2", "-cipher", modern], ["-tls1_2", "-cipher", cipher], "alert handshake failure")
                for cipher in ("AES128-SHA", "AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA")
            ),
        ):
            with self.subTest(old=old):
                self.assertIn("somebody: hello\n", self.s_client(served, *allowed))
                said = self.s_client(served, *old)
                self.assertIn(alert, said)
                self.assertNotIn(": hello\n", said)

    def test_protocols_are_negotiated(self):
        served = self.serve()
        self.assertIn("ALPN protocol: echo/2\n", self.s_client(served, "-alpn", "echo/1,echo/2"))
        self.assertIn("ALPN protocol: echo/1\n", self.s_client(served, "-alpn", "other,echo/1"))
        self.assertIn("No ALPN negotiated", self.s_client(served, "-alpn", "other"))

    def test_clients_show_certificates(self):
        served = self.serve(f"{self.made.authority}.crt")
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version=version):
                said = self.s_client(served, version, "-cert", self.made.client)
                self.assertIn("somebody in particular: hello\n", said)
                self.assertNotIn(": hello", self.s_client(served, version))
                stranger = self.made.make("stranger")
                self.assertNotIn(": hello", self.s_client(served, version, "-cert", stranger))

    def test_sessions_are_resumed(self):
        served = self.serve()
        session = self.folder / "session"
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version=version):
                self.assertIn("New, TLSv1", self.s_client(served, version, "-sess_out", session))
                self.assertIn("Reused, TLSv1", self.s_client(served, version, "-sess_in", session))
                other = self.s_client(served, version, "-sess_in", session, "-servername", "other.test")
                self.assertIn("New, TLSv1", other)

    def test_python_says_goodbye_and_is_answered(self):
        served = self.serve()
        context = ssl.create_default_context(cafile=f"{self.made.authority}.crt")
        with context.wrap_socket(served.connect(), server_hostname="localhost") as connection:
            for size in (1, 100, 20_000, 50_000):
                line = b"x" * size + b"\n"
                connection.sendall(line)
                received = b""
                while not received.endswith(b"\n"):
                    received += connection.recv(1 << 16)
                self.assertEqual(received, b"somebody: " + line)
            connection.unwrap()


class CurlFetches(TlsTest):
    """Our server, curl as its client."""

    REFUSED = 60  # CURLE_PEER_FAILED_VERIFICATION

    def serve(self, *authority):
        return program.Served(self, "https_page", self.made.server, *authority)

    def curl(self, *arguments, trusted=True):
        """(exit status, output with the header)"""
        command = ["curl", "--silent", "--include", "--max-time", program.TIME_LIMIT, "--http1.1", *arguments]
        command += ["--cacert", f"{self.made.authority}.crt"] if trusted else []
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        return done.returncode, done.stdout

    def test_pages_small_and_large(self):
        served = self.serve()
        for size in (0, 5, 16_384, 3_000_000):
            with self.subTest(size=size):
                status, output = self.curl(f"https://localhost:{served.port}/{size}")
                self.assertEqual(status, 0)
                header, body = output.split("\n\n", 1)
                self.assertEqual(body, "x" * size)
                self.assertIn("X-Protocol: http/1.1", header)
                self.assertIn("X-Version: TLSv1.3", header)

    def test_versions(self):
        served = self.serve()
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                _, output = self.curl("--tls-max", version, f"--tlsv{version}", f"https://localhost:{served.port}/1")
                self.assertIn(f"X-Version: TLSv{version}\n", output)

    def test_certificates_are_checked_unless_told_not_to(self):
        port = self.serve().port
        elsewhere = ["--resolve", f"other.test:{port}:127.0.0.1", f"https://other.test:{port}/1"]
        self.assertEqual(self.curl(f"https://127.0.0.1:{port}/1")[0], 0)
        self.assertEqual(self.curl(*elsewhere)[0], self.REFUSED)
        self.assertEqual(self.curl(f"https://localhost:{port}/1", trusted=False)[0], self.REFUSED)
        self.assertEqual(self.curl("--insecure", *elsewhere, trusted=False)[0], 0)
        self.assertEqual(self.curl(f"https://localhost:{port}/1")[0], 0, "the server goes on")

    def test_clients_show_certificates(self):
        url = f"https://localhost:{self.serve(f'{self.made.authority}.crt').port}/1"
        for version in ("1.2", "1.3"):
            with self.subTest(version=version):
                self.assertNotEqual(self.curl("--tls-max", version, url)[0], 0)
                status, output = self.curl("--tls-max", version, "--cert", self.made.client, url)
                self.assertEqual(status, 0)
                self.assertIn("X-Client: somebody in particular\n", output)

    def test_many_at_once(self):
        url = f"https://localhost:{self.serve().port}/20000"
        status, output = self.curl("--parallel", "--parallel-immediate", "--parallel-max", "40", *[url] * 40)
        self.assertEqual(status, 0)
        self.assertEqual(output.count("HTTP/1.0 200 OK\n"), 40)
        self.assertEqual(output.count("x"), 40 * 20_000)


class TlsClient(TlsTest):
    """Our client, openssl's server, whose page says what it thinks was agreed upon."""

    VERSIONS = (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3"))

    def ask(self, port, *arguments, times=1, protocols="echo/2,echo/1"):
        return program.run("tls_client", port, times, f"{self.made.authority}.crt", protocols, *arguments)

    def assert_pages(self, done, *expected):
        status, output, errors = done
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual([line for line in output.splitlines() if line.startswith("protocol ")], list(expected))
        return output

    def test_protocols_are_negotiated(self):
        for offered, expected in (("echo/1,other", "echo/1"), ("other,echo/2,echo/1", "echo/2")):
            with self.subTest(offered=offered):
                page = self.ask(self.s_server("-alpn", offered))
                self.assert_pages(page, f"protocol {expected}, version TLSv1.3, new")
        self.assert_pages(self.ask(self.s_server()), "protocol none, version TLSv1.3, new")
        status, output, errors = self.ask(self.s_server("-alpn", "other"))
        self.assertEqual((status, output), (1, ""))
        self.assertIn("alert no application protocol", errors)

    def test_it_shows_its_certificate(self):
        for argument, version in self.VERSIONS:
            with self.subTest(version=version):
                port = self.s_server(argument, "-Verify", "1", "-verify_return_error", "-CAfile", f"{self.made.authority}.crt")
                page = self.assert_pages(self.ask(port, self.made.client), f"protocol none, version {version}, new")
                self.assertRegex(page, r"\n +Subject: CN ?= ?somebody in particular\n")
                status, output, errors = self.ask(port)
                self.assertEqual((status, output), (1, ""))
                self.assertRegex(errors, "alert (?:certificate required|handshake failure)")
                status, output, errors = self.ask(port, self.made.make("stranger"))
                self.assertEqual((status, output), (1, ""))
                self.assertIn("alert unknown ca", errors)

    def test_sessions_are_resumed(self):
        for argument, version in self.VERSIONS:
            with self.subTest(version=version):
                agreed = f"protocol none, version {version}, "
                page = self.assert_pages(self.ask(self.s_server(argument), times=3), agreed + "new", *[agreed + "reused"] * 2)
                self.assertEqual((page.count(f"\nNew, {version}"), page.count(f"\nReused, {version}")), (1, 2))


class WgetHttps(TlsTest):
    """Our client, their servers."""

    def wget(self, *targets, cafile=None):
        return program.run("wget_https", "--cafile", cafile or f"{self.made.authority}.crt", *targets)

    def test_versions_and_ciphers(self):
        for arguments in (
            ["-tls1_3"],
            ["-tls1_2"],
            ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"],
            ["-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"],
        ):
            with self.subTest(arguments=arguments):
                status, output, errors = self.wget(f"localhost=127.0.0.1:{self.s_server(*arguments)}")
                self.assertEqual((status, errors), (0, ""))
                self.assertIn("localhost header > HTTP/1.0 200 ok\n", output)

    def test_a_host_by_its_name(self):
        """The system's resolver finds it, and the certificate must be for the name, not for the address."""
        port, other = self.s_server(), self.s_server(certificate=self.made.signed("other", "other.test", "DNS:other.test"))
        self.assertEqual(self.wget(f"localhost:{port}")[1].splitlines()[0], f"localhost:{port} header > HTTP/1.0 200 ok")
        status, output, errors = self.wget(f"localhost:{other}")
        self.assertEqual((status, output), (1, ""))
        self.assertIn("Hostname mismatch, certificate is not valid for 'localhost'.", errors)

    def test_what_is_too_old_is_refused(self):
        """The server has nothing newer than TLS 1.1, which a client that takes it gets."""
        port = self.s_server("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        willing = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]
        talk = subprocess.run(willing, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=program.TIME_LIMIT)
        self.assertRegex(talk.stdout, r"Protocol *: TLSv1\.1\n")
        status, output, errors = self.wget(f"localhost=127.0.0.1:{port}")
        refused = "localhost: [SSL: TLSV1_ALERT_PROTOCOL_VERSION] tlsv1 alert protocol version\n"
        self.assertEqual((status, output, errors), (1, "", refused))

    def test_certificates_are_checked(self):
        good, itself = self.s_server(), self.s_server(certificate=self.made.make("localhost"))
        for port, host, cafile, expected in (
            (good, "other.test", None, "Hostname mismatch, certificate is not valid for 'other.test'."),
            (good, "127.0.0.2", None, "IP address mismatch, certificate is not valid for '127.0.0.2'."),
            (good, "localhost", f"{self.made.make('nobody')}.crt", "unable to get local issuer certificate"),
            (itself, "localhost", None, "self-signed certificate"),
        ):
            with self.subTest(expected=expected):
                status, output, errors = self.wget(f"{host}=127.0.0.1:{port}", cafile=cafile)
                failure = f"{host}: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {expected}\n"
                self.assertEqual((status, output, errors), (1, "", failure))

    def test_a_server_that_speaks_plain_text(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = program.start("wget_https", f"localhost=127.0.0.1:{listener.getsockname()[1]}")
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"220 welcome\r\n")
                status, output, errors = program.finish(client)
        self.assertEqual((status, output), (1, ""))
        self.assertIn("WRONG_VERSION_NUMBER", errors)

    def test_a_page_that_is_cut_off(self):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.made.server)
        for whole in (True, False):
            with self.subTest(whole=whole), socket.create_server(("127.0.0.1", 0)) as listener:
                target = f"localhost=127.0.0.1:{listener.getsockname()[1]}"
                client = program.start("wget_https", "--cafile", f"{self.made.authority}.crt", target)
                connection, _ = listener.accept()
                with context.wrap_socket(connection, server_side=True) as secured:
                    while not secured.recv(4096).endswith(b"\r\n\r\n"):
                        pass
                    secured.sendall(PAGE if whole else PAGE[:20])
                    if not whole:
                        secured.shutdown(socket.SHUT_WR)  # without a goodbye
                    status, output, errors = program.finish(client)
                if whole:
                    self.assertEqual((status, errors), (0, ""))
                    self.assertIn("localhost header > X-From: python\n", output)
                else:
                    self.assertEqual((status, output), (1, ""))
                    self.assertEqual(errors, "localhost: EOF occurred in violation of protocol\n")

    def test_nginx_and_its_virtual_hosts(self):
        names = ("alpha.test", "beta.test")
        for name in names:
            self.made.signed(name, name, f"DNS:{name}")

        def servers(port, _):
            site = "server {{ listen 127.0.0.1:{port} ssl; server_name {name}; ssl_certificate {chain};"
            site += ' ssl_certificate_key {chain}; location / {{ return 200 "{name}\\n"; }} add_header X-Site {name}; }}\n'
            return "".join(site.format(port=port, name=name, chain=self.folder / f"{name}.pem") for name in names)

        port = nginx.begin(type(self), servers).port
        status, output, errors = self.wget(*(f"{name}=127.0.0.1:{port}" for name in names * 10))
        self.assertEqual((status, errors), (0, ""))
        for name in names:
            self.assertEqual(output.count(f"{name} header > X-Site: {name}\n"), 10)


if __name__ == "__main__":
    program.main()
