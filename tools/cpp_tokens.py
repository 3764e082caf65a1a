# SPDX-License-Identifier: MIT
"""Just enough C++ parsing for the checks: comments and strings removed, tokens nested by their brackets, and each
pair of braces told apart as a block (statements, a class, a lambda's body) or an initialiser."""

import re

# In this order: a quote inside a number (1'000) or a raw string must not begin a character or a string.
LITERALS = re.compile(
    r"""//[^\n]*(?:\\\n[^\n]*)*            # comments
      | /\*.*?\*/
      | (?:u8|[uUL])?R"(?P<end>[^(\s]*)\(.*?\)(?P=end)"
      | "(?:\\.|[^"\\\n])*"
      | \b\d[\w.']*                        # numbers stay
      | (?:\bu8|\b[uUL])?'(?:\\.|[^'\\\n])+'
    """,
    re.S | re.X,
)
PREPROCESSOR = re.compile(r"^[ \t]*#[^\n]*(?:\\\n[^\n]*)*", re.M)
TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|::|->|&&|\|\||<=>|[=!<>+\-*/%&|^]=|\S")
CLOSING = {"(": ")", "[": "]", "{": "}"}
KEYWORDS_BEFORE_OPERAND = {"return", "co_return", "co_await", "co_yield", "case", "else", "throw", "do", "in"}
BEFORE_BLOCK = {"else", "do", "try", "const", "noexcept", "override", "final", "mutable", "requires"}
DECLARE_BLOCK = {"class", "struct", "union", "enum", "namespace", "extern"}


class Token:
    is_block = False
    is_lambda = False

    def __init__(self, text, line):
        self.text, self.line = text, line

    @property
    def is_name(self):
        return bool(re.match(r"[A-Za-z_]", self.text))


class Group(Token):
    """A pair of brackets with what is between them; `text` is the opening one."""

    def __init__(self, text, line):
        super().__init__(text, line)
        self.children = []

    is_name = False


def strip(source):
    """Blanks comments, preprocessor lines and the insides of literals; line numbers stay right."""

    def blank(match):
        text = match[0]
        if text[0].isdigit():
            return text
        lines = "\n" * text.count("\n")
        return lines if text.startswith("/") else '""' + lines

    return PREPROCESSOR.sub(lambda match: "\n" * match[0].count("\n"), LITERALS.sub(blank, source))


def parse(source):
    """The source as a list of tokens and groups."""
    top = Group("", 1)
    top.is_block = True
    stack = [top]
    line, last = 1, 0
    text = strip(source)
    for match in TOKEN.finditer(text):
        line += text.count("\n", last, match.start())
        last = match.start()
        word = match[0]
        if word in CLOSING:
            group = Group(word, line)
            stack[-1].children.append(group)
            stack.append(group)
        elif word in ")]}":
            # Branches of #if may leave brackets unbalanced; close up to the one that fits, if any.
            fitting = [i for i in range(1, len(stack)) if CLOSING[stack[i].text] == word]
            if fitting:
                del stack[fitting[-1] :]
        else:
            stack[-1].children.append(Token(word, line))
    classify(top)
    return top.children


def classify(parent):
    """Sets is_lambda of brackets and is_block of braces, from the outside in."""
    nodes = parent.children
    for index, node in enumerate(nodes):
        if node.text == "[" and isinstance(node, Group):
            mark_lambda(nodes, index)
    for index, node in enumerate(nodes):
        if not isinstance(node, Group):
            continue
        if node.text == "{" and not node.is_block:
            node.is_block = is_block(parent, index)
        classify(node)


def mark_lambda(nodes, index):
    node = nodes[index]
    before = nodes[index - 1] if index else None
    if node.children and node.children[0].text == "[":
        return  # an attribute
    if before is not None:
        subscript = before.text in ("(", "[", '"', "{") or before.text.isdigit()
        name = before.is_name and before.text not in KEYWORDS_BEFORE_OPERAND
        binding = before.text in ("&", "&&") and index >= 2 and nodes[index - 2].text == "auto"
        if subscript or name or binding:
            return
    for following in nodes[index + 1 :]:
        if following.text == "{":
            node.is_lambda = True
            following.is_block = True
            return
        if following.text in (";", ",", "=", "?"):
            return


def is_block(parent, index):
    """Whether the brace at `index` holds statements or declarations rather than initialisers."""
    nodes = parent.children
    if any(child.text == ";" for child in nodes[index].children):
        return True
    before = nodes[index - 1] if index else None
    if before is None or before.text in (";", ":") or before.is_block:
        return parent.is_block
    if isinstance(before, Group):
        return before.text in ("(", "{")  # after a parameter list; after `: member{1}`
    if before.text in BEFORE_BLOCK:
        return True
    # `class X : Y {`, `namespace a::b {`, `auto f() -> T {`: look at how the statement begins.
    start = index
    while start > 0 and nodes[start - 1].text != ";" and not nodes[start - 1].is_block:
        start -= 1
    words = [node.text for node in nodes[start:index]]
    if "=" in words or "return" in words:
        return False
    returns = any(words[i] == "->" and i and words[i - 1] == "(" for i in range(len(words)))
    return returns or any(word in DECLARE_BLOCK for word in words)
