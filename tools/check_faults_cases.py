# SPDX-License-Identifier: MIT
"""Cases for check_faults.py: pages that must pass and pages that must not."""

import doc_proofs

SECTIONS = (("Loop", 3), ("UDP", 4))
TESTS = {
    "tests/task/sleep_test.cpp": {"SleepTest.Waits", "SleepTest.Ends"},
    "tests/integration/wget_test.py": {"test_names"},
    "tests/integration/old_test.py": None,
}
SLEEPS = "`tests/task/sleep_test.cpp: SleepTest.Waits`<br>`tests/task/sleep_test.cpp: SleepTest.Ends`"

GOOD = [
    f"| F1 | timer lost when a `Task` is cancelled | {SLEEPS} |",
    "| F2 | names forgotten | `tests/integration/wget_test.py: test_names`<br>`tests/integration/wget_test.py` |",
    "| F3 | double free | cannot happen: there is one owner |",
    "## UDP",
    "| F4 | empty datagram lost | later: datagrams |",
    "## Attacks on HTTP",
    "| attack | proof |",
    f"| a second Host | {SLEEPS} |",
]

# (which row of GOOD is replaced, by what, a part of the message)
BAD = [
    (7, "| a second Host | of course |", "attack: neither a test nor a reason"),
    (7, "| a second Host | `tests/task/sleep_test.cpp: SleepTest.None` |", "there is no test SleepTest.None"),
    (7, "| F5 | a second Host | later: datagrams |", "has 4 cells"),
    (1, "", "missing under 'Loop': F2"),
    (3, "", "missing under 'UDP': F4"),
    (4, "", "missing under 'UDP': F4"),
    (1, GOOD[1] + "\n" + GOOD[1], "F2 is there twice"),
    (0, GOOD[1] + "\n" + GOOD[0], "F1 comes after F2"),
    (2, GOOD[2] + "\n" + GOOD[4], "missing under 'UDP': F4"),
    (4, GOOD[4] + "\n| F5 | one too many | later: datagrams |", "F5 is not known"),
    (1, GOOD[1].replace("F2", "F02"), "'F02' is no number"),
    (1, GOOD[1].replace("F2", "S2"), "'S2' is no number"),
    (0, GOOD[0].replace("SleepTest.Ends", "SleepTest.Begins"), "F1: there is no test SleepTest.Begins"),
    (1, GOOD[1].replace(": test_names", ": test_manes"), "F2: there is no test test_manes"),
    (1, GOOD[1].replace("wget_test", "old_test"), "does not run it"),
    (1, GOOD[1].replace("integration", "interaction"), "there is no tests/interaction/wget_test.py"),
    (2, GOOD[2].replace("cannot happen: there is one owner", ""), "F3: neither a test nor a reason"),
    (2, GOOD[2].replace("cannot happen: there", "there"), "F3: neither a test nor a reason"),
    (2, GOOD[2].replace("there is one owner", ""), "F3: neither a test nor a reason"),
    (2, GOOD[2].replace("cannot happen:", f"{SLEEPS}"), "F3: neither a test nor a reason: there is one owner"),
    (2, GOOD[2].replace("double free", ""), "F3: 0 words; say it in 1 to 12"),
    (2, GOOD[2].replace("double free", "double free " * 7), "F3: 14 words"),
    (2, "| F3 | later: datagrams |", "F3: has 2 cells"),
]


def page(rows):
    return "# Faults\n\n## Loop\n\n| id | fault | proof |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def run(check):
    return doc_proofs.run_cases(lambda rows: check(page(rows), TESTS, SECTIONS), GOOD, BAD)
