# SPDX-License-Identifier: MIT
"""Cases for check_parity.py: pages that must pass and pages that must not."""

LISTED = """
# Sleeping
sleep(delay, result)
__aenter__ / __aexit__
a | b

# Waking
wake()
"""

DECLARED = {"sleep", "Event", "set", "aenter"}
TESTS = {("tests/task/sleep_test.cpp", "SleepTest.Waits"), ("tests/sync/event_test.cpp", "EventTest.Wakes")}

GOOD = [
    "| sleep(delay, result) | `sleep(delay, result)` | `tests/task/sleep_test.cpp: SleepTest.Waits` |",
    "| `__aenter__ / __aexit__` | - | not in C++: no syntax |",
    r"| a \| b | `Event.set(std::move(x))` with `co_await` | later: sync |",
    "## Waking",
    "| wake() | `Event().set(now())` | `tests/sync/event_test.cpp: EventTest.Wakes`<br>"
    "`tests/task/sleep_test.cpp: SleepTest.Waits` |",
]

# (which row of GOOD is replaced, by what, a part of the message)
BAD = [
    (0, "", "missing under 'Sleeping': sleep(delay, result)"),
    (3, "", "missing under 'Waking': wake()"),
    (4, "", "missing under 'Waking': wake()"),
    (4, GOOD[4] + "\n" + GOOD[4], "is there twice"),
    (4, "| wake() | `Event` | later: sync |\n| wave() | `Event` | later: sync |", "'wave()' is not in the list"),
    (0, GOOD[0].replace("SleepTest.Waits", "SleepTest.Wits"), "there is no test SleepTest.Wits"),
    (0, GOOD[0].replace("tests/task", "tests/sync"), "there is no test SleepTest.Waits in tests/sync"),
    (0, GOOD[0].replace("`sleep(delay", "`slumber(delay"), "no public header has 'slumber'"),
    (4, GOOD[4].replace(".set(", ".unset("), "no public header has 'unset'"),
    (0, "| sleep(delay, result) | `sleep(delay)` |  |", "neither a test nor a reason"),
    (0, "| sleep(delay, result) | `sleep(delay)` | soon |", "neither a test nor a reason"),
    (0, "| sleep(delay, result) | `sleep(delay)` | later: |", "neither a test nor a reason"),
    (0, GOOD[0].replace("Waits` |", "Waits` and later: more |"), "neither a test nor a reason"),
    (0, "| sleep(delay, result) | `sleep(delay)` |", "has 2 cells"),
    (0, "| sleep(delay, result) | - | `tests/task/sleep_test.cpp: SleepTest.Waits` |", "no C++ spelling"),
]


def page(rows):
    return "# Parity\n\n## Sleeping\n\n| Python | C++ | Proof |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def run(check):
    """Prints what goes against the cases; exit status 1 if anything does."""
    failures = 0
    found = check(page(GOOD), LISTED, DECLARED, TESTS)
    if found:
        failures += 1
        print(f"must pass, found {found}")
    for index, row, message in BAD:
        rows = [row if place == index else good for place, good in enumerate(GOOD)]
        found = check(page(rows), LISTED, DECLARED, TESTS)
        if not any(message in problem for problem in found):
            failures += 1
            print(f"must fail with '{message}', found {found or 'nothing'}: {row}")
    print(f"self-test: {len(BAD) + 1} cases, {failures} failures")
    return 1 if failures else 0
