# SPDX-License-Identifier: MIT
# S119: readline: partial line at EOF, ValueError over the limit
from prelude import *


def show(*lines):
    print(*(f"b'{line.decode()}'" for line in lines))  # with real line feeds


async def main():
    r = StreamReader(limit=4)
    r.feed_data(b"ab\ntoolongline\nok\n12")
    show(await r.readline())
    try:
        await r.readline()
    except ValueError:
        print("ValueError", end=" ")
        show(await r.readline())
    r.feed_eof()
    show(await r.readline(), await r.readline())


run(main())
