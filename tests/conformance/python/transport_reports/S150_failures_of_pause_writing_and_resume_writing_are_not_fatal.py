# SPDX-License-Identifier: MIT
from prelude import *


class FailsIn(asyncio.Protocol):
    def __init__(s, place):
        s.place = place

    def pause_writing(s):
        if s.place == "pause_writing":
            raise ValueError

    def resume_writing(s):
        if s.place == "resume_writing":
            raise ValueError


async def main():
    report()
    for place in ("pause_writing", "resume_writing"):
        ours, theirs = socket.socketpair()
        theirs.setblocking(False)
        t, p = await get_running_loop().create_connection(lambda: FailsIn(place), sock=ours)
        while t.get_write_buffer_size() < 100_000:
            t.write(b"x" * 50_000)
        while t.get_write_buffer_size() > 0:
            try:
                theirs.recv(1 << 20)
            except BlockingIOError:
                pass
            await sleep(0)
        print(t.is_closing())
        t.close()


run(main())
