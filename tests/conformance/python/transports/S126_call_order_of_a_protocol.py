# SPDX-License-Identifier: MIT
from prelude import *


class P(asyncio.Protocol):
    def connection_made(s, t):
        s.t = t
        print("made")

    def data_received(s, d):
        print("data", d)
        s.t.close()
        s.t.close()
        print("closing", s.t.is_closing())

    def eof_received(s):
        print("eof")

    def connection_lost(s, e):
        print("lost", e)
        done.set()


async def main():
    global done
    done = Event()
    s = await get_running_loop().create_server(P, "127.0.0.1", 0)
    r, w = await connect_to(s)
    w.write(b"1")
    await done.wait()
    w.close()
    s.close()
    await s.wait_closed()


run(main())
