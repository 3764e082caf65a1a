# SPDX-License-Identifier: MIT
# S121: Read back-pressure: pause above twice the limit, resume at the limit
from prelude import *


class T:

    def pause_reading(s):
        print("pause")

    def resume_reading(s):
        print("resume")


async def main():
    r = StreamReader(limit=10)
    r.set_transport(T())
    r.feed_data(b"x" * 20)
    print("at 20")
    r.feed_data(b"x")
    print("at 21")
    await r.readexactly(10)
    print("at 11")
    await r.readexactly(1)
    print("at 10")


run(main())
