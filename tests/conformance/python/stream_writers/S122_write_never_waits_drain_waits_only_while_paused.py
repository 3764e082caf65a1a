# SPDX-License-Identifier: MIT
from prelude import *


async def main():
    got = []

    async def serve(r, w):
        await sleep(0.05)
        got.append(len(await r.read(-1)))
        w.close()

    s = await start_server(serve, sock=small_socket())
    r, w = await connect_small(s)
    other = []
    get_running_loop().call_soon(other.append, 1)
    for _ in range(100):
        w.write(b"x")
        await w.drain()
    print("others ran:", len(other))
    low, high = w.transport.get_write_buffer_limits()
    print((low, high))
    w.write(b"y" * 8_000_000)
    t = create_task(w.drain())
    await sleep(0)
    print("drain waits:", not t.done(), w.transport.get_write_buffer_size() > high)
    await t
    print("resumed at low mark:", w.transport.get_write_buffer_size() <= low)
    w.write_eof()
    await until(lambda: got)
    w.close()
    await w.wait_closed()
    print(got)
    s.close()


run(main())
