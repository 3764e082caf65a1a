# SPDX-License-Identifier: MIT
"""Python's WebSocket servers, which echo: py_websocket.py LIBRARY PORT, where LIBRARY is aiohttp or websockets."""
import asyncio
import sys


def serve_aiohttp(port):
    from aiohttp import WSMsgType, web

    async def echo(request):
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                await socket.send_bytes(message.data)
        return socket

    app = web.Application()
    app.router.add_get("/echo", echo)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


def serve_websockets(port):
    import websockets

    async def echo(socket):
        async for message in socket:
            await socket.send(message)

    async def main():
        async with websockets.serve(echo, "127.0.0.1", port, compression=None):
            await asyncio.Future()

    asyncio.run(main())


{"aiohttp": serve_aiohttp, "websockets": serve_websockets}[sys.argv[1]](int(sys.argv[2]))
