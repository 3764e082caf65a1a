# SPDX-License-Identifier: MIT
from prelude import *


since(3, 12, 1)  # before, it returned at once


async def main():
    begun = []

    async def serve(r, w):
        begun.append(1)
        await r.read()
        w.close()

    s = await start_server(serve, "127.0.0.1", 0)
    r, w = await connect_to(s)
    await until(lambda: begun)
    s.close()
    waits = create_task(s.wait_closed())
    await sleep(0.05)
    print("returned with a client connected" if waits.done() else "waits for client")
    w.close()
    await waits
    print("closed")


run(main())
