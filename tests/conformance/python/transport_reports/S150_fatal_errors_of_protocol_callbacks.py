# SPDX-License-Identifier: MIT
from prelude import *


class FailsIn(asyncio.BufferedProtocol):
    def __init__(s, place):
        s.place, s.lost = place, False

    def get_buffer(s, hint):
        if s.place == "get_buffer":
            raise ValueError
        return bytearray(0 if s.place == "empty buffer" else 16)

    def buffer_updated(s, n):
        if s.place == "buffer_updated":
            raise ValueError

    def eof_received(s):
        if s.place == "eof_received":
            raise ValueError

    def connection_lost(s, e):
        s.lost = True


async def main():
    report()
    for place in ("get_buffer", "empty buffer", "buffer_updated", "eof_received"):
        ours, theirs = socket.socketpair()
        t, p = await get_running_loop().create_connection(lambda: FailsIn(place), sock=ours)
        theirs.send(b"x")
        theirs.close()
        await until(lambda: p.lost)


run(main())
