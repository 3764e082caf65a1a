# SPDX-License-Identifier: MIT
"""The chat_server example with clients that talk, idle, vanish, send too much or do not read."""

import signal
import unittest

import program

# Nothing that is checked here may be cut off because the machine is slow.
PATIENT = ("--hang-up", str(program.TIME_LIMIT))
ASKED = "* what is your name?\n"


class Person:
    """A client; with a name it has joined when it is made."""

    def __init__(self, server, name=None, receive_buffer=None):
        self.connection = server.connect(receive_buffer)
        self.lines = self.connection.makefile("r", encoding="utf-8", newline="\n")
        self.expect(ASKED)
        if name:
            self.say(name)
            self.expect(f"* you are {name}; /help tells what you can do\n")

    def say(self, *lines):
        self.connection.sendall("".join(line + "\n" for line in lines).encode())

    def hears(self):
        return self.lines.readline()

    def expect(self, *lines):
        for line in lines:
            heard = self.hears()
            if heard != line:
                raise AssertionError(f"heard {heard!r} instead of {line!r}")

    def leave(self, end):
        """Closes it by end(connection)."""
        self.lines.close()
        end(self.connection)


class ChatTest(unittest.TestCase):
    def serve(self, *arguments):
        self.server = program.Served(self, "chat_server", *arguments, *PATIENT)

    def person(self, name=None, **options):
        person = Person(self.server, name, **options)
        self.addCleanup(person.leave, lambda connection: connection.close())
        return person


class Talking(ChatTest):
    def test_conversation(self):
        self.serve()
        ada = self.person("Ada")
        bob = self.person("Bob")
        ada.expect("* Bob has joined\n")
        eve = self.person("Eve")
        for one in ada, bob:
            one.expect("* Eve has joined\n")
        ada.say("hello", "", "grüß dich")
        for one in bob, eve:
            one.expect("<Ada> hello\n", "<Ada> grüß dich\n")
        bob.say("/msg Eve  a secret", "/msg Nobody hello", "/msg Eve", "/who", "/what")
        eve.expect("<Bob to you> a secret\n")
        bob.expect("* there is no Nobody\n", "* /msg needs a text\n", "* Ada Bob Eve\n")
        self.assertIn("/nick NAME", bob.hears())
        bob.say("/nick Eve", "/nick Robert", "hello")
        bob.expect("* Eve is taken; another one?\n", "* you are Robert; /help tells what you can do\n")
        for one in ada, eve:
            one.expect("* Bob is now Robert\n", "<Robert> hello\n")
        eve.say("/quit")
        eve.expect("* goodbye: quit\n", "")
        for one in ada, bob:
            one.expect("* Eve has left: quit\n")
        bob.connection.sendall(b"no newline")
        bob.connection.shutdown(program.socket.SHUT_WR)
        ada.expect("<Robert> no newline\n", "* Robert has left: connection closed\n")
        bob.expect("* goodbye: connection closed\n", "")
        self.person("Bob")  # names are free again

    def test_names(self):
        self.serve()
        ada = self.person("Ada")
        other = self.person()
        for wrong in ("", "two words", "x" * 17, "/quit", "a\tb", "ä"):
            other.say(wrong)
            other.expect("* a name has 1 to 16 letters and digits; another one?\n")
        other.say("Ada")
        other.expect("* Ada is taken; another one?\n")
        ada.say("nobody hears this", "/who")
        ada.expect("* Ada\n")
        other.say("x" * 16)
        other.expect(f"* you are {'x' * 16}; /help tells what you can do\n")

    def test_what_is_no_text_is_not_passed_on(self):
        self.serve()
        ada = self.person("Ada")
        bob = self.person("Bob")
        bob.say("\x1b[2J\x07\x00\x7f!\r")
        ada.expect("* Bob has joined\n", "<Bob> ?[2J???!\n")

    def test_many_lines_at_once_disturb_nobody(self):
        self.serve()
        ada = self.person("Ada")
        bob = self.person("Bob")
        ada.expect("* Bob has joined\n")
        for _ in range(5):
            bob.say(*map(str, range(90)))
            ada.expect(*(f"<Bob> {i}\n" for i in range(90)))

    def test_too_long_a_line(self):
        self.serve()
        ada = self.person("Ada")
        for size in (1025, 100_000):  # the second goes on after the server has had enough
            bob = self.person("Bob")
            bob.say("x" * 900, "x" * size)
            bob.expect("* goodbye: too long a line\n", "")
            ada.expect("* Bob has joined\n", f"<Bob> {'x' * 900}\n", "* Bob has left: too long a line\n")

    def test_idle(self):
        self.serve("--idle", "0.2")
        silent = self.person()
        silent.expect("* goodbye: idle for too long\n", "")
        half = Person(self.server)
        half.connection.sendall(b"Ada")  # a line that does not end is no sign of life
        half.expect("* goodbye: idle for too long\n", "")
        half.leave(program.reset)

    def test_clients_that_vanish(self):
        self.serve()
        ada = self.person("Ada")
        for end in (program.reset, lambda connection: connection.close()):
            Person(self.server).leave(end)
            bob = Person(self.server, "Bob")
            ada.expect("* Bob has joined\n")
            bob.connection.sendall(b"half a li")
            bob.leave(end)
            ends = []
            while not (line := ada.hears()).startswith("* Bob has left: "):
                ends.append(line)
            self.assertIn(ends, ([], ["<Bob> half a li\n"]))
            self.assertIn(line[16:], ("connection lost\n", "connection closed\n"))

    def test_number_of_clients(self):
        self.serve("--clients", "1")
        ada = self.person("Ada")
        self.assertEqual(program.receive_all(self.server.connect()), "* too many clients, try again later\n")
        ada.say("/quit")
        ada.expect("* goodbye: quit\n", "")
        ada.leave(lambda connection: connection.close())
        program.wait_until(lambda: self.server.connect().recv(3) == b"* w")


