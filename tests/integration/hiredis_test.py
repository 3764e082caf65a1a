# SPDX-License-Identifier: MIT
"""A foreign library that waits by AsyncFd (hiredis_client.cpp), against a real server."""

import unittest

import program
from real_redis import RealServer

EXPECTED = """\
all replies in order: yes
writing waited: yes, reading waited: yes
epoll_ctl for the waits: 0
in time: no
then: one
0 1 2 3 4 5 6 7 came, cancelled or not
OK; Server closed the connection
"""


class Hiredis(unittest.TestCase):
    def test_waits_by_async_fd(self):
        server = RealServer(self)
        for _ in range(2):
            self.assertEqual(program.run("hiredis_client", str(server.port)), (0, EXPECTED, ""))


if __name__ == "__main__":
    program.main()
