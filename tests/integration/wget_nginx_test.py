# SPDX-License-Identifier: MIT
"""The wget example against a real nginx with three virtual hosts."""

import unittest

import nginx
import program

SITES = ("alpha", "beta", "gamma")

SITE = """
    server {{
        listen 127.0.0.1:{port};
        server_name {name}.test;
        add_header X-Site {name} always;
        location = / {{ return 200 "{name}\\n"; }}
        location / {{ return 404 "nothing here\\n"; }}
    }}
"""


def servers(port, _):
    default = f'    server {{ listen 127.0.0.1:{port} default_server; return 421 "no such site\\n"; }}\n'
    return default + "".join(SITE.format(name=name, port=port) for name in SITES)


class WgetAgainstNginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = nginx.begin(cls, servers)

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
