# SPDX-License-Identifier: MIT
# S133: datagrams keep their bounds, their errors do not end the endpoint
from prelude import *


class D(asyncio.DatagramProtocol):
    def datagram_received(s, d, a): print("got", d)
    def error_received(s, e): print("error", type(e).__name__)
    def connection_lost(s, e): print("lost", e)


async def main():
    loop = get_running_loop()
    t, p = await loop.create_datagram_endpoint(D, local_addr=("127.0.0.1", 0))
    a = t.get_extra_info("sockname")
    c, q = await loop.create_datagram_endpoint(D, remote_addr=a)
    c.sendto(b"one")
    c.sendto(b"two")
    await sleep(.02)
    try:
        c.sendto(b"x", ("127.0.0.1", 9))
    except ValueError:
        print("ValueError")
    t.close()
    await sleep(.01)
    c.sendto(b"three")
    await sleep(.02)
    c.sendto(b"four")
    await sleep(.02)
    c.close()
    await sleep(.01)


run(main())
