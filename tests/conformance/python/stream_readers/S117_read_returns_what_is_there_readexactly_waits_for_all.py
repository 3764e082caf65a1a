# SPDX-License-Identifier: MIT
# S117: read(n) returns what is there, readexactly waits for all
from prelude import *


async def main():
    r = StreamReader()
    r.feed_data(b"abcdef")
    print(await r.read(4), await r.read(4), await r.read(0))
    r.feed_data(b"xyz")
    print(await r.readexactly(2), await r.readexactly(0))
    r.feed_eof()
    try:
        await r.readexactly(5)
    except IncompleteReadError as e:
        print(e.partial, e.expected)
    print(await r.read(9), await r.read(-1), r.at_eof())
    try:
        await r.readexactly(-1)
    except ValueError:
        print("ValueError")


run(main())
