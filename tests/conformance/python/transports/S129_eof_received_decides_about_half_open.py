# SPDX-License-Identifier: MIT
from prelude import *


class P(asyncio.Protocol):
    def __init__(s, keep):
        s.keep = keep

    def connection_made(s, t):
        s.t = t

    def eof_received(s):
        get_running_loop().call_later(0.02, s.answer)
        return s.keep

    def answer(s):
        if not s.t.is_closing():
            s.t.write(b"answer")
            s.t.close()


async def main():
    for keep in (True, None):
        s = await get_running_loop().create_server(lambda: P(keep), "127.0.0.1", 0)
        r, w = await connect_to(s)
        w.write_eof()
        print(keep, await r.read())
        w.close()
        s.close()


run(main())
