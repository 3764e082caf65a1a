# SPDX-License-Identifier: MIT
"""Echo server in Python: py_echo.py {asyncio|uvloop} {streams|protocol} [CERTIFICATE] PORT"""
import asyncio
import ssl
import sys

loop_name, api, *certificate, port = sys.argv[1:]
if loop_name == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


async def echo(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main():
    where = {"host": "127.0.0.1", "port": int(port), "backlog": 4096}
    if certificate:
        where["ssl"] = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        where["ssl"].load_cert_chain(certificate[0])
    if api == "streams":
        server = await asyncio.start_server(echo, **where)
    else:
        server = await asyncio.get_running_loop().create_server(Echo, **where)
    await server.serve_forever()


asyncio.run(main())
