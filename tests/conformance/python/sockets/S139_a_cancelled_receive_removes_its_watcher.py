# SPDX-License-Identifier: MIT
# S139: cancelling a sock_recv removes the watcher; what comes later is for the next one
from prelude import *


async def main():
    loop = get_running_loop()
    a, b = socket.socketpair()
    a.setblocking(False)
    t = create_task(loop.sock_recv(a, 10))
    await sleep(0)
    await sleep(0)
    t.cancel()
    try:
        await t
    except CancelledError:
        print("cancelled")
    print(loop.remove_reader(a))
    b.send(b"later")
    print(await loop.sock_recv(a, 10))
    t = create_task(loop.sock_recv(a, 10))
    order = []
    t.add_done_callback(lambda t: order.append(t.result()))
    loop.call_later(1, b.send, b"x")
    loop.call_later(2, order.append, "two")
    await sleep(3)
    print(text(order))


run(main())
