# SPDX-License-Identifier: MIT
import tempfile

from prelude import *


async def main():
    loop = get_running_loop()
    r, w = os.pipe()
    rd = StreamReader()
    await loop.connect_read_pipe(lambda: StreamReaderProtocol(rd), os.fdopen(r, "rb"))
    t, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(w, "wb"))
    t.write(b"hi\n")
    print(await rd.readline())
    t.close()
    print(await rd.read())
    try:
        await loop.connect_read_pipe(asyncio.Protocol, tempfile.TemporaryFile())
    except ValueError:
        print("ValueError")


run(main())
