# SPDX-License-Identifier: MIT
# S118: readuntil: limit and EOF
from prelude import *


async def main():
    r = StreamReader(limit=8)
    r.feed_data(b"ab|rest")
    print(await r.readuntil(b"|"))
    r.feed_data(b"0123456789")
    try:
        await r.readuntil(b"|")
    except LimitOverrunError as e:
        print(e.consumed, bytes(r._buffer))
    r.feed_data(b"|")
    try:
        await r.readuntil(b"|")
    except LimitOverrunError as e:
        print(e.consumed, len(r._buffer))
    print(await r.readexactly(15))
    r.feed_data(b"tail")
    r.feed_eof()
    try:
        await r.readuntil(b"|")
    except IncompleteReadError as e:
        print(e.partial, e.expected, r._buffer)


run(main())
