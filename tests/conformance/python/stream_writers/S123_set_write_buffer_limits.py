# SPDX-License-Identifier: MIT
from prelude import *


async def main():
    async def serve(r, w):
        await r.read()
        w.close()

    s = await start_server(serve, "127.0.0.1", 0)
    r, w = await connect_to(s)
    t = w.transport
    print(t.get_write_buffer_limits())
    for limits in (dict(high=1000), dict(low=50), dict(high=0), dict(high=10, low=20)):
        try:
            t.set_write_buffer_limits(**limits)
            print(t.get_write_buffer_limits())
        except ValueError:
            print("ValueError")
    w.close()
    await w.wait_closed()
    s.close()


run(main())
