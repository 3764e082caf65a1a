# SPDX-License-Identifier: MIT
# S120: One reader at a time; EOF and errors wake it
from prelude import *


async def main():
    r = StreamReader()
    t = create_task(r.read(1))
    await sleep(0)
    try:
        await r.readline()
    except RuntimeError as e:
        print("RuntimeError")
    r.set_exception(ConnectionResetError("gone"))
    for c in (t, r.read(1)):
        try:
            await c
        except ConnectionResetError as e:
            print(e)
    q = StreamReader()
    q.feed_data(b"a\nb\nc")
    q.feed_eof()
    print(text([f"b'{line.decode()}'" async for line in q]))  # with real line feeds


run(main())
