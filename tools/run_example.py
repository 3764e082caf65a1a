#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs an example and compares what it prints with its .expected file.

usage: run_example.py EXECUTABLE EXPECTED_FILE

The expected file is the program's standard output, line by line. It may begin with directives:

    # args: one "two words"     arguments, split as a shell would; repeatable
    # env: NAME=VALUE           an environment variable; repeatable
    # stdin: text               one line of standard input; repeatable; none = standard input is empty
    # exit: N                   expected exit status, 0 without this line; -2 means killed by SIGINT
    # stderr                    standard error is compared too, merged into the output as it comes
    # regex                     each line is a regular expression that must match the whole line
    # virtual time              the loop's clock jumps to the next timer, so nothing depends on the machine's speed
    # unordered-lines A-B       lines A to B (from 1, directives not counted) may come in any order
    # timeout: SECONDS          time limit, 20 without this line
    # interrupt-after: LINE     sends SIGINT, as Ctrl-C does, when the program has printed this line
    # note: text                a comment
    # ---                       ends the directives, for output that itself begins with "# "

Exit status: 0 if everything is as expected, 1 if not (with a diff), 2 if the expected file is wrong.
"""

import difflib
import os
import re
import shlex
import signal
import subprocess
import sys
import threading


class Expectation:
    def __init__(self, path):
        self.args, self.env, self.stdin = [], {}, []
        self.exit, self.timeout, self.regex, self.merge_stderr = 0, 20.0, False, False
        self.unordered, self.interrupt_after = [], None
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        count = 0
        while count < len(lines) and lines[count].startswith("# "):
            count += 1
            if lines[count - 1] == "# ---":
                break
            self._directive(lines[count - 1][2:].strip())
        self.lines = lines[count:]
        for first, last in self.unordered:
            if not 1 <= first <= last <= len(self.lines):
                raise ValueError(f"unordered-lines {first}-{last}: there are {len(self.lines)} lines")

    def _directive(self, text):
        key, colon, value = text.partition(":")
        value = value.strip()
        if text == "regex":
            self.regex = True
        elif text == "stderr":
            self.merge_stderr = True
        elif text == "virtual time":
            self.env["AIO_EXAMPLE_VIRTUAL_TIME"] = "1"
        elif match := re.fullmatch(r"unordered-lines:?\s+(\d+)-(\d+)", text):
            self.unordered.append((int(match[1]), int(match[2])))
        elif not colon:
            raise ValueError(f'unknown directive "# {text}"; "# ---" ends the directives')
        elif key == "args":
            self.args += shlex.split(value)
        elif key == "env":
            name, _, setting = value.partition("=")
            self.env[name] = setting
        elif key == "stdin":
            self.stdin.append(value)
        elif key == "exit":
            self.exit = int(value)
        elif key == "timeout":
            self.timeout = float(value)
        elif key == "interrupt-after":
            self.interrupt_after = value
        elif key != "note":
            raise ValueError(f'unknown directive "# {text}"; "# ---" ends the directives')

    def line_matches(self, expected, actual):
        return bool(re.fullmatch(expected, actual)) if self.regex else expected == actual

    def reorder(self, actual):
        """The actual lines with each unordered range put into the expected order as far as it matches."""
        actual = list(actual)
        for first, last in self.unordered:
            wanted, got = self.lines[first - 1 : last], actual[first - 1 : last]
            pairs = self._pair(wanted, got)
            taken = set(pairs.values())
            rest = [line for index, line in enumerate(got) if index not in taken]
            ordered = [got[pairs[index]] if index in pairs else None for index in range(len(wanted))]
            # What matched nothing fills the holes, so that the diff shows it where something is missing.
            actual[first - 1 : last] = [
                line if line is not None else rest.pop(0) for line in ordered if line is not None or rest
            ] + rest
        return actual

    def _pair(self, wanted, got):
        """Largest matching of expected to actual lines; one regex may match several of them."""
        owner = {}

        def place(index, seen):
            for candidate in range(len(got)):
                if candidate in seen or not self.line_matches(wanted[index], got[candidate]):
                    continue
                seen.add(candidate)
                if candidate not in owner or place(owner[candidate], seen):
                    owner[candidate] = index
                    return True
            return False

        for index in range(len(wanted)):
            place(index, set())
        return {index: candidate for candidate, index in owner.items()}

    def diff(self, actual):
        """Empty if the lines are as expected, else a diff."""
        actual = self.reorder(actual)
        if self.regex:  # lines that match their pattern count as equal
            actual = [
                self.lines[index] if index < len(self.lines) and self.line_matches(self.lines[index], line) else line
                for index, line in enumerate(actual)
            ]
        if actual == self.lines:
            return []
        return list(difflib.unified_diff(self.lines, actual, "expected", "printed", lineterm="", n=3))


def interrupt_after(process, line):
    """Sends SIGINT when the process has printed `line`; returns what it printed until then."""
    output = b""
    while chunk := process.stdout.readline():
        output += chunk
        if chunk.decode(errors="replace").rstrip("\n") == line:
            process.send_signal(signal.SIGINT)
            break
    return output


def run(executable, expectation):
    """Returns output, standard error and exit status (None: the time limit passed)."""
    process = subprocess.Popen(
        [executable, *expectation.args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if expectation.merge_stderr else subprocess.PIPE,
        env={**os.environ, **expectation.env},
        bufsize=0,  # so that nothing is lost between readline() and communicate()
        start_new_session=True,
        # A shell that runs us in the background has SIGINT ignored; the example must see Ctrl-C work.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    text = "".join(line + "\n" for line in expectation.stdin).encode()
    first = b""
    if expectation.interrupt_after is not None:
        watchdog = threading.Timer(expectation.timeout, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        first = interrupt_after(process, expectation.interrupt_after)
        watchdog.cancel()
    try:
        output, errors = process.communicate(text, timeout=expectation.timeout)
        status = process.returncode
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # with whatever it started
        output, errors = process.communicate()
        status = None
    output = first + output
    return output.decode(errors="replace"), (errors or b"").decode(errors="replace"), status


def main():
    if len(sys.argv) != 3 or "--help" in sys.argv:
        print(__doc__.strip())
        return 0 if "--help" in sys.argv else 2
    executable, path = sys.argv[1:]
    try:
        expectation = Expectation(path)
    except (ValueError, OSError) as error:
        print(f"{path}: {error}")
        return 2

    output, errors, status = run(executable, expectation)
    complaints = []
    if status is None:
        complaints.append(f"did not end within {expectation.timeout:g} s")
    elif status != expectation.exit:
        complaints.append(f"ended with status {status}, not {expectation.exit}")
    difference = expectation.diff(output.splitlines())
    if difference:
        complaints.append("printed something else")
    if not complaints:
        return 0

    print(f"{os.path.basename(executable)} {shlex.join(expectation.args)}".rstrip() + ": " + " and ".join(complaints))
    print("\n".join(difference))
    if errors:
        print("--- standard error\n" + errors.rstrip())
    print(f"--- {path}")
    return 1


if __name__ == "__main__":
    sys.exit(main())
