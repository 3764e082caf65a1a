# SPDX-License-Identifier: MIT
from prelude import *


class B(asyncio.BufferedProtocol):
    def __init__(s):
        s.b = bytearray(4)

    def get_buffer(s, hint):
        return s.b

    def buffer_updated(s, n):
        print(n, bytes(s.b[:n]))

    def eof_received(s):
        print("eof")


async def main():
    s = await get_running_loop().create_server(B, "127.0.0.1", 0)
    r, w = await connect_to(s)
    w.write(b"abcdef")
    w.write_eof()
    await r.read()
    w.close()
    s.close()


run(main())
