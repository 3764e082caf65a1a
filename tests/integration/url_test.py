# SPDX-License-Identifier: MIT
"""URLs taken apart by aio::http and by yarl, of which both must think the same."""

import random
import subprocess
import unittest

import program

try:
    import yarl
except ImportError:
    yarl = None

TEXTS = 6000
PIECES = (
    "a b Z ~ %7e %2F %2f %25 % %z %41 %c3%a9 %C3 %ff é € 😀 + %2B %20 & %26 = %3D ; %3b : @ %40 ! $ ' ( * , [ ] | ^ \" < { "
    "` . .. - _ / // ./ ../ ? # \u200b"
).split(" ") + [" ", "\xa0"]
HOSTS = "a A.b example.com localhost [::1] [2001:DB8::0:1] 1.2.3.4 bücher.de x_y.z a-b.c xn--bcher-kva.de".split()


def hexadecimal(text):
    return text.encode("utf-8", "surrogateescape").hex()


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def word(self, size, without=""):
        pieces = self.random.choices(PIECES, k=self.random.randint(0, size))
        return "".join(c for c in "".join(pieces) if c not in without)

    def chance(self, share):
        return self.random.random() < share

    def url(self):
        path = self.word(8, "?#")
        if self.chance(0.7):
            scheme = self.random.choice(["http:", "https:", "ws:", "foo:", "HTTP:", ""])
            user = ""
            if self.chance(0.3):
                password = ":" + self.word(3, "/?#[]") if self.chance(0.5) else ""
                user = self.word(3, "/?#[]") + password + "@"
            port = self.random.choice(["", "", "", ":80", ":8080", ":", ":0443"])
            if ".." in path:  # yarl 1.8 has no rule for what is above the root
                path = "/1/2/3/4/5/6/7/8/" + path.removeprefix("/")
            elif path:
                path = "/" + path.removeprefix("/")
            path = scheme + "//" + user + self.random.choice(HOSTS) + port + path
        else:  # yarl takes hosts that are none, and "./" as a part of the path before what looks like a scheme
            while path.strip().startswith(("//", "./")):
                path = path.strip()[1:]
        query = "?" + self.word(8, "#") if self.chance(0.5) else ""
        return path + query + ("#" + self.word(4) if self.chance(0.4) else "")


def fields_of(url):
    """As url_peer.cpp prints them."""
    yield "str", str(url)
    for name in ("scheme", "raw_user", "user", "raw_password", "password", "raw_host", "host", "port", "explicit_port"):
        value = getattr(url, name)
        if value is not None:
            yield name, str(value)
    for name in ("raw_path", "path", "raw_query_string", "query_string"):
        yield name, getattr(url, name)
    for pair in url.query.items():
        yield from (("query", text) for text in pair)
    yield "raw_fragment", url.raw_fragment
    yield "fragment", url.fragment
    yield from (("parts", part) for part in url.parts)
    yield "name", url.name
    yield "suffix", url.suffix
    yield from (("suffixes", suffix) for suffix in url.suffixes)
    yield "human_repr", url.human_repr()
    yield "parent", str(url.parent)
    yield "div", str(url / "x y")
    yield "with_path", str(url.with_path("/x y%"))
    yield "with_query", str(url.with_query([("a b", "é&="), ("n", 1.5)]))
    yield "update_query", str(url.update_query("x=9&z=1"))
    yield "with_fragment", str(url.with_fragment("f f"))


def take_apart(text):
    try:
        return " ".join(f"{name}={hexadecimal(value)}" for name, value in fields_of(yarl.URL(text)))
    except ValueError:
        return "refused"


@unittest.skipUnless(yarl, "yarl is not installed (python3-yarl)")
class Urls(unittest.TestCase):
    def test_both_think_the_same(self):
        maker = Maker(15)
        texts = [maker.url() for _ in range(TEXTS)]
        lines = "".join(hexadecimal(text) + "\n" for text in texts)
        result = subprocess.run(
            [program.examples / "url_peer"], input=lines, capture_output=True, text=True, timeout=program.TIME_LIMIT
        )
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        for text, ours in zip(texts, result.stdout.splitlines(), strict=True):
            self.assertEqual(ours.split(), take_apart(text).split(), ascii(text))


if __name__ == "__main__":
    program.main()
