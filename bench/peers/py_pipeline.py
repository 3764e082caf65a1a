# SPDX-License-Identifier: MIT
"""Server of Redis commands in Python, a write for each: py_pipeline.py {asyncio|uvloop} PORT"""
import asyncio
import sys

loop_name, port = sys.argv[1:3]
if loop_name == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())

values = {}


def execute(words):
    if words[0] == b"SET" and len(words) == 3:
        values[words[1]] = words[2]
        return b"+OK\r\n"
    if words[0] == b"GET" and len(words) == 2:
        value = values.get(words[1])
        return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)
    return b"+PONG\r\n" if words[0] == b"PING" else b"*0\r\n"


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            words = []
            for _ in range(int(line[1:])):
                size = int((await reader.readline())[1:])
                words.append((await reader.readexactly(size + 2))[:size])
            writer.write(execute(words))
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(port), backlog=4096)
    await server.serve_forever()


asyncio.run(main())
