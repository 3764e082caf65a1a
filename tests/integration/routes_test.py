# SPDX-License-Identifier: MIT
"""Routes with regular expressions, of which aio::http and Python's re must think the same."""

import random
import re
import subprocess
import unittest
import urllib.parse
import warnings

import program

ROUTES = 4000
PATHS = 6  # to each
ATOMS = (
    r"a b ab [ab] [^a] [^/] . \d \w \s \D \W \S \. \- é [é-ü] (?:a|b) (?:a|ab|b) (?:ab?) (?:|a) (a*) (?:^) [a\d] [^\W\d_] "
    r"[]a] (?:\b) (?:\B) (?:$) (?:\Z) \x61 \u00e9 / a|b a|ab (a|) .* [^/]* (?:.*a) ^ \b"
).split(" ")
REPEATS = ["", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{,2}", "{2,}", "{0,2}?"]
NOISE = "ab.^$|()[]*+?\\-dwsé1"
LETTERS = [*"aaabbb1_-éüZ/ .\n€"]
# What only Python has (from 3.11 on: a*+), and what is refused in routes.
ONLY_PYTHON = re.compile(r"\(\?[^:]|[*+?}]\+|\\[1-9]|\\[AaNUu]")


def hexadecimal(text):
    return text.encode().hex()


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pattern(self):
        if self.random.random() < 0.1:
            return "".join(self.random.choices(NOISE, k=self.random.randint(1, 6)))
        parts = (self.random.choice(ATOMS) + self.random.choice(REPEATS) for _ in range(self.random.randint(1, 4)))
        return "".join(parts)

    def route(self):
        """The route's path, the expression that says the same, and the patterns of its variables."""
        route = expression = "/"
        patterns = []
        for number in range(self.random.randint(1, 2)):
            name = f"v{number}"
            if self.random.random() < 0.3:
                route, expression = f"{route}{{{name}}}", f"{expression}(?P<{name}>[^{{}}/]+)"
            else:
                pattern = self.pattern()
                patterns.append(pattern)
                route, expression = f"{route}{{{name}:{pattern}}}", f"{expression}(?P<{name}>{pattern})"
            text = self.random.choice(["", "", "", "/", "a", "é"])
            route, expression = route + text, expression + re.escape(text)
        return route, expression, patterns

    def path(self):
        return "/" + "".join(self.random.choices(LETTERS, k=self.random.randint(0, 5)))


def expected(expression, patterns, path):
    try:
        for pattern in patterns:  # each by itself: "[a" takes what follows into its set
            re.compile(pattern)
        found = re.fullmatch(expression, path)
    except re.error:
        return "refused"
    if not found:
        return "none"
    return "".join("=" + hexadecimal(value) for value in found.groupdict().values())


class Routes(unittest.TestCase):
    def test_both_think_the_same(self):
        maker = Maker(15)
        cases = []
        while len(cases) < ROUTES * PATHS:
            route, expression, patterns = maker.route()
            if not ONLY_PYTHON.search(expression.replace("(?P<", "(?:<")):
                cases += [(route, expression, patterns, maker.path()) for _ in range(PATHS)]
        lines = "".join(
            f"{hexadecimal(route)} {hexadecimal(urllib.parse.quote(path))}\n" for route, _, _, path in cases
        )
        result = subprocess.run(
            [program.examples / "routes_peer"], input=lines, capture_output=True, text=True, timeout=program.TIME_LIMIT
        )
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        warnings.simplefilter("ignore", FutureWarning)  # of sets that may get another meaning
        kinds = {"refused": 0, "none": 0}
        for (route, expression, patterns, path), ours in zip(cases, result.stdout.splitlines(), strict=True):
            theirs = expected(expression, patterns, path)
            self.assertEqual(ours, theirs, f"{route!a} {path!a}")
            kinds[theirs if theirs in kinds else "found"] = kinds.get(theirs if theirs in kinds else "found", 0) + 1
        self.assertGreater(min(kinds["refused"], kinds["none"], kinds["found"]), len(cases) // 50, kinds)


if __name__ == "__main__":
    program.main()
