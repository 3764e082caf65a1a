# SPDX-License-Identifier: MIT
from prelude import *


class P(asyncio.Protocol):
    transport = None
    seen = False

    def connection_made(s, t):
        P.transport = t

    def data_received(s, d):
        print("data", d)
        P.seen = True


async def main():
    s = await get_running_loop().create_server(P, "127.0.0.1", 0)
    r, w = await connect_to(s)
    await until(lambda: P.transport)
    P.transport.pause_reading()
    P.transport.pause_reading()
    w.write(b"1")
    await sleep(0.02)
    print("paused", P.transport.is_reading())
    P.transport.resume_reading()
    P.transport.resume_reading()
    await until(lambda: P.seen)
    await sleep(0.02)
    w.close()
    s.close()


run(main())
