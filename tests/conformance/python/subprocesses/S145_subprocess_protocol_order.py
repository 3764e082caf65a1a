# SPDX-License-Identifier: MIT
from prelude import *


class Log(asyncio.SubprocessProtocol):
    def __init__(s):
        s.log = []
        s.done = get_running_loop().create_future()

    def connection_made(s, t):
        s.log.append(b"made %d" % (t.get_pid() > 0))

    def pipe_data_received(s, fd, d):
        s.log.append(b"%d " % fd + d)

    def pipe_connection_lost(s, fd, e):
        s.log.append(b"%d closed" % fd)

    def process_exited(s):
        s.log.append(b"exited")

    def connection_lost(s, e):
        s.log.append(b"lost")
        s.done.set_result(0)


async def main():
    loop = get_running_loop()
    t, s = await loop.subprocess_shell(Log, "echo a; read line; echo b >&2", stdin=asyncio.subprocess.PIPE)
    await until(lambda: b"1 a\n" in s.log)
    t.get_pipe_transport(0).write(b"go\n")
    await s.done
    print(s.log[0].decode(), s.log[1], s.log[-1].decode())
    print(b"2 b\n" in s.log, b"exited" in s.log, t.get_returncode())
    print(*(b"%d closed" % fd in s.log for fd in range(3)))


run(main())
