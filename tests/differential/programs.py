# SPDX-License-Identifier: MIT
"""The programs of the differential test: nested lists of words, and their text.

A program is the list of the statements of its main task. A statement is a list: its name, then words and
lists of statements. As text, (sleep 3) is ["sleep", "3"]; one program is one line.
"""


def render(node):
    return node if isinstance(node, str) else "(" + " ".join(render(item) for item in node) + ")"


def parse(text):
    stack = [[]]
    for token in text.replace("(", " ( ").replace(")", " ) ").split():
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    [program] = stack[0]
    return program


def pretty(node, indent=0):
    """For people: a line per statement."""
    if isinstance(node, str) or all(isinstance(item, str) for item in node):
        return " " * indent + render(node)
    words = [item for item in node if isinstance(item, str)]
    lines = [" " * indent + "(" + " ".join(words)]
    lines += [pretty(item, indent + 2) for item in node if not isinstance(item, str)]
    return "\n".join(lines) + ")"


def smaller(node):
    """The programs that one deletion makes: of a statement, or of a statement around its body."""
    for index, item in enumerate(node):
        if isinstance(item, str):
            continue
        yield node[:index] + node[index + 1 :]
        for inner in item:
            if not isinstance(inner, str):  # hoists what is inside
                yield node[:index] + [inner] + node[index + 1 :]
        for replacement in smaller(item):
            yield node[:index] + [replacement] + node[index + 1 :]
