#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Finds coroutines that are kept longer than what they refer to (docs/footguns.md, "A coroutine keeps references").

usage: aio-check-captures FILE_OR_FOLDER...
       tools/check_captures.py [--self-test] [FILE_OR_FOLDER...]      (in aio's repository)

Of a folder it reads all C++ sources and, in Markdown documents, the C++ blocks that are not marked as wrong.

  lambda     a coroutine lambda with captures that is called where it stands, without being awaited there: the captures
             are the lambda's, which is gone at the end of the statement
  temporary  a temporary given to a coroutine's parameter that is a reference or a view, where the call is not awaited in
             the same expression. Known are the coroutines that the file, or a "file" that it includes, declares

It reads the shape of the code, not its types; where it cannot tell it says nothing. A line that is known to be right says
so: `// captures-ok: reason`.
"""

import re
import sys
from pathlib import Path

import cpp_tokens
from check_gcc12 import run_check, split, type_before, walk
from cpp_tokens import Group

COROUTINES = {"Coro", "AsyncGenerator", "Generator"}
KEYWORDS = {"co_await", "co_return", "co_yield"}
# What runs its coroutine to the end within the expression.
RUNNERS = {"run", "run_until_complete", "run_and_close"}
UNEVALUATED = {"decltype", "sizeof", "noexcept", "requires", "static_assert"}
VIEWS = {"string_view", "span", "BytesView"}
# Calls that give an object, which a view may refer to.
OWNERS = set(
    "string to_string substr str format vector array map set unordered_map unordered_set make_shared make_unique".split()
)
ADVICE = {
    "lambda": "its captures are gone when this statement ends: create_task(lambda, arguments...), or name the lambda and keep it",
    "temporary": "it is gone when this statement ends: create_task(function, arguments...), or await the call in this expression",
}


class Parameter:
    """What a coroutine keeps of an argument."""

    def __init__(self, nodes):
        words = [node.text for node in until(nodes, "=")]
        outer = "".join(words)
        while re.search(r"<[^<>]*>", outer):
            outer = re.sub(r"<[^<>]*>", "", outer)
        self.is_reference = "&&" in outer or ("&" in outer and "const" in words)
        self.is_view = not self.is_reference and bool(VIEWS & set(words))
        self.of_text = "string" in words
        self.is_pack = "." in words


def until(nodes, text):
    return split(nodes, text)[0]


def closing_angle(nodes, index):
    """The index of the `>` that fits nodes[index], a `<`; None if there is none."""
    depth = 0
    for position in range(index, len(nodes)):
        depth += {"<": 1, ">": -1}.get(nodes[position].text, 0)
        if depth == 0:
            return position
    return None


def parameters_of(group):
    """The parameters between the brackets; commas in template lists are none of theirs."""
    parts, depth = [[]], 0
    for node in group.children:
        depth += {"<": 1, ">": -1}.get(node.text, 0)
        if node.text == "," and depth == 0:
            parts.append([])
        else:
            parts[-1].append(node)
    return [Parameter(part) for part in parts if part]


def is_coroutine_body(block):
    return any(node.text in KEYWORDS for node in walk(block.children, into_blocks=True))


def lambda_at(nodes, index):
    """(parameters, whether it is a coroutine, the index of its body) of the lambda at nodes[index]."""
    parameters, returns = None, []
    for position in range(index + 1, len(nodes)):
        node = nodes[position]
        if node.is_block:
            is_coroutine = any(word.text in COROUTINES for word in returns) and is_coroutine_body(node)
            return parameters, is_coroutine, position
        if node.text == "(" and parameters is None:
            parameters = node
        returns.append(node)
    return None, False, index


def declared_in(nodes, found):
    """Adds {name: [parameters]} of every coroutine that is declared in the code, of named lambdas too."""
    for index, node in enumerate(nodes):
        if isinstance(node, Group):
            declared_in(node.children, found)
        if node.is_lambda and index >= 2 and nodes[index - 1].text == "=" and nodes[index - 2].is_name:
            parameters, is_coroutine, _ = lambda_at(nodes, index)
            if is_coroutine:
                found.setdefault(nodes[index - 2].text, []).append(parameters_of(parameters) if parameters else [])
        if node.text not in COROUTINES or index + 1 >= len(nodes) or nodes[index + 1].text != "<":
            continue
        end = closing_angle(nodes, index + 1)
        position = end + 1 if end else len(nodes)
        while position + 2 < len(nodes) and nodes[position + 1].text == "::":
            position += 2
        if position + 1 >= len(nodes) or not nodes[position].is_name or nodes[position + 1].text != "(":
            continue
        body = next((after for after in nodes[position + 2 :] if after.is_block or after.text == ";"), None)
        if body is None or not body.is_block or is_coroutine_body(body):
            found.setdefault(nodes[position].text, []).append(parameters_of(nodes[position + 1]))


def is_temporary(argument, parameter):
    """Whether the argument is an object that nobody keeps, and the parameter refers to it."""
    if not argument or not (parameter.is_reference or parameter.is_view) or parameter.is_pack:
        return False
    words = [node.text for node in argument]
    if words == ['"', '"', "s"]:
        return True
    if words == ['"', '"']:
        return parameter.is_reference and parameter.of_text
    if "+" in words and ('"' in words or "string" in words or "to_string" in words):
        return True
    if argument[0].text in ("*", "&") or any(word in ("?", "+", "-", "[") for word in words[1:]):
        return False
    if len(words) == 1 and (words[0].isdigit() or words[0] == "{"):
        return parameter.is_reference
    last = argument[-1]
    if argument[0].is_lambda and last.is_block:
        return parameter.is_reference
    if last.text not in ("(", "{") or last.is_block:
        return False
    name = type_before(argument, len(argument) - 1) or ""
    return name in OWNERS or (parameter.is_reference and name[:1].isupper() and not name.isupper())


class Checker:
    def __init__(self, coroutines):
        self.coroutines = coroutines
        self.findings = []  # (line, kind)

    def block(self, nodes):
        statement = []
        for node in nodes:
            if node.text == ";" or (node.is_block and not self.goes_on(statement)):
                self.statement(statement)
                statement = []
                if node.is_block:
                    self.block(node.children)
            else:
                statement.append(node)
        self.statement(statement)

    @staticmethod
    def goes_on(statement):
        """Whether a block is the body of a lambda, so that the statement goes on behind it."""
        return any(node.is_lambda for node in statement) and not any(node.is_block for node in statement[-1:])

    def statement(self, nodes):
        for node in walk(nodes, into_blocks=True):
            if node.is_block:
                self.block(node.children)
        self.level(nodes, False, keeps=False)

    def level(self, nodes, awaited, keeps):
        """`awaited`: what stands here is used up within the expression; `keeps`: its value goes somewhere."""
        used = awaited
        for index, node in enumerate(nodes):
            if node.text in ("co_await", "co_yield"):
                used = True
            elif node.text in (",", "?", ":", "="):
                used = awaited
            if node.text in ("=", "return", "co_return"):
                keeps = True
            if node.is_block or not isinstance(node, Group):
                continue
            kept = keeps and not used and not followed_by_use(nodes, index)
            if node.is_lambda:
                self.called_lambda(nodes, index, keeps and not used)
            elif node.text == "(" and kept:
                self.call(nodes, index)
            before = nodes[index - 1] if index else None
            name = type_before(nodes, index) if before is not None else None
            if name in UNEVALUATED or (before is not None and before.text == ">" and nodes[index - 2].text == "void"):
                continue
            is_call = name is not None and name not in ("if", "while", "for", "switch")
            self.level(node.children, used or name in RUNNERS or followed_by_use(nodes, index), keeps or is_call)

    def called_lambda(self, nodes, index, kept):
        _, is_coroutine, body = lambda_at(nodes, index)
        called = is_coroutine and body + 1 < len(nodes) and nodes[body + 1].text == "("
        if called and kept and nodes[index].children and not followed_by_use(nodes, body + 1):
            self.findings.append((nodes[index].line, "lambda"))

    def call(self, nodes, index):
        name = nodes[index - 1] if index else None
        declarations = self.coroutines.get(name.text, []) if name is not None else []
        if not declarations or (index >= 2 and nodes[index - 2].text in (">", "auto")):  # a declaration itself
            return
        arguments = split(nodes[index].children, ",")
        fitting = [parameters for parameters in declarations if len(parameters) >= len(arguments)]
        if not fitting:
            return
        for position, argument in enumerate(arguments):
            if all(is_temporary(argument, parameters[position]) for parameters in fitting):
                self.findings.append((name.line, "temporary"))
                return


def followed_by_use(nodes, index):
    """`f(x).close()`, `run_coroutine_threadsafe(f(x), loop).result()`: used within the expression."""
    return index + 2 < len(nodes) and nodes[index + 1].text in (".", "->") and nodes[index + 2].is_name


def findings_in(source, includes=()):
    """(line, kind) of each finding in C++ source, without those that are marked as fine."""
    coroutines = {}
    nodes = cpp_tokens.parse(source)
    declared_in(nodes, coroutines)
    for text in includes:
        declared_in(cpp_tokens.parse(text), coroutines)
    checker = Checker(coroutines)
    checker.block(nodes)
    lines = source.splitlines()

    def marked(number):
        above = lines[number - 2].strip() if number > 1 else ""
        return bool(re.search(r"//\s*captures-ok:\s*\S", lines[number - 1]) or re.match(r"//\s*captures-ok:\s*\S", above))

    return sorted({finding for finding in checker.findings if not marked(finding[0])})


def included(path, text):
    """The texts of the files that are included by quotes and stand beside the file."""
    for name in re.findall(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', text, re.M):
        file = path.parent / name
        if file.is_file():
            yield file.read_text(encoding="utf-8", errors="replace")


def main(project=None):
    def self_test():
        import check_captures_cases

        return check_captures_cases.run(findings_in)

    def findings(path, text, source):
        return [(line, f"{kind}: {ADVICE[kind]}") for line, kind in findings_in(source, included(path, text))]

    return run_check(__doc__, self_test, findings, project)


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