class SlowReaders(ChatTest):
    AUTHOR = "Ada"
    LINES = 50  # at once: half of what may wait for one client

    def fill(self, author, reader, slow_name):
        """One speaks and another reads, until the slow one is dismissed. Gives how many lines it took."""
        text = "x" * 900
        count = 0
        while True:
            author.say(*[text] * self.LINES)
            for i in range(self.LINES):
                heard = reader.hears()
                if heard == f"* {slow_name} has left: reads too slowly\n":
                    reader.expect(*[f"<{self.AUTHOR}> {text}\n"] * (self.LINES - i))
                    return count
                self.assertEqual(heard, f"<{self.AUTHOR}> {text}\n")
                count += 1

    def test_who_does_not_read_has_to_go_and_hears_why(self):
        self.serve()
        ada = self.person("Ada")
        bob = self.person("Bob")
        slow = self.person("Slow", receive_buffer=4096)
        bob.expect("* Slow has joined\n")
        at_least = self.fill(ada, bob, "Slow") - self.LINES
        count = 0
        while (line := slow.hears()).startswith("<Ada> xxx"):
            count += 1
        self.assertEqual(line, "* goodbye: reads too slowly\n")
        self.assertGreaterEqual(count, at_least)  # all that was said until then
        slow.expect("")
        bob.say("still here")
        ada.expect("* Bob has joined\n", "* Slow has joined\n", "* Slow has left: reads too slowly\n")
        ada.expect("<Bob> still here\n")

    def test_who_never_reads_does_not_hold_up_the_end(self):
        self.server = program.Served(self, "chat_server", "--hang-up", "0.2")
        ada = self.person("Ada")
        bob = self.person("Bob")
        self.person("Slow", receive_buffer=4096)
        bob.expect("* Slow has joined\n")
        self.fill(ada, bob, "Slow")
        self.server.stop()


class End(ChatTest):
    def test_everybody_is_told(self):
        for stop in (signal.SIGTERM, signal.SIGINT):
            self.serve()
            ada = self.person("Ada")
            nameless = self.person()
            half = self.person("Half")
            half.connection.sendall(b"half a li")
            ada.expect("* Half has joined\n")
            process, self.server.process = self.server.process, None
            process.send_signal(stop)
            for one in ada, nameless, half:
                one.expect("* goodbye: the server ends\n", "")
            with self.assertRaises(ConnectionRefusedError):
                self.server.connect()
            for one in ada, nameless, half:
                one.leave(lambda connection: connection.close())
            self.assertEqual(program.finish(process), (0, "", ""))

    def test_who_stays_is_cut_off(self):
        self.server = program.Served(self, "chat_server", "--hang-up", "0.2")
        ada = self.person("Ada")
        self.server.stop()
        ada.expect("* goodbye: the server ends\n")

    def test_a_second_signal_does_not_wait(self):
        self.serve()
        ada = self.person("Ada")
        process, self.server.process = self.server.process, None
        process.send_signal(signal.SIGINT)
        ada.expect("* goodbye: the server ends\n")
        process.send_signal(signal.SIGINT)
        status, output, errors = program.finish(process)
        self.assertEqual((status, output), (-signal.SIGINT, ""), errors)

class Arguments(unittest.TestCase):
    def test_wrong_ones(self):
        usage = "usage: chat_server [--clients 1000] [--hang-up 2] [--idle 300] [--port 8888]\n"
        expected = (2, "", f"chat_server: unknown argument --indle\n{usage}")
        self.assertEqual(program.run("chat_server", "--indle", "3"), expected)
        expected = (1, "", "chat_server: port must be 0-65535, not 65536\n")
        self.assertEqual(program.run("chat_server", "--port", "65536"), expected)


if __name__ == "__main__":
    program.main()
