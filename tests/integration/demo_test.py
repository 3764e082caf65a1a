# SPDX-License-Identifier: MIT
"""The demonstration: a hundred answers in the time of one, and a clean end by Ctrl-C at any moment."""

import re
import signal
import time
import unittest

import program

SERVER_DELAY = 0.5  # seconds that the demonstration's server takes for each answer

# Seconds after the start, and after the first line it prints. It takes about half a second in all.
AFTER_START = (0, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03)
AFTER_FIRST_LINE = (0, 0.001, 0.003, 0.01, 0.05, 0.25, 0.45, 0.48, 0.5, 0.51, 0.52, 0.55)


class Demo(unittest.TestCase):
    def test_a_hundred_answers_in_half_a_second(self):
        for attempt in range(3):  # a machine that is busy for a moment is no failure
            status, output, errors = program.run("demo")
            self.assertEqual((status, errors), (0, ""), output)
            summary = re.search(r"^100 answers with status 200 in ([\d.]+) s, from 1 thread;", output, re.M)
            self.assertTrue(summary, output)
            seconds = float(summary[1])
            self.assertGreaterEqual(seconds, 0.5)
            self.assertIn("\nNext:\n", output)
            self.assertRegex(output, r"GET / +200 OK: <h1>Hello from aio</h1>\n")
            for number in (1, 2, 3):
                self.assertRegex(output, rf"GET /hello/client-{number} +200 OK: hello, client-{number}!\n")
            if seconds <= 2:
                return
        self.fail(f"{seconds} s, three times in a row")

    def interrupted(self, process, reports=r""):
        status, output, errors = program.finish(process)
        self.assertRegex(errors, rf"\A(?:{reports})*\Z", output)
        # It may have ended before the signal came.
        self.assertIn(status, (-signal.SIGINT, 0), output)
        if status == 0:
            self.assertIn("100 answers", output)
        return status

    def test_ctrl_c_at_any_moment(self):
        for delay in AFTER_START:
            with self.subTest(after_start=delay):
                process = program.start("demo")
                time.sleep(delay)
                process.send_signal(signal.SIGINT)
                self.interrupted(process)
        for delay in AFTER_FIRST_LINE:
            with self.subTest(after_first_line=delay):
                started = time.monotonic()
                process = program.start("demo")
                first = process.stdout.readline()
                self.assertIn(b"server", first)
                time.sleep(delay)
                process.send_signal(signal.SIGINT)
                sent_in_time = time.monotonic() - started < SERVER_DELAY
                status = self.interrupted(process)
                if sent_in_time:  # no answer could be there yet
                    self.assertEqual(status, -signal.SIGINT)

    # As in asyncio the second one ends the clean-up, and the tasks that are left are reported.
    def test_ctrl_c_twice(self):
        unfinished = r"ERROR aio: Task was destroyed but it is pending!\ntask: <Task .*>\n"
        for pause in (0, 0.0005, 0.002, 0.01):
            with self.subTest(pause=pause):
                process = program.start("demo")
                process.stdout.readline()
                process.send_signal(signal.SIGINT)
                time.sleep(pause)
                process.send_signal(signal.SIGINT)
                self.interrupted(process, unfinished)


if __name__ == "__main__":
    program.main()
