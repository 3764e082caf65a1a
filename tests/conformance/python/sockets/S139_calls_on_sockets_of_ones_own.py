# SPDX-License-Identifier: MIT
# S139: sock_* methods
from prelude import *


async def main():
    loop = get_running_loop()
    l = socket.create_server(("127.0.0.1", 0))
    l.setblocking(False)
    c = socket.socket()
    c.setblocking(False)
    a = create_task(loop.sock_accept(l))
    await loop.sock_connect(c, l.getsockname())
    p, addr = await a
    print(p.getblocking(), addr == c.getsockname())
    t = create_task(loop.sock_sendall(c, b"z" * 3_000_000))
    n = 0
    buf = bytearray(65536)
    while n < 3_000_000:
        n += await loop.sock_recv_into(p, buf)
    print(await t, n)
    c.close()
    print(await loop.sock_recv(p, 9))
    l.setblocking(True)
    loop.set_debug(True)
    try:
        await loop.sock_accept(l)
    except ValueError as e:
        print(e)
    loop.set_debug(False)
    r, w = await open_connection(sock=p)
    try:
        loop.add_reader(p, print)
    except RuntimeError:
        print("RuntimeError")
    w.close()


run(main())
