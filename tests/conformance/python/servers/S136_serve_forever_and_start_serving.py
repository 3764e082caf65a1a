# SPDX-License-Identifier: MIT
# S136: serve_forever, start_serving
from prelude import *


async def main():
    async def serve(r, w):
        w.close()

    s = await start_server(serve, "127.0.0.1", 0, start_serving=False)
    print(s.is_serving())
    t = create_task(s.serve_forever())
    await sleep(0.01)
    print(s.is_serving())
    try:
        await s.serve_forever()
    except RuntimeError:
        print("RuntimeError")
    t.cancel()
    await wait([t])
    print(t.cancelled(), s.is_serving())


run(main())
