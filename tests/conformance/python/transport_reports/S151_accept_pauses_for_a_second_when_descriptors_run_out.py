# SPDX-License-Identifier: MIT
from prelude import *


import resource


async def main():
    reports = []
    report()
    handler = get_running_loop().get_exception_handler()

    def kept(loop, context):
        reports.append(context)
        handler(loop, context)

    get_running_loop().set_exception_handler(kept)
    connected = []

    async def serve(r, w):
        connected.append(1)
        w.close()

    s = await start_server(serve, "127.0.0.1", 0, backlog=1)  # before 3.14 one report per place in the backlog
    client = socket.socket()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, before[1]))
    client.connect(s.sockets[0].getsockname())
    start = get_running_loop().time()
    await until(lambda: reports)
    resource.setrlimit(resource.RLIMIT_NOFILE, before)
    for _ in range(20):
        await sleep(0)
    print("before the second is over:", len(connected))
    while not connected:
        await sleep(0.05)
    print("after it:", len(connected), 1 <= get_running_loop().time() - start < 1.2)
    s.close()


run(main())
