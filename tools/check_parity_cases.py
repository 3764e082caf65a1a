# SPDX-License-Identifier: MIT
"""Cases for check_parity.py: pages that must pass and pages that must not."""

import tempfile
from pathlib import Path

import doc_proofs

LISTED = """
# Sleeping
sleep(delay, result)
__aenter__ / __aexit__
a | b

# Waking
wake()
wake(n)

# Many
1
2
3
4
5
6
"""

DECLARED = {"sleep", "Event", "set", "aenter"}

# A tree of tests: how they are found is a part of what is tested.
FILES = {
    "tests/task/sleep_test.cpp": "TEST_F(SleepTest, Waits) {}\n// TEST(SleepTest, Dreams) {}\n",
    "tests/sync/event_test.cpp": "TEST(EventTest,\n     Wakes) {}\n",
    "tests/integration/CMakeLists.txt": """
        foreach(name IN ITEMS curl wget)  # commented_test.py
            add_test(NAME ${name} COMMAND Python3::Interpreter "${CMAKE_CURRENT_SOURCE_DIR}/${name}_test.py")
        endforeach()
        add_test(NAME one COMMAND Python3::Interpreter "${CMAKE_CURRENT_SOURCE_DIR}/one_test.py")
        # add_test(NAME old COMMAND Python3::Interpreter "${CMAKE_CURRENT_SOURCE_DIR}/old_test.py")
        """,
    "tests/integration/wget_test.py": "class Wget:\n    def test_names(self):\n        pass\n",
    "tests/integration/one_test.py": "async def test_main():\n    pass\n",
    "tests/integration/old_test.py": "def test_main():\n    pass\n",
    "tests/lost_test.py": "def test_main():\n    pass\n",
}

SLEEPS = "`tests/task/sleep_test.cpp: SleepTest.Waits`"
WAKES = "`tests/sync/event_test.cpp: EventTest.Wakes`"
SCRIPT = "`tests/integration/wget_test.py`"
NAMES = "`tests/integration/wget_test.py: test_names`"

GOOD = [
    f"| sleep(delay, result) | `sleep(delay, result)` | {SLEEPS} |",
    "| `__aenter__ / __aexit__` | - | not in C++: no syntax |",
    r"| a \| b | `Event.set(std::move(x))` with `co_await` | later: sync |",
    "## Waking",
    f"| wake() | `Event().set(now())` | {WAKES}<br>{SLEEPS} |",
    f"| wake(n) | `Event` | {NAMES}<br>{SCRIPT}<br>`tests/integration/one_test.py: test_main` |",
    "## Many",
    *(f"| {number} | `Event` | {WAKES if number < 5 else NAMES} |" for number in range(1, 7)),
]

# (which row of GOOD is replaced, by what, a part of the message)
BAD = [
    (0, "", "missing under 'Sleeping': sleep(delay, result)"),
    (3, "", "missing under 'Waking': wake()"),
    (4, "", "missing under 'Waking': wake()"),
    (4, GOOD[4] + "\n" + GOOD[4], "is there twice"),
    (4, "| wake() | `Event` | later: sync |\n| wave() | `Event` | later: sync |", "'wave()' is not in the list"),
    (0, GOOD[0].replace("SleepTest.Waits", "SleepTest.Wits"), "there is no test SleepTest.Wits"),
    (0, GOOD[0].replace("SleepTest.Waits", "SleepTest.Dreams"), "there is no test SleepTest.Dreams"),
    (0, GOOD[0].replace("SleepTest.Waits", "EventTest.Wakes"), "there is no test EventTest.Wakes in tests/task"),
    (0, GOOD[0].replace("tests/task", "tests/sync"), "there is no tests/sync/sleep_test.cpp"),
    (0, GOOD[0].replace(": SleepTest.Waits", ""), "names no test of tests/task/sleep_test.cpp"),
    (0, GOOD[0].replace("`sleep(delay", "`slumber(delay"), "no public header has 'slumber'"),
    (4, GOOD[4].replace(".set(", ".unset("), "no public header has 'unset'"),
    (0, "| sleep(delay, result) | `sleep(delay)` |  |", "neither a test nor a reason"),
    (0, "| sleep(delay, result) | `sleep(delay)` | soon |", "neither a test nor a reason"),
    (0, "| sleep(delay, result) | `sleep(delay)` | later: |", "neither a test nor a reason"),
    (0, "| sleep(delay, result) | `sleep(delay)` | cannot happen: x |", "neither a test nor a reason"),
    (0, GOOD[0].replace("Waits` |", "Waits` and later: more |"), "neither a test nor a reason"),
    (0, "| sleep(delay, result) | `sleep(delay)` |", "has 2 cells"),
    (0, f"| sleep(delay, result) | - | {SLEEPS} |", "no C++ spelling"),
    (0, f"| sleep(delay, result) | - | {SCRIPT} |", "no C++ spelling"),
    (5, GOOD[5].replace("test_names", "test_manes"), "there is no test test_manes in tests/integration/wget_test.py"),
    (5, GOOD[5].replace("wget_test", "curl_test"), "there is no tests/integration/curl_test.py"),
    (5, GOOD[5].replace("one_test", "old_test"), "the CMakeLists.txt beside tests/integration/old_test.py"),
    (5, GOOD[5].replace("integration/wget", "lost"), "the CMakeLists.txt beside tests/lost_test.py"),
    (11, GOOD[11].replace(NAMES, WAKES), "EventTest.Wakes is to prove 6 rows, at most 5: wake(); 1; 2; 3; 4; 5"),
    (11, GOOD[11].replace(NAMES, f"{WAKES}<br>{SLEEPS}"), "event_test.cpp: EventTest.Wakes is to prove 6 rows"),
]


def page(rows):
    return "# Parity\n\n## Sleeping\n\n| Python | C++ | Proof |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def run(check):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        tests = doc_proofs.existing_tests(Path(folder))
    return doc_proofs.run_cases(lambda rows: check(page(rows), LISTED, DECLARED, tests), GOOD, BAD)
