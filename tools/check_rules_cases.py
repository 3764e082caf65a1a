# SPDX-License-Identifier: MIT
"""Cases for check_rules.py: pages that must pass and pages that must not."""

import doc_proofs

TEXTS = [
    ("aio/loop.hpp", "/// First in, first out (S1); see S40 to S120. Not rules: AS1, S1a, S0, CSS3, S1234, s5."),
    ("tests/loop_test.cpp", "TEST_F(Conformance, S01_call_soon_is_fifo) {}\nTEST_F(Conformance, S07_cancel) {}"),
]
TESTS = {
    "tests/loop_test.cpp": {"Conformance.S01_call_soon_is_fifo", "Conformance.S07_cancel"},
    "tests/integration/wget_test.py": {"test_order"},
}

GOOD = [
    "| S1 | Callbacks run in the order of `call_soon`. | `tests/loop_test.cpp: Conformance.S01_call_soon_is_fifo` |",
    "| S7 | A handle can be cancelled up to the call. | `tests/loop_test.cpp: Conformance.S07_cancel` |",
    "| S40 | Answers keep their order. | `tests/integration/wget_test.py: test_order` |",
    "## Datagrams",
    "| S120 | Datagrams keep their bounds. | later: datagrams |",
]

# (which row of GOOD is replaced, by what, a part of the message)
BAD = [
    (0, "", "aio/loop.hpp names S1, which docs/rules.md does not explain"),
    (1, "", "tests/loop_test.cpp names S7, which docs/rules.md does not explain"),
    (4, "", "names S120, which"),
    (1, GOOD[1] + "\n| S8 | Something. | later: soon |", "docs/rules.md explains S8, which nobody names"),
    (1, GOOD[1] + "\n" + GOOD[1], "S7 is there twice"),
    (0, GOOD[1] + "\n" + GOOD[0], "S1 comes after S7"),
    (1, GOOD[1].replace("| S7", "| S07"), "'S07' is no number"),
    (1, GOOD[1].replace("S07_cancel", "S07_cancels"), "S7: there is no test Conformance.S07_cancels"),
    (1, GOOD[1].replace("tests/loop", "tests/pool"), "S7: there is no tests/pool_test.cpp"),
    (2, GOOD[2].replace("test_order", "test_disorder"), "S40: there is no test test_disorder"),
    (4, GOOD[4].replace("later: datagrams", ""), "S120: neither a test nor a reason"),
    (4, GOOD[4].replace("later: datagrams", "later:"), "S120: neither a test nor a reason"),
    (4, GOOD[4].replace("later", "cannot happen"), "S120: neither a test nor a reason"),
    (4, GOOD[4].replace("Datagrams keep their bounds.", ""), "S120: 0 words"),
    (4, GOOD[4].replace("Datagrams keep", "Datagrams" + " always" * 20 + " keep"), "S120: 24 words; say it in 1 to 20"),
    (4, GOOD[4].replace("| later: datagrams ", ""), "S120: has 2 cells"),
]


def page(rows):
    return "# Rules\n\n## Loop\n\n| rule | what it says | tests |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def run(check, named_numbers):
    named = named_numbers(TEXTS)
    return doc_proofs.run_cases(lambda rows: check(page(rows), named, TESTS), GOOD, BAD)
